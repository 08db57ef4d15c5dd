"""What happened: bounded rings of API calls and of callback attempts, and a live feed of it all.

An entry is one `bytes` (msgpack), decoded when somebody looks, so that ten thousand of them cost
the garbage collector nothing. Messages themselves are in the tables, complete.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, Generic, TypeVar

import msgspec

ENTRIES_KEPT: Final = 10_000
BYTES_KEPT: Final = 64 * 1024 * 1024
BODY_KEPT: Final = 4_096
"""Bytes of a body that an entry keeps."""

FEED_KEPT: Final = 1_000
"""Events that a reconnecting reader may still ask for."""

QUEUE_LENGTH: Final = 1_000
"""Events that a slow reader may be behind before it is dropped."""

Headers = tuple[tuple[bytes, bytes], ...]


class RequestEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One API call. Headers as raw pairs; `Authorization` without its secret."""

    id: str
    at: int
    method: str
    host: str
    path: str
    operation: str
    account_sid: str
    headers: list[tuple[bytes, bytes]]
    content_type: str
    body: bytes
    body_length: int
    status: int
    """0 where a fault saw to it that nothing was written."""
    domain: str
    """The Twilio host that answered; with the next four, the answer's headers."""
    request_id: str
    concurrent: int
    reply_type: str
    reply_headers: tuple[tuple[str, str], ...]
    """Those that not every answer has."""
    reply_body: bytes
    reply_length: int
    duration: float
    """Seconds."""
    fault: str = ""
    error: int = 0
    warnings: list[str] = []
    served: bool = True
    """False for what is Twilio's but not ours."""
    unwritten: int = 0
    """With a `status` of 0, which is nothing written: the status of the answer that there was."""


NOT_POSTED: Final = "not posted: "
"""How the error of a callback begins that weather lost; which rule follows."""


class CallbackEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One attempt to post a callback."""

    id: str
    at: int
    due: int
    url: str
    method: str
    params: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    signature: str
    response_status: int
    """0 when nobody answered."""
    duration: float
    error: str
    error_code: int
    attempt: int
    message_sid: str
    account_sid: str
    kind: str
    status: str
    idempotency_token: str
    body: bytes = b""
    """JSON, where that was posted and no form."""
    weather: str = ""
    """The id of the weather rule that something was done to it by; "" for none."""

    @property
    def dropped(self) -> bool:
        """Whether weather lost it, so that nobody could have answered."""
        return bool(self.weather) and self.error.startswith(NOT_POSTED)


class Exchange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was sent to a webhook, and what it answered."""

    method: str
    params: list[tuple[str, str]]
    sent_headers: list[tuple[str, str]]
    status: int
    """0 when nobody answered."""
    headers: list[tuple[str, str]]
    body: bytes
    """Cut at `BODY_KEPT`."""


