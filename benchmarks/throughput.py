"""Create, fetch and list, with many messages kept."""

from collections.abc import Callable, Iterator
from typing import Final

from benchmarks import report
from benchmarks.load import Sample, load, typical
from benchmarks.servers import Server
from benchmarks.stage import Duel, Pair, Stage
from benchmarks.wire import RECIPIENTS, Requests

CONNECTIONS: Final = (1, 16, 64)
JUDGED: Final = 16
"""Connections at which the goals of throughput are set."""

CREATE_GOAL: Final = 0.50
READ_GOAL: Final = 0.60
TAIL_GOAL: Final = 3.0
FILTER_GOAL: Final = 0.5

WARM: Final = 100
"""Recipients asked for in turn: few enough for a server to still have their pages in rendered form,
as it has the newest page."""


def create(stage: Stage) -> Iterator[report.Row]:
    """Messages made per second, on an empty server and on a full one."""
    with stage.pair() as fresh:
        duel = fresh.duel(lambda _: fresh.caller.creates(), JUDGED, stage.settings)
        yield duel.row(f"create, {JUDGED} connections, nothing kept", CREATE_GOAL)
    full = stage.full
    yield from _rows(stage, "create", lambda _: full.caller.creates(), CREATE_GOAL)


def fetch(stage: Stage) -> Iterator[report.Row]:
    """The newest thousand messages, fetched one by one, round and round."""
    caller = stage.full.caller
    yield from _rows(
        stage, "fetch", lambda server: caller.fetches(caller.sids(server.port)), READ_GOAL
    )


def list_50(stage: Stage) -> Iterator[report.Row]:
    """The first page."""
    caller = stage.full.caller
    yield from _rows(stage, "list of 50", lambda _: caller.lists(), READ_GOAL)


def filtered(stage: Stage) -> Iterator[report.Row]:
    """A page of one recipient's messages, against a page of everybody's."""
    full = stage.full
    for recipients, goal in ((WARM, FILTER_GOAL), (RECIPIENTS, None)):
        duel = Duel()
        for number in range(stage.settings.rounds):
            turns = [(full.caller.filtered_lists(recipients), duel.ours)]
            turns.append((full.caller.lists(), duel.theirs))
            for requests, samples in turns if number % 2 else reversed(turns):
                samples.append(_round(full, requests, stage))
        yield report.Row(
            f"list filtered by To, {recipients:,} in turn",
            f"{typical(duel.ours).rate:>6,.0f}/s",
            f"{typical(duel.theirs).rate:>6,.0f}/s unfiltered",
            report.ratio([one.rate for one in duel.ours], [one.rate for one in duel.theirs]),
            at_least=goal,
        )


def _rows(
    stage: Stage, what: str, requests: Callable[[Server], Requests], goal: float
) -> Iterator[report.Row]:
    """One row for each number of connections; the goal is set at one of them."""
    for connections in CONNECTIONS:
        duel = stage.full.duel(requests, connections, stage.settings)
        at_least = goal if connections == JUDGED else None
        plural = "connections" if connections > 1 else "connection"
        yield duel.row(f"{what}, {connections} {plural}", at_least)
    yield report.Row(
        f"{what}, {connections} {plural}: p99 by p50",
        _tail_text(duel.ours),
        _tail_text(duel.theirs),
        figure=report.ratio([one.p99 for one in duel.ours], [one.p50 for one in duel.ours]),
        at_most=TAIL_GOAL,
        unit=" x p50",
    )


def _round(pair: Pair, requests: Requests, stage: Stage) -> Sample:
    return load(pair.mock.port, requests, connections=JUDGED, seconds=stage.settings.seconds)


def _tail_text(samples: list[Sample]) -> str:
    middle = typical(samples)
    return f"{middle.p99:.2f} / {middle.p50:.2f} ms = {middle.p99 / middle.p50:.1f}"
