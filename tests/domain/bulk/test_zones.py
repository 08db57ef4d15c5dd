"""Local time by country."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk import zones

HOUR = 3_600_000_000


def micros(text: str) -> int:
    """Of a date-time in UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return (moment - zones.EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("country", "name"),
    [("DE", "Europe/Berlin"), ("US", "America/New_York"), ("JP", "Asia/Tokyo"), ("", "UTC")],
)
def test_a_country_has_a_zone(country: str, name: str) -> None:
    """A large country that of most of its people; nowhere is UTC."""
    assert str(zones.zone(country)) == name


def test_every_zone_of_the_table_is_there() -> None:
    """A misspelt one would silently be UTC."""
    lost = [c for c, name in zones._ZONES.items() if str(zones.zone(c)) != name]
    assert not lost


def test_changes_of_clocks() -> None:
    """The hour that comes twice is its first; the hour that is skipped comes an hour later."""
    assert zones.instant(micros("2026-10-25T02:30:00"), "DE") == micros("2026-10-25T00:30:00")
    assert zones.instant(micros("2026-03-29T02:30:00"), "DE") == micros("2026-03-29T01:30:00")


@given(wall=st.integers(-(2**62), 2**62), country=st.sampled_from(["DE", "US", "NZ", ""]))
def test_a_moment_is_within_a_day_of_the_clock(wall: int, country: str) -> None:
    """Whatever the year; beyond the calendar there is an `OverflowError`."""
    try:
        moment = zones.instant(wall, country)
    except OverflowError:
        assert abs(wall) > 3_000 * 365 * 24 * HOUR // 3
    else:
        assert abs(moment - wall) <= 24 * HOUR
