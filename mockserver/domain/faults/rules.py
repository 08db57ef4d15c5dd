"""Rules, as a scenario's sections hold them, and which of them decides.

Nothing here rolls dice or counts: the caller brings chance and counters, and keeps what comes back.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

from mockserver.domain.addresses import country, normalise
from mockserver.domain.faults import documents
from mockserver.domain.faults.kinds import Fault
from mockserver.domain.faults.outcomes import After
from mockserver.domain.lifecycle import Fate
from mockserver.domain.matching import (
    MESSAGE_FIELDS,
    REQUEST_FIELDS,
    FieldKind,
    Matcher,
    Subject,
)

Roll = Callable[[], float]
"""Chance: a number from 0 up to, but without, 1."""

Counts = Mapping[str, int]
"""How often rules matched and fired, by `ID.matched` and `ID.fired`; a missing one is 0."""

_SETTLED_LATER: Final = frozenset({"status", "reached", "since", "sid", "error_code", "error"})
"""What nobody knows yet when a rule decides."""

DELIVERY_FIELDS: Final[Mapping[str, FieldKind]] = {
    name: kind for name, kind in MESSAGE_FIELDS.items() if name not in _SETTLED_LATER
}
FAULT_FIELDS: Final[Mapping[str, FieldKind]] = {
    name: kind for name, kind in REQUEST_FIELDS.items() if name not in _SETTLED_LATER
}

EVERYTHING: Final = Matcher({})
AT_USUAL_TIMES: Final = After()


class When(msgspec.Struct, frozen=True):
    """What a rule is about."""

    matcher: Matcher = EVERYTHING
    countries: tuple[str, ...] = ()
    """ISO 3166 codes for the number in `to`; any where empty."""
    share: float | None = None
    """The part of what matches for which the rule fires, from 0 to 1."""
    nth: int | None = None
    """Fires for the nth subject that matches, and for no other; counted from 1."""

    def matches(self, subject: Subject) -> bool:
        """Whether the rule is about this subject, chance and number aside."""
        return self.matcher.matches(subject) and (
            not self.countries or _country(subject) in self.countries
        )

    def fires(self, roll: Roll, count: int) -> bool:
        """Whether it is its turn after `count` that matched; rolls only where there is a share."""
        if self.nth is not None and count + 1 != self.nth:
            return False
        return self.share is None or roll() < self.share

    def wants(self, subject: Subject, roll: Roll, count: int) -> bool:
        """Both."""
        return self.matches(subject) and self.fires(roll, count)

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        own = {"country": list(self.countries) or None, "share": self.share, "nth": self.nth}
        said = {name: value for name, value in own.items() if value is not None}
        return {**self.matcher.filters, **said}


def _country(subject: Subject) -> str:
    to = subject.get("to")
    return country(normalise(to).rpartition(":")[2]) if isinstance(to, str) else ""


class DeliveryRule(msgspec.Struct, frozen=True):
    """Decides how messages end."""

    id: str
    when: When
    outcome: str
    """One of `lifecycle.OUTCOMES`."""
    error_code: int = 0
    """0: none."""
    after: After = AT_USUAL_TIMES
    times: int | None = None
    """How often it fires at most."""

    @property
    def fate(self) -> Fate:
        """How a message ends for which it fires."""
        return self.after.fate(self.outcome, self.error_code)

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        code = {"error_code": self.error_code} if self.error_code else {}
        after = {"after": times} if (times := self.after.document()) else {}
        return _document(self, {"outcome": self.outcome, **code, **after})


class FaultRule(msgspec.Struct, frozen=True):
    """Makes the API misbehave."""

    id: str
    when: When
    then: Fault
    times: int | None = None
    """How often it fires at most."""

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        return _document(self, {"then": documents.document(self.then)})


def _document(rule: DeliveryRule | FaultRule, what: dict[str, object]) -> dict[str, object]:
    times = {} if rule.times is None else {"times": rule.times}
    when = rule.when.document()
    return {"id": rule.id, **({"when": when} if when else {}), **what, **times}


Rule = TypeVar("Rule", DeliveryRule, FaultRule)

_NO_CHANGES: Final[Counts] = MappingProxyType({})


def decide(
    rules: Sequence[Rule], subject: Subject, roll: Roll, counts: Counts
) -> tuple[Rule | None, Counts]:
    """The first rule that wants the subject, and the counts that thereby change.

    A rule with `nth` counts all that matches it, also what an earlier rule decides. A rule that has
    fired `times` times is over. `roll` is called once for each rule with `share` that is reached.
    """
    if not rules:
        return None, _NO_CHANGES
    chosen: Rule | None = None
    changes: dict[str, int] = {}
    for rule in rules:
        when = rule.when
        if (chosen is not None and when.nth is None) or not when.matches(subject):
            continue
        before = _count(rule, counts, changes)
        if chosen is None and not _over(rule, counts) and when.fires(roll, before):
            chosen = rule
            changes[f"{rule.id}.fired"] = counts.get(f"{rule.id}.fired", 0) + 1
    return chosen, changes


def _count(rule: DeliveryRule | FaultRule, counts: Counts, changes: dict[str, int]) -> int:
    """How many matched before; one more, where that is of interest."""
    if rule.when.nth is None:
        return 0
    key = f"{rule.id}.matched"
    before = counts.get(key, 0)
    changes[key] = before + 1
    return before


def _over(rule: DeliveryRule | FaultRule, counts: Counts) -> bool:
    return rule.times is not None and counts.get(f"{rule.id}.fired", 0) >= rule.times
