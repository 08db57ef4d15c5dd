"""The user's application at its fastest: it takes webhooks, answers 200, and counts them.

Also one that takes its time, and one that never answers.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, cast

from benchmarks.load import END_OF_HEAD, LENGTH
from benchmarks.wire import Spoiled

ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

DELAY: Final = 0.1
"""Seconds that a slow receiver takes."""


@dataclass(slots=True)
class Tally:
    """What arrived at the receiver."""

    url: str = ""
    expected: int = 0
    arrived: int = 0
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    first_at: float = 0.0
    last_at: float = 0.0

    def expect(self, count: int) -> None:
        """Start again, towards so many webhooks."""
        self.expected, self.arrived = count, 0
        self.complete.clear()

    def add(self) -> None:
        """One more."""
        if not self.arrived:
            self.first_at = time.perf_counter()
        self.arrived += 1
        if self.arrived == self.expected:
            self.last_at = time.perf_counter()
            self.complete.set()

    async def wait(self, seconds: float = 60) -> float:
        """The time at which the last one arrived; raise `Spoiled` when some never come."""
        try:
            await asyncio.wait_for(self.complete.wait(), seconds)
        except TimeoutError:
            raise Spoiled(
                f"{self.arrived} of {self.expected} webhooks came within {seconds} s"
            ) from None
        return self.last_at


class Receiver(asyncio.Protocol):
    """One connection of somebody who posts webhooks."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.transport: asyncio.WriteTransport
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Take every request that is complete."""
        self.buffer += data
        while (size := _request_size(self.buffer)) and len(self.buffer) >= size:
            request, self.buffer = self.buffer[:size], self.buffer[size:]
            self.take(request)

    def take(self, request: bytes) -> None:
        """Count it, and answer at once."""
        self.tally.add()
        self.transport.write(ANSWER)


class SlowReceiver(Receiver):
    """Answers after `DELAY`; webhooks on other connections do not wait for it."""

    def take(self, request: bytes) -> None:
        """Count it at once."""
        self.tally.add()
        asyncio.get_running_loop().call_later(DELAY, self.transport.write, ANSWER)


def _request_size(buffer: bytes) -> int:
    """Bytes of the first request, head and body; 0 while its head is incomplete."""
    end = buffer.find(END_OF_HEAD)
    if end < 0:
        return 0
    start = buffer.lower().find(LENGTH, 0, end)
    body = int(buffer[start + len(LENGTH) : buffer.index(b"\r", start)]) if start >= 0 else 0
    return end + len(END_OF_HEAD) + body


@asynccontextmanager
async def receiving(kind: Callable[[Tally], Receiver] = Receiver) -> AsyncIterator[Tally]:
    """Take webhooks on a free port, in this process, until the block ends."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(tally), "127.0.0.1", 0)
    tally.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/status"
    try:
        yield tally
    finally:
        server.close()
