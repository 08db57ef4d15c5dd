"""Making a sandbox, and emptying one."""

import http.client
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from benchmarks import report
from benchmarks.load import send
from benchmarks.stage import LOADERS, Stage
from benchmarks.wire import Spoiled, ask, new_sandbox

NEW_GOAL: Final = 1.0
RESET_GOAL: Final = 5.0
FILL: Final = 10_000
"""Messages in a sandbox when it is reset."""

MADE: Final = 200
"""Sandboxes made, one after the other."""

AFTERMATH: Final = 0.3
"""Seconds after a reset in which somebody else's requests are timed."""


def sandboxes(stage: Stage) -> Iterator[report.Row]:
    """Both over HTTP: the request's own cost is in them, and stands beside them."""
    with stage.mock() as server:
        yield _new_row(server.port)
        yield _reset_row(server.port, min(FILL, stage.settings.kept), stage.settings.rounds)


def _new_row(port: int) -> report.Row:
    new_sandbox(port, "instant")
    asker = Asker(port)
    made = [asker.milliseconds("POST", "/_mock/sandboxes", b"{}") for _ in range(MADE)]
    idle = [asker.milliseconds("GET", "/_mock/health") for _ in range(MADE)]
    return report.Row(
        "new sandbox, over HTTP",
        f"{median(made):.2f} ms, slowest of {MADE} {max(made):.2f}",
        f"{median(idle):.2f} ms GET health",
        figure=median(made),
        at_most=NEW_GOAL,
        unit=" ms",
    )


def _reset_row(port: int, fill: int, rounds: int) -> report.Row:
    pairs = [_reset(port, fill) for _ in range(rounds)]
    resets, after = [one for one, _ in pairs], [other for _, other in pairs]
    return report.Row(
        f"reset with {fill:,} messages",
        f"{median(resets):.2f} ms",
        f"{median(after):.2f} ms slowest request after it",
        figure=median(resets),
        at_most=RESET_GOAL,
        unit=" ms",
    )


def _reset(port: int, fill: int) -> tuple[float, float]:
    """Milliseconds until a reset is answered, and of the slowest request soon after."""
    sandbox, caller = new_sandbox(port, "instant")
    send(port, caller.creates(), connections=LOADERS, count=fill)
    asker = Asker(port)
    asker.milliseconds("GET", "/_mock/health")
    reset = asker.milliseconds("POST", f"/_mock/sandboxes/{sandbox}/reset", b"")
    until = time.perf_counter() + AFTERMATH
    after = []
    while time.perf_counter() < until:
        after.append(asker.milliseconds("GET", "/_mock/health"))
    left = ask(port, "GET", f"/_mock/sandboxes/{sandbox}/messages?limit=1")
    if left["total"]:
        raise Spoiled(f"{left['total']} messages outlived a reset")
    ask(port, "DELETE", f"/_mock/sandboxes/{sandbox}")
    return reset, max(after)


class Asker:
    """Asks on one connection and keeps the time."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def milliseconds(self, method: str, path: str, body: bytes | None = None) -> float:
        """Until the answer is read; raise `Spoiled` unless it is a 2xx."""
        headers: dict[str, Any] = {"Content-Type": "application/json"} if body else {}
        started = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        elapsed = time.perf_counter() - started
        if answer.status >= 300:
            raise Spoiled(f"{method} {path} answered {answer.status}: {text[:300]!r}")
        return elapsed * 1e3
