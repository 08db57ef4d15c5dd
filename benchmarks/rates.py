"""Creates through a Messaging Service with rates on, and a queue that overflows."""

import time
from collections.abc import Iterator
from typing import Final

from benchmarks import report
from benchmarks.load import load, send
from benchmarks.stage import LOADERS, Duel, Stage
from benchmarks.wire import Spoiled, ask, new_sandbox

GOAL: Final = 0.85
OVERFLOW_GOAL: Final = 2.0
"""Seconds of wall time."""

SENDER: Final = "+15017122661"
"""The sender of the requests in `wire`; a US long code, of one segment a second."""
SERVICE: Final = "MG" + "b" * 32
POOL: Final = (SENDER, "+14155550123", "+12125550123", "12345", "+18885550123")

QUEUE: Final = 14_400
"""Segments that a US long code's queue of four hours holds."""


def rates(stage: Stage) -> Iterator[report.Row]:
    """Against creates with a sender and without rates, in another sandbox of the same server."""
    with stage.mock() as server:
        _, plain = new_sandbox(server.port, "instant")
        _, held = new_sandbox(server.port, "instant", _scenario(10))
        duel = Duel()
        sides = [
            (held.creates(service=SERVICE), duel.ours),
            (plain.creates(), duel.theirs),
        ]
        for number in range(2 * stage.settings.rounds):
            for requests, samples in sides if number % 2 else reversed(sides):
                seconds = stage.settings.seconds
                samples.append(load(server.port, requests, connections=LOADERS, seconds=seconds))
        yield duel.row(f"create with rates and a service, {LOADERS} connections", GOAL)
        yield _overflow(server.port, 10, OVERFLOW_GOAL)
        yield _overflow(server.port, 1)


def _overflow(port: int, segments: int, goal: float | None = None) -> report.Row:
    """Messages of so many segments, one more than the queue holds, until all have their end."""
    sandbox, caller = new_sandbox(port, "manual", _scenario(4))
    started = time.perf_counter()
    requests = caller.creates(segments=segments)
    send(port, requests, connections=LOADERS, count=QUEUE // segments + 1)
    ask(port, "POST", f"/_mock/sandboxes/{sandbox}/clock/advance", {"until": "idle"})
    spent = time.perf_counter() - started
    failed = ask(port, "GET", f"/_mock/sandboxes/{sandbox}/messages?status=failed")["messages"]
    if [message["error_code"] for message in failed] != [30001]:
        raise Spoiled(f"{len(failed)} messages failed of one too many")
    return report.Row(
        f"{QUEUE:,} segments and a message too many, {segments} in each, to their end",
        f"{spent:.2f} s",
        figure=spent,
        at_most=goal,
        unit=" s",
    )


def _scenario(queue_hours: int) -> dict[str, object]:
    """Rates on, and a service of five senders."""
    service = {"sid": SERVICE, "senders": POOL}
    switches = {"enabled": True, "queue_hours": queue_hours}
    return {"given": {"services": [service]}, "rates": switches}
