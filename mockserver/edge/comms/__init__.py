"""comms.twilio.com: senders and sender pools of the Communications API, a module per resource."""

from typing import Final

from mockserver.edge.comms import sender_pool_operations, sender_pool_senders, sender_pools, senders
from mockserver.edge.comms.answers import refusal
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

MODULES: Final = (senders, sender_pools, sender_pool_senders, sender_pool_operations)
"""Each with its `ROUTES`."""

PRODUCT = Product(
    "comms",
    "v1",
    Router(
        [route for module in MODULES for route in module.ROUTES],
        suffix="",
        any_case=True,
        aliases={"preview": "v1"},
    ),
    refusal=refusal,
    json=True,
)
"""Every operation of this host that is served."""
