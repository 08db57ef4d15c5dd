"""When batches of events leave."""

import asyncio
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld
    from tests.world.events.conftest import Follow, Told


async def test_events_wait_for_others(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """On a clock that is advanced, 200 ms of its time."""
    world = make_world("manual")
    await follow(world, "sent", batched=True)
    await world.create()
    await world.advance(0.1)
    await world.create(To="+14155552672")
    await world.advance(0.29)
    assert told(world) == []
    await world.advance(0.01)
    assert told(world) == [["sent", "sent"]]


async def test_they_hold_up_who_waits_until_idle(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """An `advance` until nothing is under way brings them in."""
    world = make_world("manual")
    await follow(world, "delivered", batched=True)
    message = await world.create()
    await world.sandbox.engine.advance(None)
    assert world.status(message) == "delivered"
    assert told(world) == [["delivered"]]
    assert world.idle()


async def test_sinks_do_not_wait_for_each_other(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """Each has a batch of its own."""
    world = make_world("manual")
    await follow(world, "sent", batched=True, host="a")
    await follow(world, "sent", "delivered", batched=False, host="b")
    await world.create()
    await world.advance(0.3)
    assert [each.url.partition("?")[0] for each in world.app.posted] == ["http://b.example/events"]
    await world.advance(1)
    assert told(world) == [["sent"], ["sent"], ["delivered"]]


async def test_time_does_not_move_for_them(make_world: "MakeWorld", follow: "Follow") -> None:
    """On the instant clock: a batch leaves as soon as the loop turns, at the time it is due."""
    world = make_world("instant")
    await follow(world, "sent", "delivered", batched=True)
    message = await world.create()
    await world.settled()
    assert world.now - message.created_at == 500_000
    dues = [each.due - message.created_at for each in world.attempts]
    assert dues == [400_000, 700_000]


async def test_the_response_comes_first(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """Nothing is posted about a message whose create is not answered yet, or that comes after."""
    world = make_world("instant")
    await follow(world, "sent", "delivered", batched=False)
    first = await world.create(answered=False)
    await world.create(To="+14155552672")
    await world.turns(20)
    assert told(world) == []
    assert not world.idle()
    world.sandbox.outbox.release(first.sid)
    await world.settled()
    assert sorted(told(world)) == [["delivered"], ["delivered"], ["sent"], ["sent"]]
    assert json.loads(world.app.posted[0].body)["data"]["messageSid"] == first.sid


async def test_a_batch_waits_for_all_its_messages(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """Its last response lets it go; then come the others, in order."""
    world = make_world("manual")
    await follow(world, "sent", batched=True)
    messages = [await world.create(To=f"+1415555267{n}", answered=False) for n in range(3)]
    for message in messages[:2]:
        world.sandbox.outbox.release(message.sid)
    advancing = asyncio.create_task(world.advance(1))
    await world.turns(50)
    assert told(world) == []
    world.sandbox.outbox.release(messages[2].sid)
    await advancing
    assert told(world) == [["sent", "sent", "sent"]]


async def test_the_grace_comes_first(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """An application has the chance to store what the response said."""
    world = make_world("instant", grace=0.001)
    await follow(world, "sent", batched=False)
    await world.create()
    await world.turns(3)
    assert told(world) == []
    await world.settled()
    assert told(world) == [["sent"]]


async def test_a_reset_forgets_them(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """Whatever they wait for."""
    world = make_world("manual")
    await follow(world, "sent", batched=True)
    await world.create()
    await world.advance(0.3)
    before = world.sandbox.outbox
    world.sandbox.reset()
    await world.advance(1)
    await before.drained()
    assert told(world) == []
    assert world.sandbox.outbox.poster is None
