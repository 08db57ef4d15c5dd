"""What can be subscribed to: the event types of messaging, Notify and the Communications API.

Sources: Twilio's pages about event types, 2025 and 2026; a list of them fetched in March 2026. The
dates are those of one sample; Twilio's differ from type to type.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from mockserver.domain.sids import ENTROPY, mint

AVAILABLE: Final = "available"
"""The status of every type here. Others at Twilio: `deprecated`, `restricted`, `discontinued`."""

CREATED: Final = "2020-08-13T13:28:20Z"
"""Of a type. Source: the published description's sample."""

DOCS: Final = "https://www.twilio.com/docs/"


class EventType(msgspec.Struct, frozen=True):
    """One row of the catalogue."""

    name: str
    schema_id: str
    description: str
    page: str = ""
    """Where it is documented, below `DOCS`; "" for nowhere."""

    @property
    def sid(self) -> str:
        """Stands for it in page tokens."""
        return place(self.name)

    @property
    def documentation_url(self) -> str | None:
        return f"{DOCS}{self.page}" if self.page else None


def place(text: str) -> str:
    """What has no SID, as page tokens name it."""
    return mint("EZ", blake2b(text.encode("utf-8", "replace"), digest_size=ENTROPY).digest())


MESSAGE: Final = "com.twilio.messaging.message"
INBOUND: Final = "com.twilio.messaging.inbound-message.received"
APPROVAL: Final = "com.twilio.messaging.template.approval.updated"
NOTIFIED: Final = "com.twilio.notify.notification.delivered"
LOGGED: Final = "com.twilio.error-logs.error.logged"
COMMS: Final = "com.twilio.comms-api"
TEST: Final = "com.twilio.eventstreams.test-event"
"""Sent to a sink that is tested, and to nobody else: it is not listed."""

MESSAGE_STATUSES: Final = ("queued", "sent", "delivered", "undelivered", "failed", "read")
"""Statuses of a message that make an event. Source: Twilio's page about outbound messages."""

_OPERATIONS: Final = ("processing", "completed", "scheduled")
_EVENTS: Final = "events/event-types/"


def _rows() -> list[EventType]:
    status, outbound = "Messaging.MessageStatus", f"{_EVENTS}messaging/outbound-message"
    return [
        *(
            EventType(f"{MESSAGE}.{name}", status, f"Messaging- {name} message", outbound)
            for name in MESSAGE_STATUSES
        ),
        EventType(
            INBOUND,
            "Messaging.InboundMessageV1",
            "Messaging- received inbound message",
            f"{_EVENTS}messaging/inbound-message",
        ),
        EventType(
            APPROVAL,
            "Messaging.ApprovalUpdated",
            "Messaging- updated template approval",
            f"{_EVENTS}messaging/template-approval",
        ),
        EventType(NOTIFIED, "Notification.Delivered", "Notify- delivered notification"),
        EventType(
            LOGGED, "ErrorLogs.Error", "Error logs- logged error", f"{_EVENTS}errors/error-logs"
        ),
        *(
            EventType(
                f"{COMMS}.operation.{name}",
                f"CommsApi.Operation{name.title()}",
                f"Communications API- {name} operation",
                "comms/events",
            )
            for name in _OPERATIONS
        ),
        *(
            EventType(
                f"{COMMS}.message.{name}",
                f"CommsApi.Message{name.title()}",
                f"Communications API- {name} message",
                "comms/events",
            )
            for name in MESSAGE_STATUSES
        ),
        EventType(
            f"{COMMS}.message.inbound-received",
            "CommsApi.MessageInbound",
            "Communications API- received inbound message",
            "comms/events",
        ),
    ]


TYPES: Final[Mapping[str, EventType]] = {
    each.name: each for each in sorted(_rows(), key=lambda each: each.name)
}
"""By name, in ascending order, as they are listed. Source of the order: the resource's page."""
