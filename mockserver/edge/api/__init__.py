"""api.twilio.com: a module per resource."""

from mockserver.edge.api import messages
from mockserver.edge.http.routing import Router

PRODUCT = Router(messages.ROUTES)
"""Every operation of this host that is served."""
