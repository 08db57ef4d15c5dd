"""Dates as Twilio writes and reads them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Final

from mockserver.domain.message import SECOND

DAY: Final = 24 * 3600 * SECOND
_DAY_LENGTH: Final = len("Thu, 24 Aug 2023 ")
_ZONES: Final = {
    "UTC": 0,
    "GMT": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
"""Hours from UTC, for the zones of North America."""


@lru_cache(256)
def _day(day: int) -> str:
    """`Thu, 24 Aug 2023 `, from days since 1970."""
    return format_datetime(datetime.fromtimestamp(day * 86_400, UTC))[:_DAY_LENGTH]


def rfc2822(at: int) -> str:
    """`Thu, 24 Aug 2023 05:01:45 +0000`, from microseconds."""
    return _second(at // SECOND)


@lru_cache(4096)
def _second(second: int) -> str:
    day, second = divmod(second, 86_400)
    hours, second = divmod(second, 3_600)
    minutes, second = divmod(second, 60)
    return f"{_day(day)}{hours:02d}:{minutes:02d}:{second:02d} +0000"


def read_range(text: str) -> tuple[int, int] | None:
    """First and last microsecond that a filter's date means: a whole GMT day, or one second.

    Forms seen at Twilio: `2026-01-31`, ISO 8601 with `T` or a space, `06/11/2019 22:05:25 MST`, RFC
    2822. `None` for what cannot be read: Twilio's answer to it is unknown, and the filter ignored.
    """
    text = text.strip()
    moment = _iso(text) or _american(text) or _mail(text)
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    start = int(moment.timestamp()) * SECOND
    length = SECOND if ":" in text else DAY
    return start, start + length - 1


def read_day(text: str) -> tuple[int, int] | None:
    """The whole GMT day of a filter's date, also where it says a time.

    The official Python client sends midnight for a day: there is no other way to ask it for one.
    """
    found = read_range(text)
    if found is None:
        return None
    start = found[0] // DAY * DAY
    return start, start + DAY - 1


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _american(text: str) -> datetime | None:
    clock, _, zone = text.rpartition(" ")
    if zone not in _ZONES:
        return None
    try:
        moment = datetime.strptime(clock, "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
        return moment - timedelta(hours=_ZONES[zone])
    except (ValueError, OverflowError):
        return None


def _mail(text: str) -> datetime | None:
    if " " not in text:
        return None  # a heap of digits would do
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