class Alert(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What Twilio's Monitor would show.

    That is a create that was refused, a webhook or a fetch that went wrong, a message that failed.
    """

    sid: str
    at: int
    code: int
    text: str
    """What was wrong, in a sentence."""
    resource_sid: str
    """The message; the account where there is none."""
    url: str = ""
    """What was called, without its password; "" where nobody was."""
    account_sid: str = ""
    call: int = -1
    """For a create, the number of the API call in the ring of requests, which has the details."""
    exchange: Exchange | None = None
    """For a webhook."""


_ENCODER: Final = msgspec.msgpack.Encoder()


Entry = TypeVar("Entry", bound=msgspec.Struct)


class Ring(Generic[Entry]):
    """The latest entries, as bytes; counts what it drops."""

    __slots__ = ("_cleared", "_decoder", "_entries", "_size", "dropped")

    def __init__(self, kind: type[Entry]) -> None:
        self._entries: deque[bytes] = deque()
        self._size = self._cleared = 0
        self._decoder = msgspec.msgpack.Decoder(kind)
        self.dropped = 0

    def append(self, entry: Entry) -> None:
        data = _ENCODER.encode(entry)
        self._entries.append(data)
        self._size += len(data)
        while len(self._entries) > ENTRIES_KEPT or self._size > BYTES_KEPT:
            self._size -= len(self._entries.popleft())
            self.dropped += 1

    def __iter__(self) -> Iterator[Entry]:
        """Oldest first."""
        return map(self._decoder.decode, tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def first(self) -> int:
        """The number of the oldest entry; the first one ever appended had 0."""
        return self._cleared + self.dropped

    def entry(self, number: int) -> Entry | None:
        """The entry of that number, if it is still there."""
        place = number - self.first
        return self._decoder.decode(self._entries[place]) if 0 <= place < len(self) else None

    def numbered(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Entries from the number `start` on with their numbers, oldest first."""
        first = self.first
        kept = tuple(islice(self._entries, max(0, start - first), None))
        return enumerate(map(self._decoder.decode, kept), max(first, start))

    def clear(self) -> None:
        self._cleared = self.first + len(self)
        self._entries.clear()
        self._size = 0
        self.dropped = 0


class Alerts(Ring[Alert]):
    """Those of a sandbox."""

    __slots__ = ("heard",)

    def __init__(self) -> None:
        super().__init__(Alert)
        self.heard: Callable[[Alert], None] | None = None
        """Told of each, where somebody wants to be."""

    def append(self, entry: Alert) -> None:
        super().append(entry)
        if self.heard is not None:
            self.heard(entry)


class Subscription:
    """One reader of the feed, with a bounded queue; a reader that is too slow is dropped."""

    __slots__ = ("_waiting", "ended", "events")

    def __init__(self) -> None:
        self.events: deque[FeedEvent] = deque()
        """What waits to be read."""
        self.ended = ""
        """Why nothing more will come; "" while something may."""
        self._waiting = asyncio.Event()

    def offer(self, event: "FeedEvent") -> None:
        """Queue an event, unless the reader is too far behind."""
        if len(self.events) >= QUEUE_LENGTH:
            self.end("slow")
        elif not self.ended:
            self.events.append(event)
            self._waiting.set()

    def end(self, why: str) -> None:
        """Nothing more will come."""
        self.ended = self.ended or why
        self._waiting.set()

    async def more(self, timeout: float) -> bool:
        """Whether something came, or the end, within `timeout` seconds of wall time."""
        if not self.events and not self.ended:
            self._waiting.clear()
            try:
                await asyncio.wait_for(self._waiting.wait(), timeout)
            except TimeoutError:
                return False
        return True


class Attempts:
    """The kept callback attempts by message; an attempt is indexed when somebody first asks."""

    __slots__ = ("_indexed", "_numbers", "_ring")

    def __init__(self, ring: Ring[CallbackEntry]) -> None:
        self._ring = ring
        self._numbers: dict[str, list[int]] = {}
        self._indexed = 0
        """Entries with a lower number are in the index."""

    def of(self, message_sid: str) -> list[CallbackEntry]:
        """A message's attempts, oldest first."""
        self._catch_up()
        entries = map(self._ring.entry, self._numbers.get(message_sid, ()))
        return [entry for entry in entries if entry is not None]

    def _catch_up(self) -> None:
        for number, entry in self._ring.numbered(self._indexed):
            self._numbers.setdefault(entry.message_sid, []).append(number)
            self._indexed = number + 1
        if len(self._numbers) > 2 * ENTRIES_KEPT:
            first = self._ring.first
            self._numbers = {s: kept for s, kept in self._numbers.items() if kept[-1] >= first}


class FeedEvent(msgspec.Struct, frozen=True):
    """Something that happened, for live readers."""

    id: int
    kind: str
    """`message`, `transition`, `request`, `callback`, `event`, `reset`; of Notify `notification`
    and `delivery`."""
    data: dict[str, Any]


class Journal:
    """A sandbox's rings and its feed."""

    __slots__ = (
        "_calls",
        "_events",
        "_feed_id",
        "_live",
        "_posts",
        "_readers",
        "alerts",
        "attempts",
        "callbacks",
        "requests",
        "unanswered",
    )

    def __init__(self) -> None:
        self.requests: Ring[RequestEntry] = Ring(RequestEntry)
        self.callbacks: Ring[CallbackEntry] = Ring(CallbackEntry)
        self.attempts = Attempts(self.callbacks)
        self.unanswered: dict[str, int] = {}
        """How many attempts at a status callback nobody took, by message and status; complete.

        `SM…/delivered`; one that was answered 2xx in the end is not in here.
        """
        self.alerts = Alerts()
        self._calls = self._posts = self._feed_id = 0
        self._events: deque[FeedEvent] = deque(maxlen=FEED_KEPT)
        self._readers: list[Subscription] = []
        self._live = False

    @property
    def calls(self) -> int:
        """API calls so far, those that were dropped included."""
        return self._calls

    def next_request(self) -> str:
        self._calls += 1
        return f"req-{self._calls}"

    def next_callback(self) -> str:
        self._posts += 1
        return f"cb-{self._posts}"

    def record_request(self, entry: RequestEntry) -> None:
        self.requests.append(entry)
        if self._live:
            self.tell("request", lambda: _told(entry, _OF_REQUEST))

    def record_callback(self, entry: CallbackEntry) -> None:
        self.callbacks.append(entry)
        if entry.kind == "status":
            self._count(entry)
        if self._live:
            self.tell("callback", lambda: _told(entry, _OF_CALLBACK))

    def _count(self, entry: CallbackEntry) -> None:
        if entry.dropped:
            return
        if not 200 <= entry.response_status < 300:
            key = f"{entry.message_sid}/{entry.status}"
            self.unanswered[key] = self.unanswered.get(key, 0) + 1
        elif self.unanswered:
            self.unanswered.pop(f"{entry.message_sid}/{entry.status}", None)

    def tell(self, kind: str, data: Callable[[], dict[str, Any]]) -> None:
        """Publish to live readers; until there was one, `data` is not even made.

        Once there was one, events are kept, since it may come back and ask for them.
        """
        if not self._live:
            return
        self._feed_id += 1
        event = FeedEvent(self._feed_id, kind, data())
        self._events.append(event)
        for reader in self._readers:
            reader.offer(event)
        self._readers = [reader for reader in self._readers if not reader.ended]

    def subscribe(self, after: int | None = None) -> Subscription:
        """A new reader; it first gets the kept events after the id `after`."""
        self._live = True
        reader = Subscription()
        if after is not None:
            for event in self._events:
                if event.id > after:
                    reader.offer(event)
        self._readers.append(reader)
        return reader

    def unsubscribe(self, reader: Subscription) -> None:
        """A reader went away."""
        self._readers = [each for each in self._readers if each is not reader]

    def take_over(self, before: "Journal") -> None:
        """Go on with the feed of the journal before a reset: its readers, its numbers."""
        self._readers, self._events = before._readers, before._events
        self._feed_id, self._live = before._feed_id, before._live
        self.tell("reset", dict)

    def end(self) -> None:
        """The sandbox ends, and its feed with it."""
        for reader in self._readers:
            reader.end("closed")
        self._readers = []

    @property
    def watched(self) -> bool:
        """Whether somebody reads the feed, or may come back to it."""
        return self._live


_OF_REQUEST: Final = ("id", "at", "method", "path", "operation", "account_sid", "status", "error")
_OF_CALLBACK: Final = (
    *("id", "at", "kind", "url", "message_sid", "account_sid", "status", "response_status"),
    "attempt",
)


def _told(entry: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in names}
