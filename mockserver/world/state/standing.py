"""How a sandbox stands beside its tables: its clock, the rules in force, its webhook map."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.faults import SECTIONS, Rule, Scenario
from mockserver.world.clock import Clock, Mode
from mockserver.world.rulebook import Rulebook
from mockserver.world.state.scenarios import KeptScenario
from mockserver.world.tables import Course

PAGE: Final = "standing"
"""Where it stands in the file, by name."""

PACE: Final = 10_000
"""Microseconds by which a real clock may differ from what is kept of it: it goes with the wall."""

_encode: Final = msgspec.msgpack.Encoder().encode


class KeptClock(msgspec.Struct, frozen=True):
    """A clock."""

    mode: Mode
    now: int
    ahead: int = 0
    """Of the wall's time, in microseconds; what a real clock goes on from."""

    @classmethod
    def of(cls, clock: Clock) -> "KeptClock":
        """As it is now."""
        return cls(clock.mode, clock.now(), clock.ahead)

    def differs(self, other: "KeptClock") -> bool:
        """Whether what is kept is not good enough any more."""
        if self.mode != other.mode:
            return True
        if self.mode.name == "real":
            return abs(self.ahead - other.ahead) > PACE
        return self.now != other.now

    def clock(self) -> Clock:
        """One that goes on from there: a real one with the wall, others from their time."""
        return Clock(self.mode, self.now, self.ahead if self.mode.name == "real" else None)


class KeptRules(msgspec.Struct, frozen=True):
    """A scenario, and the rules that were added to it as another one."""

    scenario: KeptScenario
    added: KeptScenario

    def put(self, rules: Rulebook) -> None:
        """In force again; raise `ScenarioError`."""
        rules.put(self.scenario.scenario())
        added = self.added.scenario()
        for section in SECTIONS:
            every = added.rules(section)
            for rule in every if section == "faults" else reversed(every):
                rules.add(rule)


class KeptRoutes(msgspec.Struct, frozen=True):
    """A webhook map, by id."""

    routes: dict[str, tuple[str, str]] = {}


class Standing:
    """Finds out what changed."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._clock: Clock
        self._rules: Rulebook
        self._routes: Mapping[str, tuple[str, str]]
        self._kept_clock = KeptClock(Mode("", 0.0), 0)
        self._kept_rules: tuple[object, ...] = ()
        self._kept_routes: dict[str, tuple[str, str]] = {}
        self._kept_course = b""

    def follow(self, clock: Clock, rules: Rulebook, routes: Mapping[str, tuple[str, str]]) -> None:
        """Look at these from now on."""
        self._clock, self._rules, self._routes = clock, rules, routes

    def changes(self) -> Iterator[tuple[str, bytes]]:
        """What is not as it was the last time, by name, as it stands in the file."""
        clock = KeptClock.of(self._clock)
        if clock.differs(self._kept_clock):
            self._kept_clock = clock
            yield "clock", _encode(clock)
        if (course := _encode(self._course)) != self._kept_course:
            self._kept_course = course
            yield "course", course
        if (rules := _rules(self._rules)) != self._kept_rules:
            self._kept_rules = rules
            yield "rules", _encode(_kept(self._rules))
        if self._routes != self._kept_routes:
            self._kept_routes = dict(self._routes)
            yield "routes", _encode(KeptRoutes(self._kept_routes))


def _rules(rules: Rulebook) -> tuple[object, ...]:
    """What differs when other rules are there; records that are the same are compared at once."""
    return (rules.scenario, *(rules.every(section) for section in SECTIONS))


def _kept(rules: Rulebook) -> KeptRules:
    own = rules.scenario
    added: dict[str, Any] = {section: _added(rules, section) for section in SECTIONS}
    return KeptRules(KeptScenario.of(own), KeptScenario.of(Scenario("", **added)))


def _added(rules: Rulebook, section: str) -> tuple[Any, ...]:
    """Rules that go before the scenario's own."""
    every: tuple[Rule, ...] = rules.every(section)
    return every[: len(every) - len(rules.scenario.rules(section))]


class Stood(msgspec.Struct):
    """How a sandbox stood, as the file has it."""

    clock: KeptClock | None = None
    course: Course | None = None
    rules: KeptRules | None = None
    routes: KeptRoutes = KeptRoutes()

    def read(self, name: str, content: bytes) -> None:
        """One part of it; raise `msgspec.DecodeError`."""
        setattr(self, name, msgspec.msgpack.decode(content, type=_FORMS[name]))


_FORMS: Final[Mapping[str, Any]] = {
    "clock": KeptClock,
    "course": Course,
    "rules": KeptRules,
    "routes": KeptRoutes,
}
