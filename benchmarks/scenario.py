"""What it costs a request that there could be rules, and that there are some which are not for it.

In this process and without a socket, whose noise is many times as much. The looks at rules are
written down here as they stand on a request's way: in `edge/front.py`, the recorder, the outbox.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import report
from benchmarks.stage import Stage
from mockserver.domain.faults import Scenario
from mockserver.world.dice import Dice
from mockserver.world.rulebook import Rulebook
from mockserver.world.scenarios import parse_rule
from mockserver.world.subjects import CallSubject
from mockserver.world.tables import Tables

EMPTY_GOAL: Final = 1.0
"""Microseconds."""

TURNS: Final = 20_000

FACTS: Final = {
    "operation": "api.v2010.FetchMessage",
    "method": "GET",
    "host": "api.twilio.com",
    "path": "/2010-04-01/Accounts/AC00000000000000000000000000002010/Messages/SM1.json",
    "account_sid": "AC00000000000000000000000000002010",
}
OTHERS: Final = {"when": {"operation": "api.v2010.CreateMessage"}, "then": {"error": 20429}}


@dataclass(slots=True)
class Passing:
    """What of a visit a fault would have changed."""

    as_told: bool = False
    spoiled: object = None


def scenario(stage: Stage) -> Iterator[report.Row]:
    """With no rule at all, and with one fault that is about other requests."""
    rules = Rulebook(Tables(), Dice(7))
    rules.put(Scenario("empty"))
    rounds = 3 * stage.settings.rounds
    nothing = median(_microseconds(_nothing, rules) for _ in range(rounds))
    empty = median(_microseconds(_looks, rules) for _ in range(rounds)) - nothing
    yield report.Row(
        "an empty scenario, each request",
        f"{empty:.3f} µs",
        figure=max(0.0, empty),
        at_most=EMPTY_GOAL,
        unit=" µs",
    )
    rules.add(parse_rule("faults", OTHERS))
    other = median(_microseconds(_looks, rules) for _ in range(rounds)) - nothing
    yield report.Row("a fault for other requests, each request", f"{other:.2f} µs")


def _microseconds(work: Callable[[Rulebook, Passing], None], rules: Rulebook) -> float:
    passing = Passing()
    started = time.perf_counter()
    for _ in range(TURNS):
        work(rules, passing)
    return (time.perf_counter() - started) / TURNS * 1e6


def _nothing(rules: Rulebook, passing: Passing) -> None:
    """What the loop itself costs."""


def _looks(rules: Rulebook, passing: Passing) -> None:
    if rules.faults and rules.fault(CallSubject(FACTS, dict)):
        passing.spoiled = rules
    _ = passing.as_told
    if passing.spoiled is not None or passing.spoiled is not None or passing.spoiled is not None:
        raise AssertionError("the rule was for other requests")
    _ = rules.delivery, rules.weather, rules.handsets
