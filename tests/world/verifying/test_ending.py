"""Whether everything that was accepted came to its end."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.conftest import World

MakeWorld = Callable[..., "World"]


async def test_all_have_ended(make_world: MakeWorld, judge: Any) -> None:
    """Delivered, or otherwise over; what handsets wrote is."""
    world = make_world()
    await world.create()
    await world.settled()
    await world.receive()
    found = await judge(world, final=True)
    assert (found.ok, found.matched) == (True, 2)
    assert found.explanation == "2 messages reached a final status."


async def test_one_is_under_way(make_world: MakeWorld, judge: Any) -> None:
    """How far it is, and when it goes on."""
    world = make_world("manual")
    message = await world.create()
    await world.advance(0.2)
    found = await judge(world, final=True)
    assert found.explanation == (
        f"Expected every message to have reached a final status, but {message.sid} "
        "(to '+14155552671', 'Ahoy', at 2026-12-01T00:00:00.000000Z) is sent and goes on at "
        "2026-12-01T00:00:00.500000Z."
    )
    assert [near.sid for near in found.near] == list(found.matches) == [message.sid]
    assert found.near[0].differences["status"].actual == "sent"
    await world.advance(0.3)
    assert (await judge(world, final=True)).ok


async def test_one_never_ends(make_world: MakeWorld, judge: Any, scenario: Any) -> None:
    """No receipt will come."""
    world = make_world()
    scenario(world, delivery=[{"outcome": "sent"}])
    await world.create()
    await world.settled()
    found = await judge(world, final=True)
    assert "is sent and has no step to come." in found.explanation


async def test_scheduled_ones_may_wait(make_world: MakeWorld, judge: Any) -> None:
    """They are named, and are only wrong for who asks."""
    world = make_world()
    await world.create(world.scheduled(3_600))
    found = await judge(world, final=True)
    assert found.ok
    assert found.explanation == (
        "0 messages reached a final status. 1 message is scheduled, as allowed."
    )
    strict = await judge(world, final=True, scheduled=True)
    assert (strict.ok, strict.near[0].differences["status"].actual) == (False, "scheduled")


async def test_many_are_counted(make_world: MakeWorld, judge: Any) -> None:
    """Three are told, ten are named."""
    world = make_world("manual")
    for number in range(12):
        await world.create(Body=str(number))
    found = await judge(world, final=True, where={"to": "+1415*"})
    assert found.explanation.endswith("; and 9 more.")
    assert (len(found.near), len(found.matches)) == (3, 10)
    assert found.explanation.startswith("Expected every message with to '+1415*' to have")
