"""The send request of the Communications API: ten thousand recipients, checked and read."""

import gc
import time
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

import jsonschema_rs
import orjson

from benchmarks import report
from benchmarks.stage import Stage
from benchmarks.wire import Spoiled
from mockserver.domain.bulk.examine import Verdict, examine
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import Send, Terms
from mockserver.world.schema_files import load

CHECK_GOAL: Final = 6.0
"""Times `orjson.loads` of the body, that included."""

STRETCH_GOAL: Final = 20.0
"""Milliseconds that nobody else gets a turn."""

RECIPIENTS: Final = 10_000

PAUSES: Final = 15
"""Runs in a round: the quickest counts, for the machine is shared."""

_NAMES: Final = ("Ada", "Grace", "Barbara", "Edsger")


def comms_check(stage: Stage) -> Iterator[report.Row]:
    """In this process, with the collector off as in the server's."""
    gate = Gate(load("comms/v1/SendMessages"), jsonschema_rs.Draft202012Validator)
    content = body()
    gc.collect()
    gc.disable()
    try:
        rounds = [_round(content, gate) for _ in range(stage.settings.rounds)]
    finally:
        gc.enable()
    ours, theirs, stretches = zip(*rounds, strict=True)
    what = f"comms: check {RECIPIENTS:,} recipients, {len(content) / 1e6:.1f} MB"
    yield report.Row(
        what,
        f"{median(ours) * 1e3:.1f} ms",
        f"{median(theirs) * 1e3:.1f} ms orjson.loads",
        report.ratio(list(ours), list(theirs)),
        at_most=CHECK_GOAL,
    )
    yield report.Row(
        "comms: longest stretch of it",
        f"{median(stretches) * 1e3:.1f} ms",
        figure=median(stretches) * 1e3,
        at_most=STRETCH_GOAL,
        unit=" ms",
    )


def _round(content: bytes, gate: Gate) -> tuple[float, float, float]:
    """Seconds of the whole, of `orjson.loads` alone, and of the longest stretch."""
    whole, longest = min(_check(content, gate) for _ in range(PAUSES))
    return whole, min(loads_seconds(content) for _ in range(PAUSES)), longest


def loads_seconds(body: bytes) -> float:
    """What `orjson.loads` takes, without what it takes to forget the document."""
    started = time.perf_counter()
    document = orjson.loads(body)
    elapsed = time.perf_counter() - started
    del document
    return elapsed


def _check(body: bytes, gate: Gate) -> tuple[float, float]:
    """Seconds of the whole and of its longest stretch; raise `Spoiled` if it is refused."""
    marks = [time.perf_counter()]
    steps = examine(orjson.loads(body), gate, Terms(0))
    marks.append(time.perf_counter())
    verdict: Verdict
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            verdict = stop.value
            marks.append(time.perf_counter())
            break
        marks.append(time.perf_counter())
    if not isinstance(verdict, Send) or verdict.count != RECIPIENTS:
        raise Spoiled(f"the request was refused: {verdict!r:.300}")
    stretches = [after - before for before, after in pairwise(marks)]
    return marks[-1] - marks[0], max(stretches)


def body(size: int = 0, count: int = RECIPIENTS) -> bytes:
    """A typical request, of 1.9 MB, or of nearly as many bytes as are wanted."""
    usual = _body("", count)
    return usual if size <= len(usual) else _body("x" * ((size - len(usual)) // count), count)


def _body(more: str, count: int) -> bytes:
    return orjson.dumps(
        {
            "from": {"address": "+15005550006", "channel": "SMS"},
            "to": [_recipient(number, more) for number in range(count)],
            "content": {"text": "Hi {{ firstName | default: 'there' }}, order {{ order }} is out."},
            "tags": {"campaign": "launch"},
        }
    )


def _recipient(number: int, more: str) -> dict[str, object]:
    return {
        "address": f"+1415{2_000_000 + number * 7}",
        "channel": "PHONE",
        "variables": {
            "firstName": _NAMES[number % len(_NAMES)],
            "lastName": f"Lovelace-{number}",
            "city": "San Francisco",
            "order": f"ORD-{number:08d}",
            "link": f"https://example.com/orders/{number:08d}{more}",
        },
    }
