"""`MockTwilio` and its asynchronous twin: a Twilio of one's own for a test. PYTEST_DONT_REWRITE

Both talk to the control API with the standard library alone, and start the server as a child
process, so that what a test run does to its own process (frozen clocks, blocked sockets, mocked
HTTP, coverage, warnings as errors) does not touch it.
"""

from mockserver.handles.asynchronous import AsyncMockTwilio
from mockserver.handles.comms import CommsResponse
from mockserver.handles.errors import ControlError, MockTwilioError, ServerGone
from mockserver.handles.probing import ProbeFinding, ProbeReport
from mockserver.handles.records import (
    ApiCall,
    Callback,
    CloudEvent,
    HttpRequest,
    HttpResponse,
    Inbound,
    Message,
    Notification,
    Operation,
    OptOut,
    PushDelivery,
    Step,
)
from mockserver.handles.synchronous import MockTwilio, Options

__all__ = [
    "ApiCall",
    "AsyncMockTwilio",
    "Callback",
    "CloudEvent",
    "CommsResponse",
    "ControlError",
    "HttpRequest",
    "HttpResponse",
    "Inbound",
    "Message",
    "MockTwilio",
    "MockTwilioError",
    "Notification",
    "Operation",
    "OptOut",
    "Options",
    "ProbeFinding",
    "ProbeReport",
    "PushDelivery",
    "ServerGone",
    "Step",
]
