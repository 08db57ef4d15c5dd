"""What a rule is about: a matcher, a country, a share, a number, a window of time."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import msgspec

from mockserver.domain.addresses import country, normalise
from mockserver.domain.durations import written
from mockserver.domain.matching import (
    CALLBACK_FIELDS,
    MESSAGE_FIELDS,
    REQUEST_FIELDS,
    FieldKind,
    Matcher,
    Subject,
)

Roll = Callable[[], float]
"""Chance: a number from 0 up to, but without, 1."""

SETTLED_LATER: Final = frozenset({"status", "reached", "since", "sid", "error_code", "error"})
"""What nobody knows yet when a rule decides."""

DELIVERY_FIELDS: Final[Mapping[str, FieldKind]] = {
    name: kind for name, kind in MESSAGE_FIELDS.items() if name not in SETTLED_LATER
}
FAULT_FIELDS: Final[Mapping[str, FieldKind]] = {
    name: kind for name, kind in REQUEST_FIELDS.items() if name not in SETTLED_LATER
}
WEATHER_FIELDS: Final[Mapping[str, FieldKind]] = {
    **{name: MESSAGE_FIELDS[name] for name in ("to", "from", "body", "body_regex", "channel")},
    **{name: kind for name, kind in CALLBACK_FIELDS.items() if name != "response_status"},
}
"""`to`, `from`, `body` and `channel` are those of the message that the callback is about."""

HANDSET_FIELDS: Final[Mapping[str, FieldKind]] = DELIVERY_FIELDS

WHOSE: Final = 20
"""Hexadecimal digits that stand for what is alike; ours."""

EVERYTHING: Final = Matcher({})
NO_PARAMETERS: Final[Mapping[str, Matcher]] = MappingProxyType({})


class When(msgspec.Struct, frozen=True):
    """What a rule is about."""

    matcher: Matcher = EVERYTHING
    countries: tuple[str, ...] = ()
    """ISO 3166 codes for the number in `to`; any where empty."""
    share: float | None = None
    """The part of what matches for which the rule fires, from 0 to 1."""
    nth: int | None = None
    """Fires for the nth subject that matches, and for no other; counted from 1."""
    every: int | None = None
    """Fires for each nth: the third, the sixth and so on."""
    after: int | None = None
    """Microseconds of the sandbox's clock since the scenario, or the rule, came into force."""
    before: int | None = None
    """The same; from then on it matches no more."""
    parameters: Mapping[str, Matcher] = NO_PARAMETERS
    """Of requests: what further parameters must be like, by name, each under the filter `value`."""
    per: tuple[str, ...] = ()
    """Facts of the subject: `nth` and `every` count those that have all of them alike."""

    def matches(self, subject: Subject, elapsed: int = 0) -> bool:
        """Whether the rule is about this subject, chance and number aside.

        `elapsed`: microseconds since it came into force.
        """
        if (self.after is not None and elapsed < self.after) or (
            self.before is not None and elapsed >= self.before
        ):
            return False
        return (
            self.matcher.matches(subject)
            and (not self.countries or _country(subject) in self.countries)
            and (not self.parameters or self._has_parameters(subject))
        )

    def fires(self, roll: Roll, count: int) -> bool:
        """Whether it is its turn after `count` that matched; rolls only where there is a share."""
        if self.nth is not None and count + 1 != self.nth:
            return False
        if self.every is not None and (count + 1) % self.every:
            return False
        return self.share is None or roll() < self.share

    @property
    def counted(self) -> bool:
        """Whether it matters how many matched before."""
        return self.nth is not None or self.every is not None

    def whose(self, subject: Subject) -> str:
        """Among which subjects this one is counted; the same text for all that are alike."""
        facts = (subject.get(name) for name in self.per)
        text = "\0".join(normalise(fact) if isinstance(fact, str) else str(fact) for fact in facts)
        return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:WHOSE]

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        own = {
            "country": list(self.countries) or None,
            "share": self.share,
            "nth": self.nth,
            "every": self.every,
            "per": list(self.per) or None,
            "after": None if self.after is None else written(self.after),
            "before": None if self.before is None else written(self.before),
            "parameters": {name: each.filters["value"] for name, each in self.parameters.items()}
            or None,
        }
        said = {name: value for name, value in own.items() if value is not None}
        return {**self.matcher.filters, **said}

    def _has_parameters(self, subject: Subject) -> bool:
        given = subject.get("parameters")
        named: Mapping[str, object] = given if isinstance(given, Mapping) else {}
        return all(
            name in named and matcher.matches({"value": named[name]})
            for name, matcher in self.parameters.items()
        )


def _country(subject: Subject) -> str:
    to = subject.get("to")
    return country(normalise(to).rpartition(":")[2]) if isinstance(to, str) else ""
