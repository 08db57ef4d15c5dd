"""When an operation begins with whom."""

from array import array
from typing import Final

import pytest

from mockserver.domain.bulk.records import RecipientBlock, Schedule
from mockserver.domain.bulk.zones import instant
from mockserver.world.bulk.moments import AT_ONCE, Moments, all_moments, moments, none_before
from mockserver.world.bulk.people import Direct, People

HERE, BERLIN, TOKYO = "+14155552671", "+4930901820", "+81312345678"
NINE: Final = 1_796_202_000_000_000
"""2026-12-02T09:00:00, on whatever clock."""


def people(*numbers: str) -> People:
    """In blocks of two."""
    pairs = [numbers[start : start + 2] for start in range(0, len(numbers), 2)]
    blocks = [
        RecipientBlock(2 * place, pair, bytes(len(pair)), b"", ())
        for place, pair in enumerate(pairs)
    ]
    return People([Direct(block) for block in blocks])


@pytest.mark.parametrize("schedule", [None, Schedule(instants=(NINE,)), Schedule((NINE, NINE))])
def test_one_moment_for_all(schedule: Schedule | None) -> None:
    """At once, or when the schedule says; nobody is looked at."""
    found = all_moments(people(HERE, BERLIN), schedule)
    assert found == {NINE if schedule else AT_ONCE: None}


def test_by_their_own_clocks() -> None:
    """Places ascend; those whose clocks agree begin together."""
    found = all_moments(
        people(HERE, BERLIN, TOKYO, BERLIN, HERE, "+33123456789"), Schedule(walls=(NINE,))
    )
    said = {moment: list(places or ()) for moment, places in found.items()}
    assert said == {
        instant(NINE, "US"): [0, 4],
        instant(NINE, "DE"): [1, 3, 5],
        instant(NINE, "JP"): [2],
    }


def test_no_moment_that_fits() -> None:
    """At once, for those on whose clocks the expressions are not the same time."""
    schedule = Schedule(instants=(instant(NINE, "DE"),), walls=(NINE,))
    found = all_moments(people(HERE, BERLIN), schedule)
    assert {moment: list(places or ()) for moment, places in found.items()} == {
        AT_ONCE: [0],
        instant(NINE, "DE"): [1],
    }


def test_others_get_a_turn() -> None:
    """Every thousand recipients."""
    many = People([Direct(RecipientBlock(0, (HERE,) * 2_500, bytes(2_500), b"", ()))])
    assert len(list(moments(many, Schedule(walls=(NINE,))))) == 2
    assert list(moments(many, None)) == []


def test_none_before_the_beginning() -> None:
    """Those who begin at once, and those whose moment is now or has passed, begin together."""
    early, now, late = array("I", [2]), array("I", [0, 3]), array("I", [4])
    asked: Moments = {AT_ONCE: array("I", [1, 5]), NINE: now, NINE - 1: early, NINE + 1: late}
    found = none_before(NINE, asked)
    assert {at: list(places or ()) for at, places in found.items()} == {
        NINE: [0, 1, 2, 3, 5],
        NINE + 1: [4],
    }
    assert none_before(NINE, {AT_ONCE: None}) == {NINE: None}
    assert none_before(NINE, {NINE - 1: None}) == {NINE: None}
    assert none_before(NINE, {NINE + 1: None}) == {NINE + 1: None}
