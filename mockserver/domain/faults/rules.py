"""Rules, as a scenario's sections hold them, and which of them decides.

Nothing here rolls dice or counts: the caller brings chance and counters, and keeps what comes back.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from mockserver.domain.comparing import TooSlow
from mockserver.domain.durations import written
from mockserver.domain.faults.outcomes import After
from mockserver.domain.faults.weather import Weather, check_kinds
from mockserver.domain.faults.when import Roll, When
from mockserver.domain.lifecycle import Fate
from mockserver.domain.matching import Subject

if TYPE_CHECKING:  # few servers have such rules
    from mockserver.domain.faults.kinds import Fault

Counts = Mapping[str, int]
"""How often rules matched and fired, by `ID.matched` and `ID.fired`; a missing one is 0."""

AT_USUAL_TIMES: Final = After()


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
    enabled: bool = True
    """Whether it is in force from the start; a step may switch it."""

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
    then: "Fault"
    times: int | None = None
    """How often it fires at most."""
    enabled: bool = True

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        from mockserver.domain.faults.kinds import fault_document

        return _document(self, {"then": fault_document(self.then)})


class WeatherRule(msgspec.Struct, frozen=True):
    """Makes webhooks misbehave."""

    id: str
    when: When
    then: Weather
    times: int | None = None
    """How often it fires at most."""
    enabled: bool = True

    def __post_init__(self) -> None:
        """Raise `ValueError` where it names a kind of webhook of which this cannot become."""
        check_kinds(self.when.matcher.filters.get("kind"), self.then)

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        return _document(self, {"then": self.then.document()})


class HandsetRule(msgspec.Struct, frozen=True):
    """Has a handset answer a message that reached it."""

    id: str
    when: When
    """Of the message; the first `body_regex` that is found in it has the groups of `reply`."""
    reply: str
    """What it writes back; `\\1` and `\\g<name>` stand for groups of `body_regex`."""
    delay: int = 0
    """Microseconds from the delivery."""
    times: int | None = None
    """How often it fires at most."""
    enabled: bool = True

    def __post_init__(self) -> None:
        """Raise `ValueError` where `reply` names a group that there is not."""
        from mockserver.domain.handset_answers import check_answer  # few have such rules

        check_answer(self.reply, self._patterns)

    def answer(self, body: str) -> str:
        """What it writes back to a message with this text."""
        from mockserver.domain.handset_answers import answer_text

        return answer_text(self.reply, self._patterns, body)

    @property
    def _patterns(self) -> tuple[str, ...]:
        said: Any = self.when.matcher.filters.get("body_regex", ())
        return (said,) if isinstance(said, str) else tuple(said)

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        delay = {"delay": written(self.delay)} if self.delay else {}
        return _document(self, {"reply": self.reply, **delay})


Rule = DeliveryRule | FaultRule | WeatherRule | HandsetRule

SECTIONS: Final = ("delivery", "faults", "weather", "handsets")
"""A scenario's lists of rules. All are counted in one table, so ids differ across them."""


def _document(rule: Rule, what: dict[str, object]) -> dict[str, object]:
    times = {} if rule.times is None else {"times": rule.times}
    enabled = {} if rule.enabled else {"enabled": False}
    when = rule.when.document()
    return {"id": rule.id, **({"when": when} if when else {}), **what, **times, **enabled}


R = TypeVar("R", DeliveryRule, FaultRule, WeatherRule, HandsetRule)

_NO_CHANGES: Final[Counts] = MappingProxyType({})

PER: Final = "per/"
"""Counted, as `ID.per/WHOSE`, for what matches a rule that counts those who are alike."""

TOO_SLOW: Final = "too_slow"
"""Counted, as `ID.too_slow`, for a rule whose expression was given up; it matches nothing."""


def decide(
    rules: Sequence[R],
    subject: Subject,
    roll: Roll,
    counts: Counts,
    elapsed: int = 0,
    bites: Callable[[R], bool] | None = None,
) -> tuple[R | None, Counts]:
    """The first rule that wants the subject, and the counts that thereby change.

    A rule with `nth` or `every` counts all that matches it, also what an earlier rule decides; any
    other one, what came as far as it. A rule that has fired `times` times is over. `roll` is called
    once for each rule with `share` that is reached. `elapsed`: microseconds of the sandbox's clock
    since the scenario came into force. `bites` is asked about the rule that would decide; one that
    does not bite lets the subject go on to the next.
    """
    if not rules:
        return None, _NO_CHANGES
    chosen: R | None = None
    changes: dict[str, int] = {}
    for rule in rules:
        when = rule.when
        if chosen is not None and not when.counted:
            continue
        try:
            if not when.matches(subject, elapsed):
                continue
        except TooSlow:
            changes[f"{rule.id}.{TOO_SLOW}"] = 1
            continue
        key = f"{rule.id}.matched"
        before = counts.get(key, 0)
        changes[key] = before + 1
        if when.per:
            key = f"{rule.id}.{PER}{when.whose(subject)}"
            before = counts.get(key, 0)
            changes[key] = before + 1
        if (
            chosen is None
            and not _over(rule, counts)
            and when.fires(roll, before)
            and (bites is None or bites(rule))
        ):
            chosen = rule
            changes[f"{rule.id}.fired"] = counts.get(f"{rule.id}.fired", 0) + 1
    return chosen, changes


def _over(rule: Rule, counts: Counts) -> bool:
    return rule.times is not None and counts.get(f"{rule.id}.fired", 0) >= rule.times
