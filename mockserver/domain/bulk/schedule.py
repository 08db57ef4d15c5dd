"""`schedule.sendAt`: date-times that must all hold, with a zone or by the recipient's own clock.

Source: docs on scheduling; other expressions than date-times are not published and are refused.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import msgspec

from mockserver.domain.bulk import zones
from mockserver.domain.bulk.faults import MOST, Found, Path
from mockserver.domain.bulk.records import Schedule, Terms

PLACE: Final = ("schedule", "sendAt")
BAD_TIME: Final = 35114

_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?"
).fullmatch


class Expression(msgspec.Struct, frozen=True):
    """One date-time of `sendAt`."""

    path: Path
    at: int
    """Microseconds since 1970; by the recipient's clock where `local`."""
    local: bool


def read(document: dict[str, Any]) -> tuple[list[Expression], list[Found]]:
    """The date-times that can be read, and a fault for each text that is none."""
    expressions, found = [], []
    for path, text in _texts(document.get("schedule")):
        expression = parse(path, text)
        if expression is None:
            found.append(Found(path, BAD_TIME, "must be an ISO 8601 date-time"))
        else:
            expressions.append(expression)
    return expressions, found


def _texts(schedule: Any) -> Iterator[tuple[Path, str]]:
    """Every text, with its path; what is no text, or one too many, breaks the schema."""
    given = schedule.get("sendAt") if isinstance(schedule, dict) else None
    if isinstance(given, str):
        yield PLACE, given
    elif isinstance(given, list):
        for place, text in enumerate(islice(given, MOST)):
            if isinstance(text, str):
                yield (*PLACE, place), text


def parse(path: Path, text: str) -> Expression | None:
    """A date-time, or nothing where the text is none or lies beyond the years 1 to 9999."""
    match = _MOMENT(text)
    if match is None:
        return None
    day, time, zone = match.groups()
    whole, _, fraction = time.partition(".")
    try:
        moment = datetime.fromisoformat(f"{day}T{whole}{(zone or 'Z').upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    micros = int(f"{fraction:0<6}"[:6])
    return Expression(path, (moment - zones.EPOCH) // timedelta(microseconds=1) + micros, not zone)


def faults(expressions: list[Expression], places: set[str], terms: Terms) -> Iterator[Found]:
    """What lies outside the window for somebody, or has no moment in common for somebody."""
    for one in expressions:
        moments = [_moment(one, place) for place in _where(one, places)]
        if not all(moment is not None and _within(moment, terms) for moment in moments):
            yield Found(one.path, BAD_TIME, "must not be past, nor too far ahead")
    if any(len({_moment(one, place) for one in expressions}) > 1 for place in places):
        yield Found(PLACE, BAD_TIME, "leaves no time that fits every expression")


def _where(one: Expression, places: set[str]) -> set[str]:
    return places if one.local else {""}


def _moment(one: Expression, place: str) -> int | None:
    """When it is for somebody in a country; None where the calendar ends before."""
    try:
        return zones.instant(one.at, place) if one.local else one.at
    except OverflowError:
        return None


def _within(moment: int, terms: Terms) -> bool:
    return terms.now <= moment <= terms.now + terms.horizon


def schedule(expressions: list[Expression]) -> Schedule | None:
    """As it is kept; nothing when there is none."""
    if not expressions:
        return None
    return Schedule(
        tuple(one.at for one in expressions if not one.local),
        tuple(one.at for one in expressions if one.local),
    )
