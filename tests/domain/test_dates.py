"""Dates as Twilio writes and reads them."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.dates import DAY, read_day, read_range, rfc2822

SECOND = 1_000_000


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc, arg-type]


def test_how_dates_are_written() -> None:
    """RFC 2822 with English names, always `+0000`; parts of a second are cut."""
    assert rfc2822(at(2023, 8, 24, 5, 1, 45) + 999_999) == "Thu, 24 Aug 2023 05:01:45 +0000"


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001
def test_any_date_is_written_so(moment: datetime) -> None:
    """As the standard library writes it."""
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    assert rfc2822(int(moment.timestamp()) * SECOND) == format_datetime(moment)


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("2026-01-31", at(2026, 1, 31), DAY),
        (" 2026-01-31 ", at(2026, 1, 31), DAY),
        ("20260131", at(2026, 1, 31), DAY),
        ("2026-01-31T00:00:00Z", at(2026, 1, 31), SECOND),
        ("2019-06-11T22:05:25Z", at(2019, 6, 11, 22, 5, 25), SECOND),
        ("2019-06-11T22:05:25", at(2019, 6, 11, 22, 5, 25), SECOND),
        ("2019-06-11 22:05:25.000", at(2019, 6, 11, 22, 5, 25), SECOND),
        ("2019-06-11T22:05:25+02:00", at(2019, 6, 11, 20, 5, 25), SECOND),
        ("06/11/2019 22:05:25 MST", at(2019, 6, 12, 5, 5, 25), SECOND),
        ("06/11/2019 22:05:25 UTC", at(2019, 6, 11, 22, 5, 25), SECOND),
        ("Wed, 19 Jun 2019 22:04:00 -0000", at(2019, 6, 19, 22, 4), SECOND),
        ("Wed, 19 Jun 2019 22:04:00 +0200", at(2019, 6, 19, 20, 4), SECOND),
    ],
)
def test_how_dates_are_read(text: str, start: int, length: int) -> None:
    """A date alone is its whole GMT day, with a time it is that second."""
    assert read_range(text) == (start, start + length - 1)
    midnight = start // DAY * DAY
    assert read_day(text) == (midnight, midnight + DAY - 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "13/01/2026 00:00:00 MST",
        "12/31/9999 23:00:00 MST",
        "06/11/2019 22:05:25 CET",
        "Wed, 19 Jun 99999999999 22:04:00 -0000",
        "12345",
    ],
)
def test_what_is_no_date(text: str) -> None:
    """Nothing, so that the filter is ignored."""
    assert read_range(text) is None
    assert read_day(text) is None


DIGITS = st.text("0123456789 :/-+.,TZWedJunMST", max_size=40)


@given(st.text() | DIGITS)
def test_any_text(text: str) -> None:
    """A range or nothing; never an error."""
    found = read_range(text)
    assert found is None or found[0] < found[1]
