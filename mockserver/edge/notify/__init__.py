"""notify.twilio.com: a module per resource.

Users, their bindings and segments are no longer described by Twilio, but services still name them.
"""

from typing import Final

from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router
from mockserver.edge.notify import (
    bindings,
    credentials,
    notifications,
    segment_memberships,
    segments,
    services,
    user_bindings,
    users,
)
from mockserver.edge.notify.refusals import refusal

MODULES: Final = (
    notifications,
    bindings,
    services,
    credentials,
    users,
    user_bindings,
    segment_memberships,
    segments,
)
"""Each with its `ROUTES`."""

PRODUCT = Product(
    "notify",
    "v1",
    Router([route for module in MODULES for route in module.ROUTES]),
    refusal=refusal,
)
"""Every operation of this host that is served; a path may end in `.json`, as old clients write."""
