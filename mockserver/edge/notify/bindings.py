"""`/v1/Services/{IS}/Bindings`: addresses of identities; routes, handlers and rendering."""

from typing import Final

from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.forms import read_span
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify.shared import (
    FOLDER,
    SERVICE,
    SERVICES,
    Document,
    ask,
    date,
    find_service,
    listed,
    read,
    reply,
    user_path,
)
from mockserver.world.notify.bindings import Bindings

KIND: Final = "Binding"


async def create(call: Call) -> Reply:
    """Make a binding, or change the one that it replaces: 201 in both cases."""
    bindings = Bindings(call.sandbox, find_service(call))
    form = read(call, "CreateBinding", KIND)
    return reply(201, render(call, await bindings.create(form)))


async def list_(call: Call) -> Reply:
    """The service's bindings, newest first, a page at a time."""
    service = find_service(call)
    asked = ask(call, "ListBinding", KIND)
    first, last = read_span(asked.filters, KIND)
    found = Bindings(call.sandbox, service).page(
        asked.page,
        asked.filters.get("Identity", ()),
        asked.filters.get("Tag", ()),
        lambda each: first <= each.created_at <= last,
    )
    return listed(call, f"{SERVICES}/{service.sid}/Bindings", "bindings", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One binding."""
    return reply(200, render(call, _find(call, Bindings(call.sandbox, find_service(call)))))


async def delete(call: Call) -> Reply:
    """Forget a binding; its user stays."""
    bindings = Bindings(call.sandbox, find_service(call))
    await bindings.delete(_find(call, bindings))
    return Reply(204)


ROOT: Final = f"{SERVICE}/Bindings"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/Binding"

ROUTES: Final = (
    Route("POST", ROOT, "CreateBinding", create, schema=SCHEMA),
    Route("GET", ROOT, "ListBinding", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchBinding", fetch, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteBinding", delete),
)


def _find(call: Call, bindings: Bindings) -> Binding:
    """The binding that the path names, or 20404."""
    binding = bindings.table.find(call.params["Sid"])
    if binding is None:
        raise call.missing()
    return binding


# Rendering


def render(call: Call, binding: Binding) -> Document:
    """A binding in the key order of the published description's example."""
    user = f"{call.base_url}{user_path(binding.service_sid, binding.identity)}"
    return {
        "account_sid": binding.account_sid,
        "address": binding.address,
        "binding_type": binding.binding_type,
        "credential_sid": binding.credential_sid or None,
        "date_created": date(binding.created_at),
        "date_updated": date(binding.updated_at),
        "endpoint": binding.endpoint,
        "identity": binding.identity,
        "notification_protocol_version": binding.notification_protocol_version,
        "service_sid": binding.service_sid,
        "sid": binding.sid,
        "tags": list(binding.tags),
        "links": {"user": user},
        "url": f"{call.base_url}{SERVICES}/{binding.service_sid}/Bindings/{binding.sid}",
    }
