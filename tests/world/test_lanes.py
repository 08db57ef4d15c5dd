"""Lanes: who leaves when, and who does not get in."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.message import SECOND
from mockserver.domain.rates import Rates
from mockserver.world.lanes import Lanes, Slot
from mockserver.world.tables import Tables, Unit

NOON = 1_796_126_400 * SECOND
LONG, FREE, SHORT = "+14155550123", "+18885550123", "12345"
RATES = Rates(enabled=True)
EVER = 36_000


def admit(
    lanes: Lanes, sender: str, *sizes: int, at: int = NOON, rates: Rates = RATES
) -> list[Slot]:
    return [lanes.admit(rates, sender, size, at, EVER, Unit()) for size in sizes]


def starts(slots: Sequence[Slot]) -> list[float]:
    """Seconds after noon."""
    return [(slot.start - NOON) / SECOND for slot in slots]


def test_one_segment_a_second() -> None:
    """A long message takes the time of its segments."""
    assert starts(admit(Lanes(Tables()), LONG, 1, 1, 3, 1)) == [0, 1, 2, 5]


def test_an_idle_lane_does_not_save_up() -> None:
    """Who comes late begins at once, and no faster."""
    lanes = Lanes(Tables())
    admit(lanes, LONG, 1)
    assert starts(admit(lanes, LONG, 1, 1, at=NOON + 10 * SECOND)) == [10, 11]


def test_lanes_are_apart() -> None:
    """Each sender has its own, at the rate of its kind."""
    lanes = Lanes(Tables())
    assert starts(admit(lanes, LONG, 1, 1)) == [0, 1]
    assert starts(admit(lanes, SHORT, 1, 1)) == [0, 0.01]
    assert starts(admit(lanes, FREE, *[1] * 7))[::3] == [0, 1, 2]


def test_the_classic_queue_holds_14400_segments() -> None:
    """The next one finds no room; a second later there is room for one."""
    lanes, rates = Lanes(Tables()), Rates(enabled=True, queue_hours=4)
    assert {slot.verdict for slot in admit(lanes, LONG, *[10] * 1_440, rates=rates)} == {""}
    assert admit(lanes, LONG, 1, rates=rates) == [Slot(NOON, "full")]
    later = admit(lanes, LONG, 1, 1, at=NOON + SECOND, rates=rates)
    assert [slot.verdict for slot in later] == ["", "full"]
    assert starts(later[:1]) == [14_400]


def test_what_expires_takes_no_place() -> None:
    """It is known at once when its turn would come too late."""
    lanes = Lanes(Tables())
    admit(lanes, LONG, 60)
    slot = lanes.admit(RATES, LONG, 1, NOON, 59, Unit())
    assert slot == Slot(NOON + 59 * SECOND, "expired")
    assert starts([lanes.admit(RATES, LONG, 1, NOON, 60, Unit())]) == [60]


def test_a_lane_is_a_row() -> None:
    """It goes to the store with the unit, and another process goes on from it."""
    tables, unit = Tables(), Unit()
    Lanes(tables).admit(RATES, LONG, 5, NOON, EVER, unit)
    assert unit.rows == [("lanes", LONG, tables.lanes[LONG])]
    again = Tables()
    again.lanes.update(tables.lanes)
    assert starts(admit(Lanes(again), LONG, 1)) == [5]


def test_who_is_not_held_back() -> None:
    """RCS has no rate: everything leaves when it comes."""
    tables = Tables()
    assert starts(admit(Lanes(tables), "rcs:brand", 1, 1)) == [0, 0]
    assert tables.lanes == {}


@pytest.mark.parametrize("per_second", [0.25, 1, 3, 3.75, 7, 100])
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3 * SECOND)), max_size=60))
def test_no_lane_is_faster_than_its_rate(
    per_second: float, arrivals: list[tuple[int, int]]
) -> None:
    """Whenever messages come: each leaves once those before it have had their time."""
    rates = Rates(enabled=True, per_second={"long_code_us_ca": per_second})
    lanes, now, free = Lanes(Tables()), NOON, float(NOON)
    for size, pause in arrivals:
        now += pause
        slot = lanes.admit(rates, LONG, size, now, 10**9, Unit())
        assert slot.verdict == ""
        assert slot.start >= now
        assert free - 1 <= slot.start <= max(free, now) + 2
        free = max(free, now) + size / per_second * SECOND
