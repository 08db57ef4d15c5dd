"""`/twilionotify/{operation}`: a module of another platform (Murano) that calls Notify.

There it is called from Lua; that it is called over HTTP, and how, is ours. What it does, it does to
the services, bindings and notifications of notify.twilio.com.
"""

from typing import Final

from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router
from mockserver.edge.twilionotify import bindings, sending
from mockserver.edge.twilionotify.arguments import login, without_token
from mockserver.edge.twilionotify.refusals import refusal

MODULES: Final = (bindings, sending)
"""Each with its `ROUTES`."""

PRODUCT = Product(
    "twilionotify",
    "",
    Router([route for module in MODULES for route in module.ROUTES], suffix=""),
    refusal=refusal,
    json=True,
    login=login,
    kept=without_token,
)
"""Its five operations; bodies may be forms as well."""
