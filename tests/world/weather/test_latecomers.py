"""Callbacks that wait for the clock: when they go, in what order, and that nothing is forgotten."""

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.message import Message
from mockserver.world.callbacks import status_posting
from mockserver.world.ports import Posting
from mockserver.world.tables import Unit
from mockserver.world.weather.latecomers import Latecomers
from mockserver.world.weather.waiting import Copy

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, MakeWorld, World

HOOK = "http://127.0.0.1:9/status"


def waiting(world: "World") -> tuple[Latecomers, Unit]:
    """An empty waiting room on the clock of a world, and the unit that gets what leaves it."""
    unit = Unit()
    return Latecomers(world.sandbox.tables, world.sandbox.clock, lambda: unit), unit


def posting(world: "World", message: Message, at: int) -> Posting:
    """The callback that tells that a message was sent."""
    sandbox = world.sandbox
    made = status_posting(message, sandbox.accounts.first, sandbox.dice, "sent", at, 0)
    return replace(made, chain=message.sid)


async def test_it_leaves_when_its_time_has_come(make_world: "MakeWorld") -> None:
    """Not before, and once; until then it is known to wait."""
    world = make_world("manual")
    late, unit = waiting(world)
    message = await world.create(StatusCallback=HOOK)
    late.wait(message.sid, world.now + 5_000_000, (Copy(posting(world, message, world.now)),))
    assert message.sid in late
    await world.advance(4.9)
    assert unit.notices == []
    await world.advance(0.1)
    assert [each.due for each in unit.notices if isinstance(each, Posting)] == [world.now]
    assert message.sid not in late
    await world.advance(60)
    assert len(unit.notices) == 1


async def test_a_repetition_waits_anew(make_world: "MakeWorld") -> None:
    """As long after it went out as is said, and it is not repeated itself."""
    world = make_world("manual")
    late, unit = waiting(world)
    message = await world.create(StatusCallback=HOOK)
    gone = list(late.go((Copy(posting(world, message, world.now), 60_000_000),), world.now))
    assert len(gone) == 1
    await world.advance(3_600)
    [again] = unit.notices
    assert isinstance(again, Posting)
    assert again.due == gone[0].due + 60_000_000
    assert message.sid not in late


@given(st.lists(st.integers(1, 50), max_size=8), st.integers(0, 60))
def test_who_is_overdue_goes_by_time(in_world: "InWorld[None]", delays: list[int], at: int) -> None:
    """Earliest first, of what is due; the others, and nobody twice, when their time has come."""

    async def act(world: "World") -> None:
        late, unit = waiting(world)
        message = await world.create(StatusCallback=HOOK)
        began = world.now
        for delay in delays:
            train = (Copy(posting(world, message, began)),)
            late.wait(message.sid, began + delay * 1_000_000, train)
        went = [each.due - began for each in late.overdue(message.sid, began + at * 1_000_000)]
        assert went == [delay * 1_000_000 for delay in sorted(delays) if delay <= at]
        assert (message.sid in late) == any(delay > at for delay in delays)
        await world.advance(60)
        assert len(went) + len(unit.notices) == len(delays)
        assert message.sid not in late

    in_world("manual", act)
