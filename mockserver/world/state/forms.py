"""What stands in the file: the form of each table's records."""

from collections.abc import Callable, Mapping
from sys import intern
from typing import Any, Final

import msgspec
from msgspec.structs import force_setattr

from mockserver.domain.accounts import Account, ApiKey, SafeNumber
from mockserver.domain.applications import Application
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.content import ContentTemplate
from mockserver.domain.content.rendering import Shown
from mockserver.domain.cookies import Jar
from mockserver.domain.events.sinks import Sink
from mockserver.domain.events.subscriptions import Subscription
from mockserver.domain.feedback import Feedback
from mockserver.domain.filings import Filing
from mockserver.domain.handset_answers import HandsetAnswer
from mockserver.domain.loops import Streak
from mockserver.domain.media import Media
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.credentials import Credential
from mockserver.domain.notify.notifications import Notification, NotifyDelivery, Progress
from mockserver.domain.notify.segments import Segment
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User
from mockserver.domain.numbers import Handset, Number, OptOut, Service
from mockserver.domain.pools import Member
from mockserver.domain.sender_pools import PoolOperation, Sender, SenderPool
from mockserver.domain.usage_triggers import UsageTrigger
from mockserver.world.events.delivery import Dispatch
from mockserver.world.memory import Gathered
from mockserver.world.ports import Notice, Posting
from mockserver.world.tables import Wish
from mockserver.world.weather.waiting import Foreseen, Late

encode: Final[Callable[[Any], bytes]] = msgspec.msgpack.Encoder().encode


class Waiting(msgspec.Struct, frozen=True):
    """A callback, or a batch of events, that nobody has answered yet: one of the three."""

    notice: Notice | None = None
    posting: Posting | None = None
    dispatch: Dispatch | None = None

    @classmethod
    def of(cls, item: Notice | Posting) -> "Waiting":
        """As it stands in the file."""
        if isinstance(item, Notice):
            return cls(notice=item)
        return cls(dispatch=item) if isinstance(item, Dispatch) else cls(posting=item)

    @property
    def item(self) -> Notice | Posting:
        """What waits; raise `ValueError` where nothing does."""
        for item in (self.notice, self.posting, self.dispatch):
            if item is not None:
                return item
        raise ValueError("a callback is kept that is none")


PLAIN: Final[Mapping[str, Any]] = {
    "accounts": Account,
    "keys": ApiKey,
    "safe_list": SafeNumber,
    "numbers": Number,
    "services": Service,
    "feedback": Feedback,
    "filings": Filing,
    "members": Member,
    "content": ContentTemplate,
    "shown": Shown,
    "handsets": Handset,
    "heard": int,
    "lanes": int,
    "sticky": str,
    "wishes": Wish,
    "verified_callers": CallerId,
    "applications": Application,
    "usage_triggers": UsageTrigger,
    "sinks": Sink,
    "subscriptions": Subscription,
    "senders": Sender,
    "sender_pools": SenderPool,
    "sender_pool_operations": PoolOperation,
    "cookies": Jar,
    "streaks": Streak,
    "answers": HandsetAnswer,
    "late": Late,
    "foreseen": Foreseen,
    "counters": int,
    "calls": int,
}
"""Fields of `Tables` that are a dictionary of records, which stand in the file as they are."""

WITHIN: Final[Mapping[str, Any]] = {
    "gone": int,
    "repeats": int,
    "media": Media,
    "media_places": tuple[str, ...],
    "media_contents": bytes,
    "opt_outs": OptOut,
    "notify_services": NotifyService,
    "notify_credentials": Credential,
    "notify_segments": Segment,
    "notifications": Notification,
    "notify_progress": Progress,
    "notify_places": tuple[int, ...],
    "notify_deliveries": NotifyDelivery,
    "gets": bool,
    "callbacks": Waiting,
    "gathered": Gathered,
    "ringing": Posting,
}
"""Pages of the other fields."""

FOLDERS: Final[Mapping[str, Any]] = {
    "deleted": int,
    "notify_bindings": Binding | str,
    "notify_users": User | str,
}
"""Pages of pages; in the file they are called `deleted/services`."""

HUGE: Final = frozenset({"lanes"})
"""Numbers that may have more than 64 bits: they stand there as text."""

_DECODERS: Final[Mapping[str, msgspec.msgpack.Decoder[Any]]] = {
    name: msgspec.msgpack.Decoder(str if name in HUGE else form)
    for name, form in {**PLAIN, **WITHIN, **FOLDERS}.items()
}

SHARED: Final = (
    *("account_sid", "direction", "channel", "origin", "from_", "encoding"),
    *("messaging_service_sid", "status_callback", "operation_id"),
)
"""Fields of messages that many have in common."""

_message: Final = msgspec.msgpack.Decoder(Message).decode
_delivery: Final = msgspec.msgpack.Decoder(Delivery).decode


def read_message(content: bytes) -> Message:
    """A message again; what it has in common with others is there once, as when it was made.

    Raise `msgspec.DecodeError`.
    """
    message = _message(content)
    for name in SHARED:
        force_setattr(message, name, intern(getattr(message, name)))
    return message


def read_delivery(content: bytes) -> Delivery:
    """What became of a message, likewise."""
    delivery = _delivery(content)
    timeline = list(delivery.timeline)
    timeline[::STEP] = map(intern, timeline[::STEP])
    times = {at: at for at in timeline[1::STEP]}
    force_setattr(delivery, "timeline", tuple(timeline))
    force_setattr(delivery, "status", intern(delivery.status))
    force_setattr(delivery, "price", intern(delivery.price))
    force_setattr(delivery, "updated_at", times.get(delivery.updated_at, delivery.updated_at))
    force_setattr(delivery, "sent_at", times.get(delivery.sent_at, delivery.sent_at))
    return delivery


def written(page: str, record: Any) -> bytes:
    """A record as it stands in the file."""
    return encode(str(record) if page in HUGE else record)


def read(page: str, content: bytes) -> Any:
    """The record again; raise `msgspec.DecodeError`, or `KeyError` for a page that is none."""
    name = page.partition("/")[0]
    record = _DECODERS[name].decode(content)
    return int(record) if name in HUGE else record
