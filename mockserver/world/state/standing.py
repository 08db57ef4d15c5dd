"""How a sandbox stands beside its tables: its clock, the rules in force, its webhook map."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.faults import SECTIONS, Scenario
from mockserver.world.clock import Clock, Mode
from mockserver.world.rulebook import Rulebook
from mockserver.world.state.scenarios import KeptScenario
from mockserver.world.tables import Course

PAGE: Final = "standing"
"""Where it stands in the file, by name."""

SECOND: Final = 1_000_000

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

    def clock(self) -> Clock:
        """One that goes on from there: a real one with the wall, others from their time.

        A scaled one is written once a second; it goes on from the next, which is after whatever
        happened in that one.
        """
        if self.mode.name == "real":
            return Clock(self.mode, ahead=self.ahead)
        if self.mode.frozen:
            return Clock(self.mode, self.now)
        return Clock(self.mode, (self.now // SECOND + 1) * SECOND)


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
        self._stand: tuple[object, ...] = ()
        self._edition = -1
        self._kept_routes: dict[str, tuple[str, str]] = {}
        self._kept_course = b""

    def follow(self, clock: Clock, rules: Rulebook, routes: Mapping[str, tuple[str, str]]) -> None:
        """Look at these from now on."""
        self._clock, self._rules, self._routes = clock, rules, routes

    def changes(self) -> Iterator[tuple[str, bytes]]:
        """What is not as it was the last time, by name, as it stands in the file."""
        if (stand := self._clock.stand) != self._stand:
            self._stand = stand
            yield "clock", _encode(KeptClock.of(self._clock))
        if (course := _encode(self._course)) != self._kept_course:
            self._kept_course = course
            yield "course", course
        if (edition := self._rules.edition) != self._edition:
            self._edition = edition
            yield "rules", _encode(_kept(self._rules))
        if self._routes != self._kept_routes:
            self._kept_routes = dict(self._routes)
            yield "routes", _encode(KeptRoutes(self._kept_routes))


def _kept(rules: Rulebook) -> KeptRules:
    own = rules.scenario
    added: dict[str, Any] = {section: rules.added(section) for section in SECTIONS}
    return KeptRules(KeptScenario.of(own), KeptScenario.of(Scenario("", **added)))


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
