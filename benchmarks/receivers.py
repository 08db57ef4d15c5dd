"""A hundred receivers of which some hang, and what the others notice of it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import cycle
from statistics import median
from typing import Final, cast

import uvloop

from benchmarks import report
from benchmarks.callbacks import PER_MESSAGE
from benchmarks.receiver import ANSWER, Receiver, Tally
from benchmarks.servers import Server
from benchmarks.stage import Stage
from benchmarks.wire import Requests, Spoiled, ask, new_sandbox

ADDRESSES: Final = [f"127.0.1.{number}" for number in range(1, 101)]
"""Of the receivers, which are one process on one port."""

UNSTEADY: Final = frozenset(ADDRESSES[::20])
"""Those that hang in every other run; only the others are measured."""

GOAL: Final = 1.15

PACE: Final = 500
"""Messages a second: with their callbacks about a quarter of what the mock can do."""

CONNECTIONS: Final = 8
CREATED: Final = b"HTTP/1.1 201 "
CALLBACK: Final = re.compile(rb"MessageStatus=(\w+)&.*&MessageSid=(\w+)&", re.DOTALL)


def receivers(stage: Stage) -> Iterator[report.Row]:
    """With none and with some hanging, in turns: from when a callback is due to its arrival."""
    count = -(-stage.settings.callbacks // 4 // len(ADDRESSES)) * len(ADDRESSES)
    nobody: frozenset[str] = frozenset()
    calm, some = list[float](), list[float]()
    with stage.mock() as server:
        for _ in range(stage.settings.rounds):
            calm.append(uvloop.run(_turn(server, count, nobody)))
            some.append(uvloop.run(_turn(server, count, UNSTEADY)))
    yield report.Row(
        f"callbacks to {len(ADDRESSES) - len(UNSTEADY)} receivers, p50 after they are due",
        f"{median(some):.1f} ms while {len(UNSTEADY)} others hang",
        f"{median(calm):.1f} ms while none does",
        report.ratio(some, calm),
        at_most=GOAL,
    )


async def _turn(server: Server, count: int, hanging: frozenset[str]) -> float:
    """Milliseconds."""
    sandbox, caller = await asyncio.to_thread(new_sandbox, server.port, "real")
    path = f"/_mock/sandboxes/{sandbox}"
    async with crowd(hanging) as tally:
        tally.expect(count * (len(ADDRESSES) - len(UNSTEADY)) // len(ADDRESSES) * PER_MESSAGE)
        urls = [tally.url.replace("127.0.1.1", address) for address in ADDRESSES]
        await _at_pace(server.port, [caller.creates(url) for url in urls], count)
        await tally.wait()
        page = await asyncio.to_thread(ask, server.port, "GET", f"{path}/callbacks?limit=10000")
        await asyncio.to_thread(ask, server.port, "DELETE", path)
    due = {(each["message_sid"], each["status"]): each["due"] for each in page["callbacks"]}
    late = [at - datetime.fromisoformat(due[what]).timestamp() for what, at in tally.came.items()]
    return median(late) * 1_000


async def _at_pace(port: int, creates: list[Requests], count: int) -> None:
    """Have messages made, for one receiver after the other."""
    loop = asyncio.get_running_loop()
    makers = [
        (await loop.create_connection(Maker, "127.0.0.1", port))[1] for _ in range(CONNECTIONS)
    ]
    started = time.perf_counter()
    for number, request, maker in zip(range(count), cycle(creates), cycle(makers), strict=False):
        await asyncio.sleep(started + number / PACE - time.perf_counter())
        maker.transport.write(request())
    while sum(maker.made for maker in makers) < count:
        if time.perf_counter() > started + count / PACE + 10:
            raise Spoiled("not every message was made")
        await asyncio.sleep(0.01)
    for maker in makers:
        maker.transport.close()


class Maker(asyncio.Protocol):
    """One connection on which messages are made."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport
        self.made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to ask."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Count answers; they are too short to come in pieces."""
        self.made += data.count(CREATED)


class CrowdTally(Tally):
    """What arrived at the receivers that never hang, and when."""

    def __init__(self, hanging: frozenset[str]) -> None:
        super().__init__()
        self.hanging = hanging
        """Addresses of those that do not answer."""
        self.came: dict[tuple[str, str], float] = {}
        """Wall time, by message and status."""


class Member(Receiver):
    """One connection of somebody who posts webhooks to one of them."""

    def __init__(self, tally: CrowdTally) -> None:
        super().__init__(tally)
        self.crowd = tally

    def take(self, request: bytes) -> None:
        """Answer at once, unless this is one that hangs."""
        at, address = time.time(), self.transport.get_extra_info("sockname")[0]
        if address not in self.crowd.hanging:
            self.transport.write(ANSWER)
        if address in UNSTEADY:
            return
        if (found := CALLBACK.search(request)) is None:
            raise Spoiled(f"no callback: {request!r}")
        self.crowd.came[found[2].decode(), found[1].decode()] = at
        self.tally.add()


@asynccontextmanager
async def crowd(hanging: frozenset[str]) -> AsyncIterator[CrowdTally]:
    """Take webhooks on all addresses until the block ends."""
    tally = CrowdTally(hanging)
    loop, port, servers = asyncio.get_running_loop(), 0, []
    try:
        for address in ADDRESSES:
            servers.append(await loop.create_server(lambda: Member(tally), address, port))
            port = servers[0].sockets[0].getsockname()[1]
        tally.url = f"http://{ADDRESSES[0]}:{port}/status"
        yield tally
    except OSError as problem:
        raise Spoiled(f"not every address of 127.0.0.0/8 is this machine's: {problem}") from None
    finally:
        for server in servers:
            server.close()
