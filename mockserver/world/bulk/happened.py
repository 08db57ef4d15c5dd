"""The events of this API, each as little as it takes to tell it: told when somebody asks.

Ten types, and among them those of other products that somebody has subscribed to. What an event
says follows from the operation and the place, or from the message that a person sent; so what is
kept of one is a row of a few numbers, and the CloudEvent is made for who reads it
(`cloud_events.py`). A million messages have three million of them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockserver.domain.message import Message
from mockserver.world.journal import Journal

if TYPE_CHECKING:  # who has operations loads them
    from mockserver.world.bulk.operation import Operation
    from mockserver.world.events.streamed import Streamed

KEPT: Final = 10_000
"""Events that can still be read."""

RECEIVED: Final = "message.inbound-received"

NONE: Final = -1
"""The place of an event that is about the operation itself; the attempt where there was none."""


class Happened(NamedTuple):
    """One event."""

    kind: str
    """Its type, without what all types of this API begin with."""
    about: "Operation | Message | Streamed"
    """The operation; of what a person sent, the message; of other products, the event itself."""
    at: int
    place: int = NONE
    """Of the operation's message."""
    attempt: int = NONE
    """The number of the attempt that it is about; without one for `message.queued`."""
    code: int = 0


class Events:
    """The latest events of a sandbox, numbered from 0; they count what they drop."""

    __slots__ = ("_cleared", "_journal", "_kept", "cloud_event", "count", "listeners")

    def __init__(self, journal: Journal, cloud_event: Callable[[Happened], dict[str, Any]]) -> None:
        """`journal` is told of each while somebody reads its feed."""
        self._journal = journal
        self.cloud_event = cloud_event
        """An event as Event Streams delivers it."""
        self._kept: deque[tuple[Any, ...]] = deque(maxlen=KEPT)
        self.count = self._cleared = 0
        self.listeners: list[Callable[[Happened], None]] = []
        """Told of every event as it happens."""

    def tell(
        self,
        kind: str,
        about: "Operation | Message | Streamed",
        at: int,
        place: int = NONE,
        attempt: int = NONE,
        code: int = 0,
    ) -> None:
        """Something happened. A tuple is kept, not a record: that takes half the time."""
        self._kept.append((kind, about, at, place, attempt, code))
        self.count += 1
        if self.listeners or self._journal.watched:
            self._pass_on(Happened(kind, about, at, place, attempt, code))

    def receive(self, message: Message) -> None:
        """A person wrote. Test credentials have no events, and Messenger is no channel here."""
        if not message.test and message.channel != "messenger":
            self.tell(RECEIVED, message, message.created_at)

    def _pass_on(self, event: Happened) -> None:
        for listener in self.listeners:
            listener(event)
        self._journal.tell("event", lambda: self.cloud_event(event))

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Happened]:
        """Those kept, oldest first."""
        return map(Happened._make, tuple(self._kept))

    @property
    def first(self) -> int:
        """The number of the oldest one that is kept."""
        return self.count - len(self._kept)

    @property
    def dropped(self) -> int:
        return self.first - self._cleared

    def entry(self, number: int) -> Happened | None:
        """The one of that number, if it is still there."""
        place = number - self.first
        return Happened._make(self._kept[place]) if 0 <= place < len(self._kept) else None

    def numbered(self, start: int = 0) -> Iterator[tuple[int, Happened]]:
        """Those from the number `start` on with their numbers, oldest first."""
        first = self.first
        kept = tuple(islice(self._kept, max(0, start - first), None))
        return enumerate(map(Happened._make, kept), max(first, start))

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
        self._cleared = self.count
