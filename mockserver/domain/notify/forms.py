"""How Notify refuses parameters: it names the first that it cannot turn into what was asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.domain.dates import read_day
from mockserver.domain.errors import (
    MISSING_PARAMETER,
    NOT_CONVERTIBLE,
    Problem,
    TwilioError,
)


def check(
    kind: str,
    form: Mapping[str, Any],
    required: Sequence[str] = (),
    wrong: Sequence[str] = (),
    breaches: Sequence[Problem] = (),
) -> None:
    """Raise the `TwilioError` that comes first, if anything is wrong with a form.

    `kind` is what the parameters are for: `Binding`. First what is missing, then the parameters
    that are `wrong` without a code of their own, then `breaches` with one. The order is ours.
    """
    for name in required:
        if name not in form:
            raise TwilioError(MISSING_PARAMETER, parameter=name)
    for name in wrong:
        raise not_convertible(kind, name)
    for breach in breaches:
        raise TwilioError(breach)


def check_tags(kind: str, tags: Sequence[str], most: int) -> None:
    """Raise `TwilioError` 20001 for more tags than a notification, or a filter, may name."""
    if len(tags) > most:
        raise not_convertible(kind, "Tag")


def not_convertible(kind: str, parameter: str) -> TwilioError:
    """20001 for a parameter that makes no `kind`."""
    return TwilioError(NOT_CONVERTIBLE, object=kind, parameter=parameter)


def read_span(filters: Mapping[str, Any], kind: str) -> tuple[int, int]:
    """First and last microsecond from `StartDate` to `EndDate`, both whole days, in UTC.

    Raise `TwilioError` 20001 for what is no date.
    """
    start, end = (_day(filters, name, kind) for name in ("StartDate", "EndDate"))
    return (start[0] if start else 0), (end[1] if end else 1 << 62)


def _day(filters: Mapping[str, Any], name: str, kind: str) -> tuple[int, int] | None:
    if name not in filters:
        return None
    day = read_day(filters[name])
    if day is None:
        raise not_convertible(kind, name)
    return day
