"""comms.twilio.com, the Communications API: a module per resource."""

from typing import Final

from msgspec.structs import replace

from mockserver.edge.comms import (
    message_list,
    message_operations,
    messages,
    sender_pool_operations,
    sender_pool_senders,
    sender_pools,
    senders,
)
from mockserver.edge.comms.answers import refusal
from mockserver.edge.comms.asking import reads_query, without_query
from mockserver.edge.http.call import Route
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

MODULES: Final = (
    messages,
    message_list,
    message_operations,
    senders,
    sender_pools,
    sender_pool_senders,
    sender_pool_operations,
)
"""Each with its `ROUTES`."""


def _asked(route: Route) -> Route:
    """A route that says what it makes of its query, though it reads none."""
    if reads_query(route):
        return route
    return replace(route, handler=without_query(route.handler))


PRODUCT = Product(
    "comms",
    "v1",
    Router(
        [_asked(route) for module in MODULES for route in module.ROUTES],
        suffix="",
        any_case=True,
        aliases={"preview": "v1"},
    ),
    refusal=refusal,
    json=True,
)
"""Every operation of this host that is served."""
