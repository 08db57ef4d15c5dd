"""The load generator: raw connections, each with one request in flight.

It reads of an answer only the status and how long it is, so that one core of it outruns any server
measured here.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Final, cast

import uvloop

from benchmarks.wire import Requests, Spoiled

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: requests, how many per second, and how long they took, in milliseconds."""

    count: int
    rate: float
    p50: float
    p99: float


def typical(samples: list[Sample]) -> Sample:
    """The median of each figure, of all the requests."""
    return Sample(
        sum(sample.count for sample in samples),
        median(sample.rate for sample in samples),
        median(sample.p50 for sample in samples),
        median(sample.p99 for sample in samples),
    )


def load(
    port: int,
    requests: Requests,
    *,
    connections: int,
    seconds: float,
    connect: "Connect | None" = None,
) -> Sample:
    """Ask as fast as the answers come, for so long."""
    return _drive(port, requests, connections, seconds=seconds, budget=1 << 60, connect=connect)


def send(
    port: int,
    requests: Requests,
    *,
    connections: int,
    count: int,
    connect: "Connect | None" = None,
) -> Sample:
    """Ask exactly `count` times."""
    return _drive(port, requests, connections, seconds=600, budget=count, connect=connect)


@dataclass(slots=True)
class Round:
    """What is still to be asked, and what came back."""

    requests: Requests
    budget: int
    until: float
    """Seconds that it may take; from its start on, the time at which it ends."""
    latencies: list[float] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def next(self) -> bytes | None:
        """The next request, or None when the round is over."""
        if self.budget <= 0 or self.trouble or time.perf_counter() >= self.until:
            return None
        self.budget -= 1
        return self.requests()


class Connection(asyncio.Protocol):
    """Keeps one request in flight until its round is over."""

    def __init__(self, around: Round) -> None:
        self.round = around
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.WriteTransport
        self.head = b""
        self.missing = 0
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for `ask`: nobody starts before everybody is connected."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def ask(self) -> None:
        """Send the next request, or end."""
        request = self.round.next()
        if request is None:
            self._end()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count the answer's bytes; with the last of them, ask again."""
        if self.missing:
            self.missing -= len(data)
        elif not self._read_head(data):
            return
        if self.missing <= 0:
            self.round.latencies.append(time.perf_counter() - self.sent_at)
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that hangs up in the middle spoils the round."""
        if not self.done.done():
            self.round.trouble.append(f"the server closed a connection: {exc!r}")
            self.done.set_result(None)

    def _read_head(self, data: bytes) -> bool:
        """Whether the head is complete; if so, `missing` says how much of the body is not."""
        data = self.head + data
        end = data.find(END_OF_HEAD)
        if end < 0:
            self.head = data
            return False
        self.head = b""
        if data[9:10] != b"2":
            status, body = data[: data.find(b"\r")], data[end + len(END_OF_HEAD) :]
            self.round.trouble.append(f"{status!r} {body[:300]!r}")
        start = data.lower().index(LENGTH, 0, end) + len(LENGTH)
        length = int(data[start : data.index(b"\r", start)])
        self.missing = length - (len(data) - end - len(END_OF_HEAD))
        return True

    def _end(self) -> None:
        self.done.set_result(None)
        self.transport.close()


Connect = Callable[[int, Connection], Awaitable[object]]
"""Connects one to a port, in a way of its own."""


async def plainly(port: int, client: Connection) -> None:
    """Over TCP, and nothing else."""
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", port)


def _drive(
    port: int,
    requests: Requests,
    connections: int,
    *,
    seconds: float,
    budget: int,
    connect: Connect | None,
) -> Sample:
    """Run one round in a loop of its own, the collector held back."""
    gc.collect()
    gc.disable()
    try:
        around = Round(requests, budget, seconds)
        return uvloop.run(round_of(port, around, connections, connect or plainly))
    finally:
        gc.enable()


async def round_of(
    port: int, around: Round, connections: int, connect: Connect = plainly
) -> Sample:
    """Connect everybody, start the stopwatch, and wait until the last answer is in."""
    clients = [Connection(around) for _ in range(connections)]
    await asyncio.gather(*(connect(port, client) for client in clients))
    started = time.perf_counter()
    around.until += started
    for client in clients:
        client.ask()
    await asyncio.gather(*(client.done for client in clients))
    elapsed = time.perf_counter() - started
    if around.trouble:
        raise Spoiled(f"the load stopped: {around.trouble[0]}")
    return _sample(sorted(around.latencies), elapsed)


def _sample(latencies: list[float], elapsed: float) -> Sample:
    """The figures of one round."""
    last = len(latencies) - 1
    return Sample(
        count=len(latencies),
        rate=len(latencies) / elapsed,
        p50=latencies[last // 2] * 1_000,
        p99=latencies[last * 99 // 100] * 1_000,
    )
