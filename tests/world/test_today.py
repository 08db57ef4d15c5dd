"""The tick under way: what is due by itself, and what is begun by somebody who advances."""

import pytest

from mockserver.world.clock import SEEDED_START, TICK, Clock, Mode
from mockserver.world.today import Today

NOW = SEEDED_START


def clock(mode: str) -> Clock:
    return Clock(Mode.parse(mode), NOW)


def nothing(key: str, at: int) -> None:
    """What is booked here need not do anything."""


@pytest.mark.parametrize(
    ("mode", "after", "due"),
    [
        ("instant", 3_600_000_000, True),
        ("manual", 0, False),
        ("real", 0, True),
        ("real", 3_600_000_000, False),
    ],
)
def test_what_is_due_by_itself(mode: str, after: int, due: bool) -> None:
    """On the instant clock whatever is under way, on a running one what its time has come for."""
    own = clock(mode)
    own.book(NOW + after, nothing, "")
    assert Today(own, ()).due() is due
    assert Today(own, {"a talk"}).due() is False, "nothing while somebody is waited for"


def test_an_appointment_is_not_due_on_the_instant_clock() -> None:
    """It waits for somebody to advance there."""
    own = clock("instant")
    own.appoint(NOW, nothing, "")
    today = Today(own, ())
    assert (today.due(), today.fill(None), today.pending) == (False, False, 1)
    assert today.fill(NOW)
    assert (own.pending, today.pending, len(today)) == (0, 1, 1)


def test_what_is_left_of_a_tick_is_due() -> None:
    """Before all else, and another one is not begun meanwhile."""
    own = clock("instant")
    for place in range(2):
        own.book(NOW + place * TICK, nothing, str(place))
    today = Today(own, ())
    assert today.fill(None)
    assert (today.fill(None), [key for _, _, key in today]) == (True, ["0"])
    own.under_way.take(NOW // TICK + 1)
    assert today.due()
    today.clear()
    assert not today.due()


def test_a_tick_is_begun_as_far_as_somebody_advances() -> None:
    """What is due later in the same tick stays booked; time goes no further."""
    own = clock("manual")
    for after in (1, 3, TICK + 1):
        own.book(NOW + after, nothing, str(after))
    today = Today(own, ())
    assert today.fill(NOW + 2)
    assert ([key for _, _, key in today], own.now(), own.pending) == (["1"], NOW + 2, 2)
    today.clear()
    assert not today.fill(NOW + 2)
