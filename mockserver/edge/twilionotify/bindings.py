"""`createBinding`, `deleteBinding`, `getBinding`, `listBinding`."""

from typing import Final

from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.forms import check_tags, read_span
from mockserver.domain.paging import Page, read_page
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.listing import meta_envelope
from mockserver.edge.twilionotify.answers import (
    Document,
    answered,
    date,
    find_service,
    fragment,
    missing,
    nil,
    notify_url,
    operation,
)
from mockserver.edge.twilionotify.arguments import Arguments, checked_by_notify
from mockserver.world.notify.bindings import Bindings

KIND: Final = "Binding"
BELOW: Final = "Bindings"


async def create(call: Call, arguments: Arguments) -> Reply:
    """Make a binding, or change the one that it replaces."""
    bindings = Bindings(call.sandbox, find_service(call, arguments, BELOW))
    form = checked_by_notify(arguments, "CreateBinding", KIND)
    return answered(call, render(call, await bindings.create(form)))


async def delete(call: Call, arguments: Arguments) -> Reply:
    """Forget a binding; nil."""
    bindings, binding = _find(call, arguments)
    await bindings.delete(binding)
    return nil()


async def get(call: Call, arguments: Arguments) -> Reply:
    """One binding."""
    _, binding = _find(call, arguments)
    return answered(call, render(call, binding))


async def list_(call: Call, arguments: Arguments) -> Reply:
    """A page of the bindings that fit, newest first."""
    service = find_service(call, arguments, BELOW)
    filters = checked_by_notify(arguments, "ListBinding", KIND)
    check_tags(KIND, filters.get("Tag", ()), call.sandbox.rules.options.notify_tags)
    number, size, token = (str(filters.pop(e, "")) for e in ("Page", "PageSize", "PageToken"))
    ask = read_page(number, size, token, None)
    first, last = read_span(filters, KIND)
    found, more = Bindings(call.sandbox, service).page(
        ask,
        filters.get("Identity", ()),
        filters.get("Tag", ()),
        lambda each: first <= each.created_at <= last,
    )
    page = Page(
        notify_url(call, service.sid, BELOW), _echoed(filters), ask, [e.sid for e in found], more
    )
    return Reply(
        200, meta_envelope(page, "bindings", [fragment(call, render(call, e)) for e in found])
    )


FILTERS: Final = ("StartDate", "EndDate", "Tag", "Identity")
"""In the order in which Notify's addresses have them."""


def _echoed(filters: Document) -> list[tuple[str, str]]:
    return [
        (name, text)
        for name in FILTERS
        if name in filters
        for text in ([filters[name]] if isinstance(filters[name], str) else filters[name])
    ]


def _find(call: Call, arguments: Arguments) -> tuple[Bindings, Binding]:
    """The binding that is named, among its service's; or Notify's 20404."""
    below = f"{BELOW}/{arguments['BindingSid']}"
    service = find_service(call, arguments, below)
    bindings = Bindings(call.sandbox, service)
    binding = bindings.table.find(arguments["BindingSid"])
    if binding is None:
        raise missing(service.sid, below)
    return bindings, binding


ROUTES: Final = (
    operation("createBinding", create, KIND),
    operation("deleteBinding", delete),
    operation("getBinding", get, KIND),
    operation("listBinding", list_, KIND),
)


# Rendering


def render(call: Call, binding: Binding) -> Document:
    """The members of the module's table, in its order."""
    return {
        "sid": binding.sid,
        "url": notify_url(call, binding.service_sid, f"{BELOW}/{binding.sid}"),
        "tags": list(binding.tags),
        "address": binding.address,
        "endpoint": binding.endpoint,
        "identity": binding.identity,
        "account_sid": binding.account_sid,
        "service_sid": binding.service_sid,
        "binding_type": binding.binding_type,
        "date_created": date(call, binding.created_at),
        "date_updated": date(call, binding.updated_at),
        "credential_sid": binding.credential_sid or None,
        "notification_protocol_version": binding.notification_protocol_version,
    }
