"""Snapshots over HTTP: how long they take to go out and in, and who waits meanwhile."""

import asyncio
import http.client
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import IO, Final

from benchmarks import report
from benchmarks.load import send
from benchmarks.meanwhile import meanwhile
from benchmarks.servers import Server, serving
from benchmarks.stage import LOADERS, Stage
from benchmarks.wire import Caller, Spoiled, ask, new_sandbox

STRETCH_GOAL: Final = 20.0
"""Milliseconds that another request waits at the most; of the longest in each round, the median."""

PIECE: Final = 1 << 18
"""Bytes that are read at once."""


def snapshot(stage: Stage) -> Iterator[report.Row]:
    """Of so many messages, all delivered: out, in again, into a fork, and that fork's reset."""
    with stage.mock() as server:
        yield from _moves(stage, server, "snapshot of")


def snapshot_kept(stage: Stage) -> Iterator[report.Row]:
    """The same where all of it goes into a file, and is there before anybody hears of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        with serving("kept", (*stage.settings.mock, "--state", str(path))) as server:
            yield from _moves(stage, server, "with --state, snapshot of")


def _moves(stage: Stage, server: Server, what: str) -> Iterator[report.Row]:
    count = stage.settings.kept
    sandbox, caller = new_sandbox(server.port, "instant")
    send(server.port, caller.creates(), connections=LOADERS, count=count)
    own = f"/_mock/sandboxes/{sandbox}"
    with tempfile.TemporaryFile() as file:
        _move(server, "GET", f"{own}/snapshot", file)  # what is loaded with the first one
        forks = list[str]()
        works: dict[str, Callable[[], object]] = {
            "out": lambda: _move(server, "GET", f"{own}/snapshot", file),
            "in": lambda: _move(server, "PUT", f"{own}/snapshot", file),
            "forked": lambda: forks.append(_fork(server, sandbox)),
            "a fork's reset": lambda: ask(
                server.port, "POST", f"/_mock/sandboxes/{forks[-1]}/reset"
            ),
        }
        for name, work in works.items():
            yield _row(stage, server, caller, f"{what} {count:,} messages, {name}", work)


def _row(
    stage: Stage, server: Server, caller: Caller, what: str, work: Callable[[], object]
) -> report.Row:
    """Seconds that it takes, and the longest that others wait."""
    spent, longest = [], []
    path = f"/2010-04-01/Accounts/{caller.account_sid}.json"
    for _ in range(stage.settings.rounds):
        started = time.perf_counter()
        waits = asyncio.run(meanwhile(server, caller, path, work))
        spent.append(time.perf_counter() - started)
        longest.append(max(waits) * 1e3)
        time.sleep(0.5)  # what was left behind is freed
    return report.Row(
        f"{what}: longest wait of others",
        f"{median(longest):.1f} ms, at the worst {max(longest):.1f}, in {median(spent):.2f} s",
        figure=median(longest),
        at_most=STRETCH_GOAL,
        unit=" ms",
    )


def _fork(server: Server, sandbox: str) -> str:
    return str(ask(server.port, "POST", "/_mock/sandboxes", {"from": sandbox})["id"])


def _move(server: Server, method: str, path: str, file: IO[bytes]) -> None:
    """A snapshot into a file, or out of it."""
    file.seek(0)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request(method, path, file if method == "PUT" else None)
    answer = connection.getresponse()
    if answer.status != 200:
        raise Spoiled(f"{method} {path} answered {answer.status}: {answer.read()[:300]!r}")
    if method == "PUT":
        json.load(answer)
        return
    file.truncate()
    while piece := answer.read(PIECE):
        file.write(piece)
