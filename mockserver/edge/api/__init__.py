"""api.twilio.com: a module per resource."""

from mockserver.edge.api import (
    accounts,
    applications,
    available_phone_numbers,
    balance,
    feedback,
    incoming_phone_numbers,
    keys,
    media,
    messages,
    notifications,
    outgoing_caller_ids,
    short_codes,
    usage,
    usage_triggers,
)
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

PRODUCT = Product(
    "api",
    "v2010",
    Router(
        (
            *messages.ROUTES,
            *feedback.ROUTES,
            *media.ROUTES,
            *usage.ROUTES,
            *usage_triggers.ROUTES,
            *notifications.ROUTES,
            *accounts.ROUTES,
            *balance.ROUTES,
            *keys.ROUTES,
            *incoming_phone_numbers.ROUTES,
            *available_phone_numbers.ROUTES,
            *outgoing_caller_ids.ROUTES,
            *short_codes.ROUTES,
            *applications.ROUTES,
        )
    ),
    names_version=True,
)
"""Every operation of this host that is served."""
