"""How one filter compares: from the values asked for to a test of a subject's value."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from mockserver.domain.addresses import normalise

if TYPE_CHECKING:
    import regex

Test = Callable[[object], bool]
"""Whether the subject's value is as asked."""

Kind = Literal[
    "address", "substring", "regex", "exact", "number", "reached", "since", "wildcard", "names"
]


def _address(values: tuple[object, ...]) -> Test:
    """Equal after normalisation, or fitting a pattern with `*`; `whatsapp:` belongs to it."""
    texts = [str(value) for value in values]
    exact = frozenset(normalise(text) for text in texts if "*" not in text)
    fits = _patterns([_bare(text) for text in texts if "*" in text])

    def test(actual: object) -> bool:
        text = actual if isinstance(actual, str) else ""
        if text in exact:
            return True
        address = normalise(text)
        return address in exact or fits(address)

    return test


_DIALLED: Final = re.compile(r"(?:[a-z]+:)?[0-9+*(). -]+").fullmatch
_PUNCTUATION: Final = str.maketrans("", "", " -().")


def _bare(pattern: str) -> str:
    """A pattern for numbers without its punctuation; one for names as it is."""
    return pattern.translate(_PUNCTUATION) if _DIALLED(pattern) else pattern


def _patterns(patterns: list[str]) -> Callable[[str], bool]:
    """Whether a whole text fits one of `patterns`, in which `*` is any run of characters."""
    if not patterns:
        return lambda text: False
    parts = (".*".join(re.escape(part) for part in pattern.split("*")) for pattern in patterns)
    fits = re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL).fullmatch
    return lambda text: fits(text) is not None


def _wildcard(values: tuple[object, ...]) -> Test:
    fits = _patterns([str(value) for value in values])
    return lambda actual: fits("" if actual is None else str(actual))


def _names(values: tuple[object, ...]) -> Test:
    """A wildcard over what may have several names, in a tuple."""
    fits = _wildcard(values)
    return lambda actual: any(map(fits, actual)) if isinstance(actual, tuple) else fits(actual)


def _substring(values: tuple[object, ...]) -> Test:
    texts = tuple(str(value) for value in values)
    if len(texts) == 1:
        [only] = texts
        return lambda actual: isinstance(actual, str) and only in actual
    return lambda actual: isinstance(actual, str) and any(text in actual for text in texts)


PATIENCE: Final = 0.1
"""Seconds that one search for an expression may take; ours. Usual ones take microseconds."""


class TooSlow(ValueError):
    """An expression goes back and forth for too long; it is tried no more."""


def _regex(values: tuple[object, ...]) -> Test:
    searches = tuple(searching(str(value)) for value in values)
    return lambda actual: (
        isinstance(actual, str) and any(search(actual) is not None for search in searches)
    )


def searching(text: str) -> Callable[[str], "regex.Match[str] | None"]:
    """What finds an expression in a text; raise `ValueError` for what is none.

    The search raises `TooSlow`, and does so at once from then on: a slip of the pen such as
    `(a+)+$` could otherwise stand still for hours.
    """
    found, slow = expression(text), False

    def search(body: str) -> "regex.Match[str] | None":
        nonlocal slow
        if not slow:
            try:
                return found.search(body, timeout=PATIENCE)
            except TimeoutError:
                slow = True
        raise TooSlow(
            f"{text!r} took longer than {PATIENCE:g} s for a single text: "
            "write it without a repetition inside another"
        )

    return search


def expression(text: str) -> "regex.Pattern[str]":
    """The compiled one; raise `ValueError`."""
    import regex  # few ask for it, and not at start

    try:
        return regex.compile(text)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None


def _exact(values: tuple[object, ...]) -> Test:
    wanted = frozenset(values)
    return lambda actual: actual in wanted


def _number(values: tuple[object, ...]) -> Test:
    """Numbers, also written as text; 0 and nothing are the same, as in records."""
    wanted = frozenset(_whole(value) for value in values)
    return lambda actual: (actual or 0) in wanted


def _whole(value: object) -> int:
    text = "0" if value is None else str(value)
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(f"{value!r} is not a whole number")
    return int(text)


def _reached(values: tuple[object, ...]) -> Test:
    """The timeline may be flat (status, time, code, …) or the statuses alone: times are numbers."""
    wanted = frozenset(values)
    return lambda actual: isinstance(actual, (tuple, list)) and not wanted.isdisjoint(actual)


def _since(values: tuple[object, ...]) -> Test:
    start = min(_instant(str(value)) for value in values)
    return lambda actual: isinstance(actual, int) and actual >= start


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _instant(text: str) -> int:
    """Microseconds since 1970; UTC where no zone is given."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time: use ISO 8601, as 2026-12-01T00:00:00Z") from None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(
        microseconds=1
    )


COMPILE: Final[Mapping[Kind, Callable[[tuple[object, ...]], Test]]] = {
    "address": _address,
    "substring": _substring,
    "regex": _regex,
    "exact": _exact,
    "number": _number,
    "reached": _reached,
    "since": _since,
    "wildcard": _wildcard,
    "names": _names,
}
"""The test for values of which any may fit; raises `ValueError` for those that cannot be used."""


def shown(kind: Kind, actual: object) -> object:
    """A subject's value as a reader wants to see it: statuses without times, times as ISO 8601."""
    if kind == "reached" and isinstance(actual, (tuple, list)):
        return [item for item in actual if isinstance(item, str)]
    if kind == "since" and isinstance(actual, int):
        return (_EPOCH + timedelta(microseconds=actual)).isoformat()
    return actual
