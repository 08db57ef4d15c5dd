"""What a service's pool is seen as, and that it is seen anew when something about it changes."""

from typing import Any

import pytest

from mockserver.domain.message import Message
from mockserver.domain.numbers import Handset, Number, Service
from mockserver.domain.options import Options
from mockserver.world.clock import Clock, Mode
from mockserver.world.dice import Dice
from mockserver.world.known import Known
from mockserver.world.picking import Picker
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

LONG, OTHER, RICH = "+14155550123", "+12125550123", "rcs:shop"
SERVICE = "MG" + "a" * 32


class Desk:
    """A picker, and what it looks at."""

    def __init__(self) -> None:
        self.tables = Tables()
        dice, clock = Dice(7), Clock(Mode.parse("manual"))
        self.rules = Rulebook(self.tables, dice)
        self.picker = Picker(self.tables, dice, self.rules, Known(self.tables, clock))

    def pick(self, *senders: str, to: str = "+14155552671", mms: bool = False, **how: Any) -> str:
        """The sender of a pool for a message."""
        message = Message(
            *("SM1", 0, "AC1", "outbound-api", "mms" if mms else "sms", "messages", to, "", "Hi"),
            *("GSM-7", 1, 0, 0),
        )
        return self.picker.pick(message, Service(SERVICE, "AC1", senders, **how))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_who_suits_is_picked(desk: Desk) -> None:
    """And nobody where none does."""
    assert desk.pick(OTHER, LONG) == LONG, "of the recipient's area"
    assert desk.pick("+447700900123") == ""
    assert desk.pick() == ""


def test_another_pool_is_looked_at_anew(desk: Desk) -> None:
    """Though the service has the same SID."""
    assert desk.pick(OTHER) == OTHER
    assert desk.pick(OTHER, LONG) == LONG


def test_a_number_may_change(desk: Desk) -> None:
    """What was set up about a sender counts from then on."""
    assert desk.pick(LONG, OTHER, mms=True) == LONG
    desk.tables.numbers[LONG] = Number(LONG, "AC1", mms=False)
    assert desk.pick(LONG, OTHER, mms=True) == OTHER


def test_a_switch_may_change(desk: Desk) -> None:
    """Where names are not taken any more, a number is."""
    name = "Shop"
    france = "+33612345678"
    assert desk.pick(name, LONG, to=france) == name
    desk.rules.options = Options(no_alphanumeric=("FR",))
    assert desk.pick(name, LONG, to=france) == LONG


def test_a_device_that_does_rcs(desk: Desk) -> None:
    """Gets it from the pool's RCS sender."""
    to = "+14155552671"
    assert desk.pick(RICH, LONG, to=to) == LONG
    desk.tables.handsets[to] = Handset(to, rcs=True)
    assert desk.pick(RICH, LONG, to=to) == RICH


def test_what_sticks(desk: Desk) -> None:
    """The sender of before, unless the service does not want that, or it left."""
    to = "+14155552671"
    desk.tables.sticky[f"{SERVICE} {to}"] = OTHER
    assert desk.pick(LONG, OTHER, to=to) == OTHER
    assert desk.pick(LONG, OTHER, to=to, sticky_sender=False) == LONG
    assert desk.pick(LONG, to=to) == LONG


@pytest.mark.parametrize("sticky", [True, False])
def test_equals_share_the_load(desk: Desk, sticky: bool) -> None:
    """By the recipient, or by the message where nothing sticks; the same in each run."""
    equals = tuple(f"+1307555010{n}" for n in range(4))
    picked = [desk.pick(*equals, to=f"+1415555{n:04d}", sticky_sender=sticky) for n in range(40)]
    again = [Desk().pick(*equals, to=f"+1415555{n:04d}", sticky_sender=sticky) for n in range(40)]
    assert picked == again
    assert len(set(picked)) == (4 if sticky else 1), "all these messages have one SID"
