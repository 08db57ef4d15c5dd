"""The rules in force in a sandbox: a scenario's, and those that a test added one by one.

A rule added later goes before all others: it is what the test means now. But a fault added later
waits behind those added before, so that two `fail_next` are two failures in a row; both go before
the scenario's. Rules that are switched off, at the start or by a step, are kept aside. Counters,
switches and the time since which the scenario is in force live in the tables.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from mockserver.domain.creation import Checks
from mockserver.domain.faults import (
    SECTIONS,
    DeliveryRule,
    FaultRule,
    HandsetRule,
    Rule,
    Scenario,
    Step,
    WeatherRule,
)
from mockserver.domain.options import Options
from mockserver.world.tables import Tables

SECTION_OF: Final[Mapping[type[Rule], str]] = {
    DeliveryRule: "delivery",
    FaultRule: "faults",
    WeatherRule: "weather",
    HandsetRule: "handsets",
}


class InForce:
    """Which rules and switches hold."""

    def __init__(self, tables: Tables, usual: Options, now: Callable[[], int]) -> None:
        """`usual` are the switches of which a scenario says nothing; `now` is the clock's time."""
        self._tables, self._usual, self._now = tables, usual, now
        self._added: dict[str, list[Rule]] = {section: [] for section in SECTIONS}
        self.scenario = Scenario("")
        self.delivery: tuple[DeliveryRule, ...] = ()
        self.faults: tuple[FaultRule, ...] = ()
        self.weather: tuple[WeatherRule, ...] = ()
        self.handsets: tuple[HandsetRule, ...] = ()
        self.on_changed: Callable[[], None] = _nobody
        """Told when other rules, or switches, are in force."""
        self.edition = 0
        """Another one whenever other rules are there, or hold."""
        self.options = usual
        self.checks = Checks.of(usual)
        """Those of a create that are of use under the options."""

    def put(self, scenario: Scenario) -> None:
        """Replace rules, counters and switches at once."""
        self.scenario = scenario
        for added in self._added.values():
            added.clear()
        self._tables.counters.clear()
        self._tables.course.begin(self._now())
        self.refresh()

    def refresh(self) -> None:
        """Go by the tables: which rules are switched on or off, how many steps were taken."""
        taken = self.scenario.steps[: self._tables.course.taken]
        switches = self.scenario.switches
        for step in taken:
            switches |= step.switches
        self.options = replace(self._usual, **switches)
        self.checks = Checks.of(self.options)
        self._assemble()

    def switch(self, on: Iterable[str], off: Iterable[str]) -> None:
        """Put rules, by id, in force or out of it."""
        course = self._tables.course
        course.switched |= {**dict.fromkeys(on, True), **dict.fromkeys(off, False)}
        self.refresh()

    @property
    def ids(self) -> frozenset[str]:
        """Of all rules: they are counted in one table."""
        return frozenset(rule.id for section in SECTIONS for rule in self.every(section))

    def every(self, section: str) -> tuple[Rule, ...]:
        """The rules of a section, those included that are switched off."""
        return (*self._added[section], *self.scenario.rules(section))

    def added(self, section: str) -> tuple[Rule, ...]:
        """The rules of a section that were put in force one by one, as they go."""
        return tuple(self._added[section])

    def enabled(self, rule: Rule) -> bool:
        """Whether a rule is in force."""
        return self._tables.course.switched.get(rule.id, rule.enabled)

    def add(self, rule: Rule) -> None:
        """Put a single rule in force."""
        section = SECTION_OF[type(rule)]
        place = len(self._added[section]) if section == "faults" else 0
        self._added[section].insert(place, rule)
        self._assemble()

    def drop(self, section: str, rule_id: str | None) -> bool:
        """Take one rule of a section out, or all; whether there was one."""
        gone = [rule.id for rule in self.every(section) if rule_id in (None, rule.id)]
        self._added[section] = _without(gone, self._added[section])
        kept = {section: tuple(_without(gone, self.scenario.rules(section)))}
        steps = tuple(step.without(gone) for step in self.scenario.steps)
        self.scenario = replace(self.scenario, steps=steps, **kept)
        for name in gone:
            self._tables.course.switched.pop(name, None)
            self._forget(name)
        self._assemble()
        return bool(gone)

    def in_force(self) -> Scenario:
        """The scenario with the rules that were added."""
        return replace(self.scenario, **{section: self.every(section) for section in SECTIONS})

    @property
    def next_step(self) -> Step | None:
        """The step of the scenario that comes next."""
        steps, taken = self.scenario.steps, self._tables.course.taken
        return steps[taken] if taken < len(steps) else None

    @property
    def elapsed(self) -> int:
        """Microseconds of the sandbox's clock since the scenario came into force."""
        return self._now() - self._tables.course.since

    @property
    def counters(self) -> Mapping[str, int]:
        """How often rules matched and fired, by `ID.matched` and `ID.fired`."""
        return self._tables.counters

    def _forget(self, rule_id: str) -> None:
        """Drop a rule's counters, and whatever else it has remembered there."""
        counters = self._tables.counters
        for key in [each for each in counters if each.startswith(f"{rule_id}.")]:
            del counters[key]

    def _assemble(self) -> None:
        self.edition += 1
        for section in SECTIONS:
            rules = self.every(section)
            setattr(self, section, tuple(rule for rule in rules if self.enabled(rule)))
        self.on_changed()


def _without(gone: list[str], rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.id not in gone]


def _nobody() -> None:
    """Nobody wants to know."""
