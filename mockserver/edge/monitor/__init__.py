"""monitor.twilio.com: a module per resource."""

from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router
from mockserver.edge.monitor import alerts

PRODUCT = Product("monitor", "v1", Router(alerts.ROUTES, suffix=""))
"""Every operation of this host that is served."""
