"""What the words of a check mean: filters, times, lengths, amounts. All raise with their place."""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.durations import microseconds
from mockserver.domain.matching import MESSAGE_FIELDS, PUSH_CHANNELS, BadFilter, Matcher
from mockserver.world.clock import parse_instant
from mockserver.world.verifying.costs import amount
from mockserver.world.verifying.sight import ALWAYS, ENDLESS, Scope, Window

Document = Mapping[str, Any]

_WANTED: Final = "use ISO 8601, or a duration since the sandbox began: 60s, 2m"


class BadCheck(ValueError):
    """A check cannot be used; `field` is where."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class Terms:
    """Reads the words of one check."""

    def __init__(self, began: int, at: str = "") -> None:
        """`began`: when the sandbox's clock started; `at`: what stands before the names of fields.

        Raise `BadCheck`, and `BadFilter` for filters.
        """
        self._began, self._at = began, at

    def bad(self, field: str, reason: str) -> BadCheck:
        """The complaint about a field."""
        return BadCheck(self._at + field, reason)

    def scope(self, document: Document) -> Scope:
        """Which messages it is about."""
        matcher, within = self.matcher("where", document.get("where", {})), document.get("within")
        if not within:
            return Scope(matcher, ALWAYS)
        begins, ends = within.get("from", 0), within.get("to")
        after = self.matcher("within.from", begins) if isinstance(begins, Mapping) else None
        before = self.matcher("within.to", ends) if isinstance(ends, Mapping) else None
        first = self.moment("within.from", begins) if "from" in within and after is None else 0
        end = ENDLESS if ends is None or before is not None else self.moment("within.to", ends)
        if first >= end:
            raise self.bad("within", "is over before it begins: `from` is not before `to`")
        return Scope(matcher, Window(first, end, after, before))

    def matcher(self, field: str, filters: Mapping[str, object]) -> Matcher:
        """Refuses channels of which no Message ever is."""
        try:
            matcher = Matcher.compile(filters, fields=MESSAGE_FIELDS)
        except BadFilter as wrong:
            at = "" if field == "where" and not self._at else f"{self._at}{field}."
            raise BadFilter(at + wrong.field, wrong.reason, wrong.hint) from None
        asked: Any = matcher.filters.get("channel", ())
        channels = {asked} if isinstance(asked, str) else set(asked)
        if channels and channels <= set(PUSH_CHANNELS):
            said = "these are no Messages: ask /_mock/push_deliveries, or POST its /verify"
            raise BadFilter("channel", said)
        return matcher

    def moment(self, field: str, value: Any) -> int:
        """Microseconds, of ISO 8601, or of a duration since the sandbox began."""
        try:
            return self._began + microseconds(value)
        except ValueError:
            if not isinstance(value, str) or value == "now":  # which would be the wall's
                raise self.bad(field, f"{value!r} is no time: {_WANTED}") from None
        try:
            return parse_instant(value)
        except ValueError:
            raise self.bad(field, f"{value!r} is no time: {_WANTED}") from None

    def length(self, field: str, value: Any) -> int:
        """Microseconds, of a duration."""
        try:
            length = microseconds(value)
        except ValueError as wrong:
            raise self.bad(field, str(wrong)) from None
        if not length:
            raise self.bad(field, "must be longer than nothing")
        return length

    def limit(self, name: str, value: Any) -> int:
        """Segments, or an amount of dollars in hundred-thousandths."""
        if name.startswith("segments"):
            return int(value)
        try:
            return amount(str(value))
        except ValueError as wrong:
            raise self.bad(f"cost.{name}", str(wrong)) from None
