"""Events that wait for each other, sink by sink, and then until they may leave.

How long they wait for others is a matter of the sandbox's clock. On the instant clock they wait
until the loop turns, and time does not move for it: some events come of what an application
answered, and when it did must leave no trace. None leaves before the responses to the creates of
its messages are written, nor before the grace has passed.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

from mockserver.domain.events.batches import Batch, add
from mockserver.domain.events.sinks import Sink
from mockserver.world.clock import Clock
from mockserver.world.memory import Gathered
from mockserver.world.outbox import Outbox

Send = Callable[[Sink, Batch, int], None]
"""Posts a batch that was due at a time in microseconds."""


class Leaving(msgspec.Struct, frozen=True):
    """A batch that nothing more is added to."""

    sink: Sink
    batch: Batch
    due: int
    """Microseconds."""


class Gathering:
    """The batches of one sandbox."""

    __slots__ = ("_allowed", "_clock", "_kept", "_leaving", "_open", "_outbox", "_send", "_turn")

    def __init__(self, clock: Clock, outbox: Outbox, send: Send) -> None:
        """`outbox` knows which responses are not written yet."""
        self._clock, self._outbox, self._send = clock, outbox, send
        self._open: dict[str, tuple[Sink, Batch]] = {}
        """Those that wait for more, by sink."""
        self._leaving: deque[Leaving] = deque()
        memory = outbox.queues.memory
        self._kept = None if memory is None else memory.gathered
        """For the next start, by sink and event."""
        self._allowed = 0
        """How many of them have waited for the grace."""
        self._turn: asyncio.Handle | None = None
        """When those leave that wait on the instant clock."""

    def add(self, sink: Sink, event: bytes, at: int, message_sid: str = "") -> None:
        """An event happened at a time in microseconds; the message that it is about, or ""."""
        self._keep(Gathered(sink.sid, event, at, message_sid))
        _, before = self._open.pop(sink.sid, (sink, None))
        waiting, full = add(before, event, at, sink.bounds, message_sid)
        for batch in full:
            self._leave(sink, batch, min(at, batch.due(sink.bounds)))
        if waiting is not None:
            self._open[sink.sid] = (sink, waiting)
            if len(waiting.events) == 1:
                self._wait(sink, waiting)

    def add_alone(self, sink: Sink, event: bytes, at: int, message_sid: str = "") -> None:
        """The same for one that waits for no others, and joins none."""
        self._keep(Gathered(sink.sid, event, at, message_sid, alone=True))
        about = (message_sid,) if message_sid else ()
        self._leave(sink, Batch(at, (event,), len(event), about), at)

    def _keep(self, gathered: Gathered) -> None:
        if self._kept is not None:
            self._kept[_key(gathered.sink_sid, gathered.event)] = gathered

    def _forget(self, sink_sid: str, batch: Batch) -> None:
        if self._kept is not None:
            for event in batch.events:
                self._kept.pop(_key(sink_sid, event), None)

    @property
    def count(self) -> int:
        """Batches that leave without the clock going on."""
        return len(self._leaving) + (len(self._open) if self._turn is not None else 0)

    def stop(self) -> None:
        """Forget all of them."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self._open.clear()
        self._leaving.clear()

    def _wait(self, sink: Sink, batch: Batch) -> None:
        if self._clock.mode.name != "instant":
            self._clock.book(batch.due(sink.bounds), self._due, sink.sid)
        elif self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._turned)

    def _due(self, sid: str, at: int) -> None:
        """A batch has waited long enough, unless it is gone and another one waits."""
        sink, batch = self._open.get(sid, (None, None))
        if sink is not None and batch is not None and batch.due(sink.bounds) <= at:
            del self._open[sid]
            self._leave(sink, batch, batch.due(sink.bounds))

    def _turned(self) -> None:
        self._turn = None
        waiting, self._open = self._open, {}
        for sink, batch in waiting.values():
            self._leave(sink, batch, batch.due(sink.bounds))

    def _leave(self, sink: Sink, batch: Batch, due: int) -> None:
        self._leaving.append(Leaving(sink, batch, due))
        self._outbox.after_grace(self._allow)

    def _allow(self) -> None:
        self._allowed += 1
        self._go()

    def _go(self) -> None:
        """Send those that may, in order; a response that is not written yet holds all up."""
        while self._allowed and self._leaving:
            held = self._outbox.held.intersection(self._leaving[0].batch.about)
            if held:
                self._outbox.once_open(held.pop(), self._go)
                return
            self._allowed -= 1
            leaving = self._leaving.popleft()
            self._send(leaving.sink, leaving.batch, leaving.due)
            self._forget(leaving.sink.sid, leaving.batch)


def _key(sink_sid: str, event: bytes) -> str:
    return f"{sink_sid} {hash(event):x}"
