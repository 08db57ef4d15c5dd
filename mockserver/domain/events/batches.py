"""How events wait for each other on their way to a sink.

Twilio publishes neither a batch's size nor how long it waits: these are ours.
"""

from typing import Final

import msgspec

from mockserver.domain.message import MILLISECOND


class Bounds(msgspec.Struct, frozen=True):
    """When a batch is full, and how long one that is not may wait."""

    count: int = 100
    """Events."""
    size: int = 256 * 1024
    """Bytes of a body. An event that is larger goes alone."""
    span: int = 200 * MILLISECOND
    """Microseconds from the first event."""


BATCHED: Final = Bounds()
SINGLE: Final = Bounds(count=1, span=0)
"""Of a sink that wants an event in a request."""

_BRACKETS: Final = 2
_COMMA: Final = 1
"""Bytes around and between the events of a body."""


class Batch(msgspec.Struct, frozen=True):
    """Events that go in one request, in the order in which they came."""

    opened_at: int
    """Microseconds."""
    events: tuple[bytes, ...]
    """Each as JSON."""
    size: int
    """Bytes of the body."""
    about: tuple[str, ...] = ()
    """The SIDs of the messages that they tell of, once for each that tells of one."""

    @property
    def message_sid(self) -> str:
        """The message that all of them tell of; "" where there is none."""
        alike = len(self.about) == len(self.events) and len(set(self.about)) == 1
        return self.about[0] if alike else ""

    def due(self, bounds: Bounds) -> int:
        """When it leaves at the latest, in microseconds."""
        return self.opened_at + bounds.span


def add(
    waiting: Batch | None, event: bytes, at: int, bounds: Bounds, about: str = ""
) -> tuple[Batch | None, tuple[Batch, ...]]:
    """An event came at a time in microseconds: what waits now, and what leaves at once.

    What has waited long enough by then leaves without it.
    """
    leaving: tuple[Batch, ...] = ()
    if waiting is not None and not _has_room(waiting, event, at, bounds):
        leaving, waiting = (waiting,), None
    of = (about,) if about else ()
    if waiting is None:
        waiting = Batch(at, (event,), _BRACKETS + len(event), of)
    else:
        size = waiting.size + _COMMA + len(event)
        events, of = (*waiting.events, event), (*waiting.about, *of)
        waiting = Batch(waiting.opened_at, events, size, of)
    if len(waiting.events) >= bounds.count or waiting.size >= bounds.size:
        return None, (*leaving, waiting)
    return waiting, leaving


def _has_room(waiting: Batch, event: bytes, at: int, bounds: Bounds) -> bool:
    return at < waiting.due(bounds) and waiting.size + _COMMA + len(event) <= bounds.size


def body(batch: Batch, *, array: bool) -> bytes:
    """What is posted: a JSON array; a bare object where that is not wanted and there is one."""
    if not array and len(batch.events) == 1:
        return batch.events[0]
    return b"[" + b",".join(batch.events) + b"]"
