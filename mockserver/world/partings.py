"""What sandboxes saw that are gone, where somebody asks to have it remembered: `run` does.

A test may drop its sandbox, or reset it, and what went wrong there would never be told.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from mockserver.domain.message import Delivery, Message
from mockserver.world.engine import Engine
from mockserver.world.journal import CallbackEntry, Journal, RequestEntry, Ring
from mockserver.world.tables import Tables

MESSAGES_OF_ONE: Final = 100
"""Messages of one sandbox that are kept, the latest."""

MESSAGES_KEPT: Final = 1_000
"""Of all of them together."""

COUNTED: Final = 10_000
"""Messages of one sandbox whose statuses are counted, the latest."""

IGNORED: Final = " was ignored"
"""In a warning that names what Twilio does not know."""

Document = dict[str, Any]


class Parted(Protocol):
    """A sandbox that is about to end, or to begin again."""

    @property
    def id(self) -> str: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def tables(self) -> Tables: ...
    @property
    def engine(self) -> Engine: ...


class Call(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An API call of a sandbox that is gone."""

    place: int
    """Among all that is kept, in the order in which it came here."""
    life: int
    """Sandboxes have several if they are reset; these are numbered from 1."""
    sandbox: str
    entry: RequestEntry


class Attempt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An attempt to post a callback of such a one."""

    place: int
    life: int
    sandbox: str
    entry: CallbackEntry


Kept = TypeVar("Kept", Call, Attempt)


class Pile(Generic[Kept]):
    """Two rings: what went wrong is not pushed out by what did not."""

    def __init__(self, kind: type[Kept]) -> None:
        self._good: Ring[Kept] = Ring(kind)
        self._bad: Ring[Kept] = Ring(kind)

    def add(self, kept: Kept, *, bad: bool) -> None:
        (self._bad if bad else self._good).append(kept)

    def __iter__(self) -> Iterator[Kept]:
        """As it came."""
        return iter(sorted((*self._good, *self._bad), key=lambda each: each.place))


class Partings:
    """What is remembered: counts of all, and of messages, calls and callbacks the latest."""

    def __init__(self, render: Callable[[Any, Message, Delivery], Document]) -> None:
        """`render` makes a message of a sandbox the document that somebody will see."""
        self._render = render
        self.lives = 0
        self.totals = {"messages": 0, "requests": 0, "callbacks": 0}
        self.statuses: Counter[str] = Counter()
        self.calls, self.attempts = Pile(Call), Pile(Attempt)
        self.messages: deque[tuple[int, str, Document]] = deque(maxlen=MESSAGES_KEPT)
        """Oldest first, each behind its life and its sandbox."""
        self._places = 0

    def take(self, sandbox: Parted) -> None:
        """Remember what a sandbox saw; one that saw nothing is not counted."""
        sandbox.engine.catch_up()
        journal = sandbox.journal
        if len(journal.requests) or len(journal.callbacks) or len(sandbox.tables.messages):
            self.lives += 1
            self._take_messages(sandbox)
            self._take_calls(sandbox.id, sandbox.journal.requests)
            self._take_attempts(sandbox.id, sandbox.journal.callbacks)

    def _take_messages(self, sandbox: Parted) -> None:
        table = sandbox.tables.messages
        self.totals["messages"] += len(table)
        latest = list(islice(_latest(sandbox.tables), COUNTED))
        self.statuses.update(delivery.status for _, delivery in latest)
        for message, delivery in reversed(latest[:MESSAGES_OF_ONE]):
            document = self._render(sandbox, message, delivery)
            self.messages.append((self.lives, sandbox.id, document))

    def _take_calls(self, sandbox_id: str, ring: Ring[RequestEntry]) -> None:
        self.totals["requests"] += len(ring) + ring.dropped
        for entry in ring:
            call = Call(self._place(), self.lives, sandbox_id, entry)
            self.calls.add(call, bad=_went_wrong(entry))

    def _take_attempts(self, sandbox_id: str, ring: Ring[CallbackEntry]) -> None:
        self.totals["callbacks"] += len(ring) + ring.dropped
        lost = _lost(ring)
        for entry in ring:
            attempt = Attempt(self._place(), self.lives, sandbox_id, entry)
            self.attempts.add(attempt, bad=entry.id in lost)

    def _place(self) -> int:
        self._places += 1
        return self._places


def _latest(tables: Tables) -> Iterator[tuple[Message, Delivery]]:
    """Newest first, whatever their account."""
    table = tables.messages
    for place in range(len(table.places) - 1, -1, -1):
        message = table.places.at(place)
        delivery = table.find_delivery(message.sid) if message is not None else None
        if message is not None and delivery is not None:
            yield message, delivery


def _went_wrong(entry: RequestEntry) -> bool:
    refused = not 200 <= entry.status < 400
    return refused or not entry.served or any(IGNORED in said for said in entry.warnings)


def _lost(entries: Iterable[CallbackEntry]) -> set[str]:
    """The ids of the last attempts at what nobody took in the end."""
    last = {each.idempotency_token or each.id: each for each in entries}
    return {
        each.id
        for each in last.values()
        if (each.error or not 200 <= each.response_status < 300) and not each.dropped
    }
