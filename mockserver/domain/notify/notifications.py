"""A notification that was accepted, and what became of it, one delivery for each recipient."""

from typing import Final

import msgspec

from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.services import NotifyService

SENT: Final = "SENT"
FAILED: Final = "FAILED"
"""All that a delivery can become. Source: docs on delivery callbacks."""

STATUSES: Final = (SENT, FAILED)


class Notification(msgspec.Struct, frozen=True):
    """One notification."""

    sid: str
    account_sid: str
    service: NotifyService
    """As it was when the notification was accepted: its senders and credentials count."""
    ask: Ask
    created_at: int
    """Microseconds."""

    @property
    def callback_url(self) -> str:
        """Where its deliveries are reported; "" for nowhere. Its own address goes before."""
        service = self.service
        own = service.delivery_callback_url if service.delivery_callback_enabled else ""
        return self.ask.delivery_callback_url or own


class NotifyDelivery(msgspec.Struct, frozen=True, gc=False):
    """What became of a notification for one recipient. It never changes."""

    notification_sid: str
    channel: str
    address: str
    status: str = SENT
    """What was handed to the channel is `SENT`; a text message goes on from there by itself."""
    error_code: int = 0
    sid: str = ""
    """The Message's; of pushes what the provider calls it; "" for what failed."""
    identity: str = ""
    binding_sid: str = ""
    """"" for an address that the notification itself named, as is the identity."""
    credential_sid: str = ""
    at: int = 0
    """Microseconds."""

    @property
    def is_kept(self) -> bool:
        """Whether it is looked at by itself: of a text message that was made, the Message is all.

        On Messenger there is a Message too, which does not show what its provider would have got.
        """
        return not (self.channel == "sms" and self.status == SENT)


class Progress(msgspec.Struct):
    """How far a notification has come."""

    recipients: int = 0
    """How many bindings or addresses it means."""
    places: tuple[int, ...] = ()
    """Of the bindings that it means, ascending; none of a direct one, or once it is over."""
    done: int = 0
    """Recipients that are dealt with."""
    sent: int = 0
    failed: int = 0
    told: int = 0
    """Delivery callbacks so far."""
    pending: list[NotifyDelivery] = []
    """Deliveries that no callback has reported yet; none where nobody wants to know."""
    over: bool = False
