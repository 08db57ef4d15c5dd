"""events.twilio.com: a module per resource."""

from typing import Final

from mockserver.domain.errors import METHOD_NOT_ALLOWED, Problem
from mockserver.domain.events.problems import NOT_ALLOWED
from mockserver.edge.events import schemas, sinks, subscribed_events, subscriptions, types
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

MODULES: Final = (types, schemas, sinks, subscriptions, subscribed_events)
"""Each with its `ROUTES`."""


def _not_allowed(path: str) -> Problem:
    """Types and schemas have a code of their own."""
    return NOT_ALLOWED if path.startswith((types.ROOT, schemas.ROOT)) else METHOD_NOT_ALLOWED


PRODUCT = Product(
    "events",
    "v1",
    Router([route for module in MODULES for route in module.ROUTES]),
    not_allowed=_not_allowed,
)
"""Every operation of this host that is served; a path may end in `.json`, as old clients write."""
