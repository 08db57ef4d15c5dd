"""What happened: bounded rings of API calls and of callback attempts, and a live feed of it all.

An entry is one `bytes` (msgpack), decoded when somebody looks, so that ten thousand of them cost
the garbage collector nothing. Messages themselves are in the tables, complete.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Alert:
    """What Twilio's Monitor would show: a webhook or a delivery that went wrong."""

    sid: str
    at: int
    code: int
    text: str
    resource_sid: str
    url: str = ""


_ENCODER: Final = msgspec.msgpack.Encoder()


Entry = TypeVar("Entry", bound=msgspec.Struct)


class Ring(Generic[Entry]):
    """The latest entries, as bytes; counts what it drops."""

    __slots__ = ("_decoder", "_entries", "_size", "dropped")

    def __init__(self, kind: type[Entry]) -> None:
        self._entries: deque[bytes] = deque()
        self._size = 0
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

    def clear(self) -> None:
        self._entries.clear()
        self._size = 0
        self.dropped = 0


class Subscription:
    """One reader of the feed, with a bounded queue; a reader that is too slow is dropped."""

    __slots__ = ("lost", "queue")

    def __init__(self) -> None:
        self.queue: asyncio.Queue[FeedEvent] = asyncio.Queue(QUEUE_LENGTH)
        self.lost = False

    def offer(self, event: "FeedEvent") -> None:
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.lost = True


class FeedEvent(msgspec.Struct, frozen=True):
    """Something that happened, for live readers."""

    id: int
    kind: str
    """`message`, `transition`, `request` or `callback`."""
    data: dict[str, Any]


class Journal:
    """A sandbox's rings and its feed."""

    __slots__ = (
        "_calls",
        "_events",
        "_feed_id",
        "_posts",
        "_readers",
        "alerts",
        "callbacks",
        "requests",
    )

    def __init__(self) -> None:
        self.requests: Ring[RequestEntry] = Ring(RequestEntry)
        self.callbacks: Ring[CallbackEntry] = Ring(CallbackEntry)
        self.alerts: deque[Alert] = deque(maxlen=ENTRIES_KEPT)
        self._calls = self._posts = self._feed_id = 0
        self._events: deque[FeedEvent] = deque(maxlen=FEED_KEPT)
        self._readers: list[Subscription] = []

    def next_request(self) -> str:
        self._calls += 1
        return f"req-{self._calls}"

    def next_callback(self) -> str:
        self._posts += 1
        return f"cb-{self._posts}"

    def record_request(self, entry: RequestEntry) -> None:
        self.requests.append(entry)
        self.tell("request", lambda: {"id": entry.id, "operation": entry.operation})

    def record_callback(self, entry: CallbackEntry) -> None:
        self.callbacks.append(entry)
        self.tell("callback", lambda: {"id": entry.id, "message_sid": entry.message_sid})

    def tell(self, kind: str, data: Callable[[], dict[str, Any]]) -> None:
        """Publish to live readers; without any, `data` is not even made."""
        if not self._readers:
            return
        self._feed_id += 1
        event = FeedEvent(self._feed_id, kind, data())
        self._events.append(event)
        for reader in self._readers:
            reader.offer(event)

    def subscribe(self, after: int | None = None) -> Subscription:
        """A new reader; it first gets the kept events after the id `after`."""
        reader = Subscription()
        if after is not None:
            for event in self._events:
                if event.id > after:
                    reader.offer(event)
        self._readers.append(reader)
        return reader

    def unsubscribe(self, reader: Subscription) -> None:
        self._readers.remove(reader)

    @property
    def watched(self) -> bool:
        return bool(self._readers)
