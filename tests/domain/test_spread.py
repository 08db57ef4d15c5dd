"""How long something takes, by one number of chance."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.durations import LONGEST
from mockserver.domain.faults.spread import (
    Fixed,
    Lognormal,
    Percentiles,
    Spread,
    Uniform,
    read_spread,
)

SECOND = 1_000_000

LENGTHS = st.integers(0, 3_600 * SECOND)
CHANCES = st.floats(0, 1)


@st.composite
def spreads(draw: st.DrawFn) -> Spread:
    """Any of them."""
    one, other = sorted((draw(LENGTHS), draw(LENGTHS)))
    many = sorted(draw(st.lists(LENGTHS, min_size=1, max_size=4)))
    percents = sorted(draw(st.sets(st.integers(0, 100), min_size=len(many), max_size=len(many))))
    points = tuple((float(each), at) for each, at in zip(percents, many, strict=True))
    kinds: list[Spread] = [Fixed(one), Uniform(one, other), Percentiles(points)]
    if one:
        kinds.append(Lognormal(one, other))
    return draw(st.sampled_from(kinds))


@given(spreads(), CHANCES, CHANCES)
def test_more_chance_is_never_less_time(spread: Spread, one: float, other: float) -> None:
    """And the same chance is the same time; nothing lasts longer than anything may."""
    low, high = sorted((one, other))
    assert 0 <= spread.at(low) <= spread.at(high) <= LONGEST
    assert spread.at(low) == spread.at(low)


@given(spreads())
def test_it_is_shown_as_it_is_read(spread: Spread) -> None:
    """Its document is read as the same."""
    assert read_spread(spread.document()) == spread


def test_fixed_is_always_the_same() -> None:
    """Whatever chance says."""
    assert {read_spread("2s").at(chance) for chance in (0, 0.5, 1)} == {2 * SECOND}


def test_uniform_goes_from_end_to_end() -> None:
    """Half of the chance is half way."""
    spread = read_spread({"uniform": ["1s", "3s"]})
    assert [spread.at(chance) for chance in (0, 0.5, 1)] == [SECOND, 2 * SECOND, 3 * SECOND]


def test_lognormal_meets_its_median_and_its_tail() -> None:
    """Half are shorter than the one, one in a hundred longer than the other."""
    spread = read_spread({"lognormal": {"median": "90ms", "p99": "2s"}})
    assert spread.at(0.5) == 90_000
    assert spread.at(0.99) == pytest.approx(2 * SECOND, abs=1)
    assert 0 < spread.at(0) < 90_000 < spread.at(1)


@pytest.mark.parametrize(
    ("chance", "length"),
    [(0, 80_000), (0.5, 80_000), (0.725, 240_000), (0.95, 400_000), (0.99, 3 * SECOND), (1, 0)],
)
def test_percentiles_are_met(chance: float, length: int) -> None:
    """Between them straight lines; before the first as the first, behind the last as the last."""
    spread = read_spread({"percentiles": {"50": "80ms", "95": "400ms", "99": "3s"}})
    assert spread.at(chance) == (length or 3 * SECOND)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"uniform": ["2s", "1s"]}, "shortest first"),
        ({"lognormal": {"median": "2s", "p99": "1s"}}, "`p99` not below it"),
        ({"lognormal": {"median": 0, "p99": "1s"}}, "above 0"),
        ({"percentiles": {}}, "from 0 to 100"),
        ({"percentiles": {"101": "1s"}}, "from 0 to 100"),
        ({"percentiles": {"50": "2s", "99": "1s"}}, "cannot be shorter"),
        ({"percentiles": {"half": "2s"}}, "numbers as keys"),
        ({}, "say one of"),
        ({"uniform": [0, 1], "percentiles": {"1": 1}}, "say one of"),
        ("soon", "not a duration"),
    ],
)
def test_what_is_no_spread(value: Any, reason: str) -> None:
    """Says the fix."""
    with pytest.raises(ValueError, match=reason):
        read_spread(value)
