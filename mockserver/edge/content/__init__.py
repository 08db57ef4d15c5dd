"""content.twilio.com: a module per resource."""

from typing import Final

from mockserver.edge.content import approvals, content, content_and_approvals, legacy_content
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

MODULES: Final = (content, content_and_approvals, legacy_content, approvals)
"""Each with its `ROUTES`."""

PRODUCT = Product(
    "content",
    "v1",
    Router([route for module in MODULES for route in module.ROUTES]),
    json=True,
)
"""Every operation of this host that is served; a path may end in `.json`, as old clients write."""
