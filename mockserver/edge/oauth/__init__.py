"""oauth.twilio.com: an access token for a client's credentials."""

from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router
from mockserver.edge.oauth import tokens

PRODUCT = Product("oauth", "v2", Router(tokens.ROUTES, suffix=""), kept=tokens.without_secret)
"""The one operation that the libraries call."""
