"""`/v1/Services/{IS}/Users/{identity}/Bindings`: the same bindings, seen from their user."""

from typing import Final

from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.forms import read_span
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify import bindings
from mockserver.edge.notify.shared import (
    FOLDER,
    USER,
    Document,
    ask,
    find_service,
    find_user,
    listed,
    read,
    reply,
    user_path,
)
from mockserver.world.notify.bindings import Bindings
from mockserver.world.notify.users import Users

KIND: Final = "UserBinding"


async def create(call: Call) -> Reply:
    """Make a binding of a user, or change the one that it replaces."""
    service, user = _owner(call)
    form = {**read(call, "CreateUserBinding", KIND), "Identity": user.identity}
    return reply(201, render(call, await Bindings(call.sandbox, service).create(form, KIND)))


async def list_(call: Call) -> Reply:
    """The user's bindings, newest first, a page at a time."""
    service, user = _owner(call)
    asked = ask(call, "ListUserBinding", KIND)
    first, last = read_span(asked.filters, KIND)
    found = Bindings(call.sandbox, service).page(
        asked.page,
        (user.identity,),
        asked.filters.get("Tag", ()),
        lambda each: first <= each.created_at <= last,
    )
    path = f"{user_path(service.sid, user.identity)}/Bindings"
    return listed(call, path, "bindings", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One of the user's bindings."""
    service, user = _owner(call)
    return reply(200, render(call, _find(call, service, user)))


async def delete(call: Call) -> Reply:
    """Forget one of the user's bindings."""
    service, user = _owner(call)
    await Bindings(call.sandbox, service).delete(_find(call, service, user))
    return Reply(204)


ROOT: Final = f"{USER}/Bindings"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/UserBinding"

ROUTES: Final = (
    Route("POST", ROOT, "CreateUserBinding", create, schema=SCHEMA),
    Route("GET", ROOT, "ListUserBinding", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchUserBinding", fetch, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteUserBinding", delete),
)


def _owner(call: Call) -> tuple[NotifyService, User]:
    """The service and the user that the path names, or 20404."""
    service = find_service(call)
    return service, find_user(call, Users(call.sandbox, service))


def _find(call: Call, service: NotifyService, user: User) -> Binding:
    """The user's binding that the path names, or 20404."""
    binding = Bindings(call.sandbox, service).table.find(call.params["Sid"])
    if binding is None or binding.identity != user.identity:
        raise call.missing()
    return binding


def render(call: Call, binding: Binding) -> Document:
    """A binding whose address is below its user's."""
    user = f"{call.base_url}{user_path(binding.service_sid, binding.identity)}"
    return {**bindings.render(call, binding), "url": f"{user}/Bindings/{binding.sid}"}
