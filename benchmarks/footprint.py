"""What it takes to start, and what it takes to be there."""

import compileall
import http.client
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import mockserver
from benchmarks import report
from benchmarks.servers import serving, spawn
from benchmarks.stage import RING, Stage
from benchmarks.wire import MESSAGES, Caller, Spoiled

START_GOAL: Final = 1.5
MEMORY_GOAL: Final = 60
BYTES_GOAL: Final = 1_100
MEGABYTE: Final = 1e6

IMPORT: Final = ("-c", "import aiohttp")


def start(stage: Stage) -> Iterator[report.Row]:
    """From starting the process to the answer of its first create, against importing aiohttp.

    Both with their bytecode: an installed package has it, a checkout where Python may write none
    (`PYTHONDONTWRITEBYTECODE`) would be compiled at each start.
    """
    compileall.compile_dir(str(Path(mockserver.__file__).parent), quiet=1)
    ours, theirs = [], []
    for _ in range(stage.settings.starts):
        theirs.append(_import_seconds())
        ours.append(_start_seconds(stage.settings.mock))
    yield report.Row(
        "process start to first create answered",
        f"{median(ours) * 1e3:.0f} ms",
        f"{median(theirs) * 1e3:.0f} ms import aiohttp",
        ratio := report.ratio(ours, theirs),
        figure=ratio,
        at_most=START_GOAL,
    )


def memory(stage: Stage) -> Iterator[report.Row]:
    """Of a server that answered one request."""
    with stage.pair() as pair:
        pair.fill(1)
        yield report.Row(
            "idle memory",
            f"{pair.mock.resident() / MEGABYTE:.1f} MB, {pair.mock.own() / MEGABYTE:.1f} unshared",
            f"{pair.bare.resident() / MEGABYTE:.1f} MB, {pair.bare.own() / MEGABYTE:.1f} unshared",
            figure=pair.mock.resident() / MEGABYTE or None,
            at_most=MEMORY_GOAL,
            unit=" MB",
        )


def message_bytes(stage: Stage) -> Iterator[report.Row]:
    """How much the server grows by a delivered message, once its journal is full."""
    kept = stage.settings.kept
    stage.full  # noqa: B018  filling it is what measures
    yield report.Row(
        f"memory of a delivered message, {min(RING, kept):,} to {min(RING, kept) + kept:,} kept",
        f"{stage.bytes_each:,.0f} bytes",
        figure=stage.bytes_each or None,
        at_most=BYTES_GOAL,
        unit=" bytes",
    )


def _import_seconds() -> float:
    started = time.perf_counter()
    with tempfile.TemporaryFile() as complaints:
        process = spawn(IMPORT, complaints)
        if process.wait():
            raise Spoiled("aiohttp cannot be imported")
    return time.perf_counter() - started


def _start_seconds(command: tuple[str, ...]) -> float:
    """One process, from its start to its first answer."""
    started = time.perf_counter()
    with serving("mock", command) as server:
        _create(server.port)
        return time.perf_counter() - started


def _create(port: int) -> None:
    """Make one message, and raise `Spoiled` unless it is made."""
    head, _, body = Caller().creates()().partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", MESSAGES, body, headers)
    answer = connection.getresponse()
    if answer.status != 201:
        raise Spoiled(f"the first create answered {answer.status}: {answer.read()[:300]!r}")
    answer.read()
    connection.close()
