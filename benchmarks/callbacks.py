"""Signed callbacks to a receiver that answers at once, and to one that takes its time."""

import asyncio
import time
from collections.abc import Iterator
from statistics import median
from typing import Final

import uvloop

from benchmarks import report
from benchmarks.load import Round, round_of
from benchmarks.receiver import DELAY, SlowReceiver, Tally, receiving
from benchmarks.servers import Server, run_aside
from benchmarks.stage import Stage
from benchmarks.wire import Caller, Spoiled, ask, new_sandbox

GOAL: Final = 0.6
SLOW_GOAL: Final = 2_000
"""Callbacks a second."""
PER_MESSAGE: Final = 2
"""`sent` and `delivered`."""

CREATORS: Final = 32
"""Connections that make the messages."""


def callbacks(stage: Stage) -> Iterator[report.Row]:
    """Callbacks alone, all due at once; then with the creates that cause them."""
    with stage.mock() as server:
        count, rounds = stage.settings.callbacks, stage.settings.rounds
        turns = [uvloop.run(_turn(server, count)) for _ in range(rounds)]
    alone, busy, bare = (list(rates) for rates in zip(*turns, strict=True))
    yield report.Row(
        "signed callbacks",
        f"{median(alone):>6,.0f}/s",
        f"{median(bare):>6,.0f}/s ClientSession",
        report.ratio(alone, bare),
        at_least=GOAL,
    )
    yield report.Row(
        "signed callbacks while their messages are made",
        f"{median(busy):>6,.0f}/s",
        f"{median(bare):>6,.0f}/s ClientSession",
        report.ratio(busy, bare),
    )


def slow(stage: Stage) -> Iterator[report.Row]:
    """On the real clock, to a receiver that takes 100 ms: all that counts is how many at once."""
    with stage.mock() as server:
        count, rounds = 2 * stage.settings.callbacks, min(3, stage.settings.rounds)
        rates = [uvloop.run(_slowly(server, count // PER_MESSAGE)) for _ in range(rounds)]
    yield report.Row(
        f"signed callbacks to a receiver that takes {DELAY * 1_000:.0f} ms, real clock",
        f"{median(rates):>6,.0f}/s",
        figure=median(rates),
        at_least=SLOW_GOAL,
        unit="/s",
    )


async def _slowly(server: Server, messages: int) -> float:
    """Callbacks per second, from the first to the last, its window's opening included."""
    async with receiving(SlowReceiver) as tally:
        sandbox, caller = await asyncio.to_thread(new_sandbox, server.port, "manual")
        tally.expect(messages * PER_MESSAGE)
        await round_of(server.port, _creates(caller, tally, messages), CREATORS)
        path = f"/_mock/sandboxes/{sandbox}/clock"
        await asyncio.to_thread(ask, server.port, "PUT", path, {"mode": "real"})
        last_at = await tally.wait()
        await asyncio.to_thread(ask, server.port, "DELETE", f"/_mock/sandboxes/{sandbox}")
    return messages * PER_MESSAGE / (last_at - tally.first_at)


async def _turn(server: Server, count: int) -> tuple[float, float, float]:
    """Callbacks per second: alone, with creates, and of the reference."""
    async with receiving() as tally:
        bare = await _reference(tally, count)
        alone = await _alone(server, tally, count // PER_MESSAGE)
        busy = await _with_creates(server, tally, count // PER_MESSAGE)
    return alone, busy, bare


async def _reference(tally: Tally, count: int) -> float:
    """What a loop over aiohttp's client makes."""
    seconds = await run_aside(("-m", "benchmarks.poster", tally.url, str(count)))
    return count / float(seconds)


async def _alone(server: Server, tally: Tally, messages: int) -> float:
    """Messages are made while the clock stands; then it runs until all is done."""
    sandbox, caller = await asyncio.to_thread(new_sandbox, server.port, "manual")
    tally.expect(messages * PER_MESSAGE)
    await round_of(server.port, _creates(caller, tally, messages), CREATORS)
    if tally.arrived:
        raise Spoiled("a callback left while the clock stood")
    started = time.perf_counter()
    advance = asyncio.to_thread(
        ask, server.port, "POST", f"/_mock/sandboxes/{sandbox}/clock/advance", {"until": "idle"}
    )
    _, last_at = await asyncio.gather(advance, tally.wait())
    return messages * PER_MESSAGE / (last_at - started)


async def _with_creates(server: Server, tally: Tally, messages: int) -> float:
    """Messages are made as fast as they are answered, on the instant clock."""
    _, caller = await asyncio.to_thread(new_sandbox, server.port, "instant")
    tally.expect(messages * PER_MESSAGE)
    started = time.perf_counter()
    await round_of(server.port, _creates(caller, tally, messages), CREATORS)
    return messages * PER_MESSAGE / (await tally.wait() - started)


def _creates(caller: Caller, tally: Tally, messages: int) -> Round:
    return Round(caller.creates(tally.url), budget=messages, until=600)
