"""Durations are read from what people write, exactly, and refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.durations import LONGEST, microseconds, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", 1_000_000),
        ("2m", 120_000_000),
        ("4h", 14_400_000_000),
        ("1d", 86_400_000_000),
        ("500ms", 500_000),
        ("1.5s", 1_500_000),
        (".5s", 500_000),
        (" 3 s ", 3_000_000),
        ("0.1s", 100_000),
        ("7", 7_000_000),
        ("0.25", 250_000),
        (3, 3_000_000),
        (0.2, 200_000),
        (1e-06, 1),
        (0, 0),
    ],
)
def test_durations_are_read(text: object, expected: int) -> None:
    """Units are ms, s, m, h and d; without one it is seconds, as number or as text."""
    assert microseconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "s", "-1s", "1 week", "1h30m", "1e3", "soon", "1_000", -1, True, None, [], {}]
)
def test_anything_else_is_refused_with_the_fix(text: object) -> None:
    """The sentence shows what was written, and what could have been."""
    with pytest.raises(
        ValueError, match=r"is not a duration: use 500ms, 1.5s, 2m, 4h, 1d"
    ) as caught:
        microseconds(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -0.5])
def test_numbers_that_are_no_length_are_refused(number: float) -> None:
    """Not even infinity is a duration."""
    with pytest.raises(ValueError, match="is not a duration"):
        microseconds(number)


@pytest.mark.parametrize("text", ["36501d", "999999999999999", 1e14])
def test_more_than_a_hundred_years_is_refused(text: object) -> None:
    """Such a time would leave the range of dates."""
    with pytest.raises(ValueError, match="longer than a hundred years"):
        microseconds(text)


@given(st.integers(min_value=0, max_value=LONGEST))
def test_what_is_written_is_read_back(length: int) -> None:
    """Writing loses no microsecond."""
    assert microseconds(written(length)) == length


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (4_000_000, "4s"),
        (200_000, "200ms"),
        (90_000_000, "90s"),
        (7_200_000_000, "2h"),
        (1, "0.000001s"),
    ],
)
def test_durations_are_written_short(length: int, text: str) -> None:
    """In the largest unit that needs no decimals."""
    assert written(length) == text
