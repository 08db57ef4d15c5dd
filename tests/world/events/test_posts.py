"""How events leave a sandbox."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.events.sinks import STATUSES
from mockserver.world.driver import Bounds, NotIdle
from mockserver.world.ports import Answer

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld
    from tests.world.events.conftest import Follow, Told


@pytest.mark.parametrize("status", STATUSES)
async def test_only_active_sinks_are_posted_to(
    make_world: "MakeWorld", follow: "Follow", told: "Told", status: str
) -> None:
    """What happens while one is not, never comes; it is in the list of all events."""
    world = make_world("instant")
    sid = await follow(world, "sent")
    sinks = world.sandbox.tables.sinks
    sinks[sid] = replace(sinks[sid], status=status)
    await world.create()
    await world.settled()
    assert told(world) == ([["sent"]] if status == "active" else [])
    assert len(world.sandbox.events) == 1


@pytest.mark.parametrize("batched", [True, False])
async def test_each_post_has_its_token(
    make_world: "MakeWorld", follow: "Follow", *, batched: bool
) -> None:
    """The same on every try, another for every other sink."""
    world = make_world("manual")
    for host in ("a", "b"):
        await follow(world, "sent", batched=batched, host=host)
    world.app.answers = {"": [Answer(500, error_code=11200)] * 4}
    for number in range(2):
        await world.create(To=f"+1415555267{number}")
    await world.advance(30)
    first = {each.idempotency_token for each in world.attempts if each.attempt == 1}
    again = {each.idempotency_token for each in world.attempts if each.attempt > 1}
    assert again <= first
    assert len(first) == (2 if batched else 4)
    assert len(again) == len(first)


class Every(dict[str, asyncio.Event]):
    """One gate for all addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    def get(self, key: str, default: object = None) -> asyncio.Event:
        return self.gate


async def test_who_waits_is_told_what_for(make_world: "MakeWorld", follow: "Follow") -> None:
    """Posts of events keep an `advance` waiting as callbacks do."""
    world = make_world("manual", bounds=Bounds(seconds=0.05))
    await follow(world, "sent")
    world.app.gates = every = Every()
    await world.create()
    with pytest.raises(NotIdle, match="1 posts of events"):
        await world.advance(1)
    every.gate.set()
    await world.settled()
    assert len(world.attempts) == 1
