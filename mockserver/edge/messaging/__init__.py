"""messaging.twilio.com: a module per resource."""

from typing import Final

from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router
from mockserver.edge.messaging import (
    alpha_senders,
    brand_registrations,
    channel_senders,
    deactivations,
    destination_alpha_senders,
    phone_numbers,
    services,
    short_codes,
    tollfree_verifications,
    us_app_to_person,
    usecases,
)

MODULES: Final = (
    services,
    phone_numbers,
    short_codes,
    alpha_senders,
    destination_alpha_senders,
    channel_senders,
    us_app_to_person,
    usecases,
    brand_registrations,
    tollfree_verifications,
    deactivations,
)
"""Each with its `ROUTES`."""

PRODUCT = Product(
    "messaging",
    "v1",
    Router([route for module in MODULES for route in module.ROUTES], suffix=""),
)
"""Every operation of this host that is served."""
