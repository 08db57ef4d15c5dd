"""What an advance waits for beside the clock, and for how long."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from mockserver.world.driver import Bounds
from mockserver.world.outside import NotIdle

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

HOOK = "http://127.0.0.1:9/status"


async def test_so_much_wall_time_and_no_more(make_world: "MakeWorld") -> None:
    """A webhook that hangs is named."""
    world = make_world("manual", bounds=Bounds(seconds=0.01))
    world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    with pytest.raises(
        NotIdle,
        match=r"callbacks of 1 messages \(most of them to http://127.0.0.1:9\), 0 responses",
    ):
        await world.advance(60)
    unanswered = make_world("manual", bounds=Bounds(seconds=0.01))
    await unanswered.create(StatusCallback=HOOK, answered=False)
    with pytest.raises(NotIdle, match="1 responses"):
        await unanswered.advance(60)


async def test_an_advance_waits_for_what_it_caused(make_world: "MakeWorld") -> None:
    """It is over when the last webhook has its answer, and not before."""
    world = make_world("manual")
    gate = world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    advancing = asyncio.ensure_future(world.advance(60))
    await world.turns()
    before = world.sandbox.engine.idle
    assert not advancing.done()
    gate.set()
    await advancing
    assert (before, world.sandbox.engine.idle) == (False, True)
    assert world.app.statuses == ["sent", "delivered"]
