"""The rules in force in a sandbox: a scenario's, and those that a test added one by one.

A delivery rule added later goes before all others: it is what the test means now. A fault added
later waits behind those added before, so that two `fail_next` are two failures in a row; both go
before the scenario's. Counters live in the tables.
"""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import TypeVar

from msgspec.structs import replace

from mockserver.domain.built_in import built_in
from mockserver.domain.creation import Checks
from mockserver.domain.faults import DeliveryRule, FaultRule, Scenario, decide
from mockserver.domain.lifecycle import Fate
from mockserver.domain.matching import Subject
from mockserver.domain.message import Message
from mockserver.domain.options import USUAL, Options
from mockserver.world.dice import Dice
from mockserver.world.subjects import MessageSubject
from mockserver.world.tables import Tables


class Rulebook:
    """What decides fates and faults in one sandbox."""

    def __init__(self, tables: Tables, dice: Dice, usual: Options = USUAL) -> None:
        """`usual` are the switches of which a scenario says nothing."""
        self._tables, self._dice, self._usual = tables, dice, usual
        self._rolls = count(1)
        self._added_delivery: list[DeliveryRule] = []
        self._added_faults: list[FaultRule] = []
        self.scenario = Scenario("")
        self.delivery: tuple[DeliveryRule, ...] = ()
        self.faults: tuple[FaultRule, ...] = ()
        self.options = usual
        self.checks = Checks.of(usual)
        """Those of a create that are of use under the options."""

    def put(self, scenario: Scenario) -> None:
        """Replace rules, counters and switches at once."""
        self.scenario = scenario
        self._added_delivery.clear()
        self._added_faults.clear()
        self._tables.counters.clear()
        self.options = replace(self._usual, **scenario.switches)
        self.checks = Checks.of(self.options)
        self._assemble()

    @property
    def ids(self) -> frozenset[str]:
        """Of all rules: they are counted in one table."""
        return frozenset([*(rule.id for rule in self.delivery), *(rule.id for rule in self.faults)])

    def add_delivery(self, rule: DeliveryRule) -> None:
        self._added_delivery.insert(0, rule)
        self._assemble()

    def add_fault(self, rule: FaultRule) -> None:
        self._added_faults.append(rule)
        self._assemble()

    def drop(self, kind: str, rule_id: str | None) -> bool:
        """Take one rule of a kind (`delivery`, `faults`) out, or all; whether there was one."""
        rules = self.delivery if kind == "delivery" else self.faults
        gone = [rule.id for rule in rules if rule_id in (None, rule.id)]
        if kind == "delivery":
            self._added_delivery = _without(gone, self._added_delivery)
            kept = tuple(_without(gone, self.scenario.delivery))
            self.scenario = replace(self.scenario, delivery=kept)
        else:
            self._added_faults = _without(gone, self._added_faults)
            left = tuple(_without(gone, self.scenario.faults))
            self.scenario = replace(self.scenario, faults=left)
        for name in gone:
            for counter in ("matched", "fired"):
                self._tables.counters.pop(f"{name}.{counter}", None)
        self._assemble()
        return bool(gone)

    def in_force(self) -> Scenario:
        """The scenario with the rules that were added."""
        return replace(self.scenario, delivery=self.delivery, faults=self.faults)

    def fate(self, message: Message) -> Fate:
        """How a message ends: by the first rule that is about it, else by its recipient."""
        return (self.delivery and self.ruled(message)) or built_in(message.to)

    def ruled(self, message: Message) -> Fate | None:
        """How a message ends by the first rule that is about it, if there is one."""
        rolls = count(1)
        rule, changes = decide(
            self.delivery,
            MessageSubject(message, None),
            lambda: self._dice.fraction("delivery", f"{message.sid}/{next(rolls)}"),
            self._tables.counters,
        )
        self._tables.counters.update(changes)
        return rule.fate if rule is not None else None

    def fault(self, call: Subject) -> FaultRule | None:
        """How an API call goes wrong, if it does."""
        rule, changes = decide(
            self.faults,
            call,
            lambda: self._dice.fraction("fault", str(next(self._rolls))),
            self._tables.counters,
        )
        self._tables.counters.update(changes)
        return rule

    @property
    def counters(self) -> Mapping[str, int]:
        """How often rules matched and fired, by `ID.matched` and `ID.fired`."""
        return self._tables.counters

    def _assemble(self) -> None:
        self.delivery = (*self._added_delivery, *self.scenario.delivery)
        self.faults = (*self._added_faults, *self.scenario.faults)


Rule = TypeVar("Rule", DeliveryRule, FaultRule)


def _without(gone: list[str], rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.id not in gone]
