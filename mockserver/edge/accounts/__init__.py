"""accounts.twilio.com: a module per resource."""

from mockserver.edge.accounts import auth_tokens, geo_permissions, safe_list
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

PRODUCT = Product(
    "accounts",
    "v1",
    Router((*auth_tokens.ROUTES, *geo_permissions.ROUTES, *safe_list.ROUTES), suffix=""),
)
"""Every operation of this host that is served."""
