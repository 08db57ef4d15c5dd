"""What a run is: how long, how much, and the servers that its parts share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import Final

from benchmarks import report
from benchmarks.load import Sample, load, send, typical
from benchmarks.servers import BARE, MOCK, Server, serving
from benchmarks.wire import Caller, Requests

LOADERS: Final = 16
"""Connections that fill a server."""

QUIET: Final = 0.85
"""Share of its core that a loaded server gets on a machine with nothing else to do."""

RING: Final = 12_000
"""Messages after which the mock's journal holds all that it ever will, and grows no more."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How long a run takes and how much it keeps."""

    rounds: int = 5
    seconds: float = 0.5
    """Of each round against each server."""
    kept: int = 100_000
    """Messages that are there while most things are measured."""
    starts: int = 9
    """Processes started for the cold start."""
    callbacks: int = 6_000
    calls: int = 200
    """Of the official client, each round against each server."""
    mock: tuple[str, ...] = MOCK
    """What is measured; the reference itself, to see how much of a ratio is noise."""


FULL: Final = Settings()
QUICK: Final = Settings(2, 0.15, kept=2_000, starts=3, callbacks=400, calls=20)


@dataclass(slots=True)
class Duel:
    """Rounds of the same load against both servers, in turns."""

    ours: list[Sample] = field(default_factory=list)
    theirs: list[Sample] = field(default_factory=list)
    our_time: float = 0.0
    """Seconds of processor time that the server took for all rounds."""
    their_time: float = 0.0

    def row(self, what: str, at_least: float | None = None) -> report.Row:
        """Requests per second, p50 and p99, processor time of one; the ratio is of the first."""
        return report.Row(
            what,
            _text(self.ours, self.our_time),
            _text(self.theirs, self.their_time),
            report.ratio([one.rate for one in self.ours], [one.rate for one in self.theirs]),
            at_least=at_least,
        )


@dataclass(frozen=True)
class Pair:
    """The mock and the reference, both running."""

    mock: Server
    bare: Server
    shares: list[float]
    """Of its core, as the reference got it under many connections: less than 1 where others ran."""
    caller: Caller = field(default_factory=Caller)

    def fill(self, count: int) -> None:
        """Let both keep `count` messages more."""
        for server in (self.mock, self.bare):
            send(server.port, self.caller.creates(), connections=LOADERS, count=count)

    def duel(
        self, requests: Callable[[Server], Requests], connections: int, settings: Settings
    ) -> Duel:
        """Load both in turns; who goes first changes from round to round."""
        duel = Duel()
        sides = [
            (self.mock, requests(self.mock), duel.ours),
            (self.bare, requests(self.bare), duel.theirs),
        ]
        before = self.mock.processor_seconds(), self.bare.processor_seconds()
        for number in range(settings.rounds):
            for server, wanted, samples in sides if number % 2 else reversed(sides):
                samples.append(
                    load(server.port, wanted, connections=connections, seconds=settings.seconds)
                )
        duel.our_time = self.mock.processor_seconds() - before[0]
        duel.their_time = self.bare.processor_seconds() - before[1]
        if connections >= LOADERS:
            self.shares.append(duel.their_time / (settings.rounds * settings.seconds))
        return duel


class Stage:
    """Hands out the servers; what several parts need is started once, when first asked for."""

    def __init__(self, settings: Settings, exits: ExitStack) -> None:
        self.settings = settings
        self._exits = exits
        self._shares: list[float] = []
        self.bytes_each = 0.0
        """Memory that a kept message takes in the mock, once `full` was filled."""

    @contextmanager
    def pair(self) -> Iterator[Pair]:
        """Both servers, fresh."""
        with self.mock() as mock, serving("bare", BARE) as bare:
            yield Pair(mock, bare, self._shares)

    @contextmanager
    def mock(self) -> Iterator[Server]:
        """What is measured, fresh."""
        with serving("mock", self.settings.mock) as server:
            yield server

    def caution(self) -> str:
        """A word about a machine on which others ran; "" where there is nothing to say."""
        share = median(self._shares) if self._shares else 0.0
        if not 0 < share < QUIET:
            return ""
        return (
            f"the reference got {share:.0%} of its core under full load: something else was "
            "running, and ratios of throughput lean towards 1"
        )

    @cached_property
    def full(self) -> Pair:
        """Both servers, with `kept` messages and more."""
        pair = self._exits.enter_context(self.pair())
        pair.fill(min(RING, self.settings.kept))
        before = pair.mock.own()
        pair.fill(self.settings.kept)
        self.bytes_each = (pair.mock.own() - before) / self.settings.kept
        return pair


def _text(samples: list[Sample], processor_seconds: float) -> str:
    middle = typical(samples)
    cost = processor_seconds / middle.count * 1e6
    return f"{middle.rate:>6,.0f}/s {middle.p50:.2f}/{middle.p99:.2f} ms {cost:.0f} µs cpu"
