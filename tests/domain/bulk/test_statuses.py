"""Where the messages of an operation stand, counted as they move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.statuses import (
    LOST,
    OF_CLASSIC,
    OPEN,
    QUEUED,
    SCHEDULED,
    STATUSES,
    UNADDRESSABLE,
    Tally,
)
from mockserver.domain.lifecycle import STATUSES as CLASSIC

CODES = st.integers(0, UNADDRESSABLE)
BUCKETS = tuple(name.lower() for name in STATUSES)


@given(st.lists(CODES, min_size=1, max_size=20), st.data())
def test_moving_is_counting_anew(states: list[int], data: st.DataObject) -> None:
    """However messages move, the tally is what counting all of them gives."""
    tally = Tally(len(states), QUEUED)
    before = [QUEUED] * len(states)
    for place in data.draw(st.permutations(range(len(states)))):
        tally.move(before[place], states[place])
        before[place] = states[place]
        assert tally.stats() == Tally.of(bytes(before), 0).stats()


@given(st.lists(CODES, max_size=30), st.integers(0, 100))
def test_the_statistics_add_up(states: list[int], attempts: int) -> None:
    """Buckets sum to `total`, and `recipients` is `total` and who is unaddressable."""
    stats = Tally.of(bytes(states), attempts).stats()
    assert sum(stats[name] for name in BUCKETS) == stats["total"]
    assert stats["recipients"] == stats["total"] + stats["unaddressable"] == len(states)
    assert stats["attempts"] == attempts
    assert stats["unaddressable"] == states.count(UNADDRESSABLE)


@given(st.lists(CODES, max_size=30))
def test_open_are_scheduled_and_queued(states: list[int]) -> None:
    """While one of these is left, the operation is not over."""
    tally = Tally.of(bytes(states), 0)
    assert tally.open == sum(code in OPEN for code in states)
    assert all(tally[code] == states.count(code) for code in range(UNADDRESSABLE + 1))


def test_the_statistics_of_the_resource() -> None:
    """Every field of the Operation resource, and no other."""
    fields = ("total", "recipients", "attempts", "unaddressable", *BUCKETS)
    assert tuple(Tally(3, SCHEDULED).stats()) == fields
    assert Tally(3, SCHEDULED).stats()["scheduled"] == 3


@pytest.mark.parametrize("status", sorted(set(CLASSIC) - {"receiving", "received"}))
def test_every_classic_status_stands_for_one(status: str) -> None:
    """But for those of messages that come in; a message that is only partly there has none here."""
    if status == "partially_delivered":
        assert status not in OF_CLASSIC
        return
    code = OF_CLASSIC[status]
    assert code < UNADDRESSABLE
    assert STATUSES[code] == {
        "accepted": "QUEUED",
        "sending": "QUEUED",
    }.get(status, status.upper())


def test_lost_are_those_after_which_another_way_is_tried() -> None:
    """What a message that is read, or on its way, is not."""
    assert {STATUSES[code] for code in LOST} == {"UNDELIVERED", "FAILED"}
