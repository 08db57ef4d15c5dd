"""When a callback may go: after the response, in order, and side by side."""

import asyncio
from typing import TYPE_CHECKING

from mockserver.world.clock import stopwatch

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

HOOK = "http://127.0.0.1:9/status"


async def test_nothing_leaves_before_the_response_is_written(make_world: "MakeWorld") -> None:
    """However far the message has come meanwhile."""
    world = make_world("instant")
    message = await world.create(StatusCallback=HOOK, answered=False)
    await world.turns(20)
    assert (world.status(message), world.app.posted) == ("delivered", [])
    assert not world.idle()
    world.sandbox.outbox.release(message.sid)
    await world.settled()
    assert world.app.statuses == ["sent", "delivered"]


async def test_messages_wait_for_another_response(make_world: "MakeWorld") -> None:
    """As long as that is not written; afterwards they wait for nothing."""
    world = make_world("instant")
    outbox = world.sandbox.outbox
    outbox.hold("NT1")
    message = await world.create(StatusCallback=HOOK)
    outbox.hold_along(message.sid, "NT1")
    await world.turns(20)
    assert world.app.posted == []
    outbox.release("NT1")
    await world.settled()
    assert world.app.statuses == ["sent", "delivered"]
    later = await world.create(StatusCallback=HOOK)
    outbox.hold_along(later.sid, "NT1")
    await world.settled()
    assert len(world.app.posted) == 4


async def test_the_application_has_time_to_store_the_sid(make_world: "MakeWorld") -> None:
    """The grace, in seconds of wall time, lies between the response and the first callback."""
    world = make_world("instant", grace=0.02)
    written = stopwatch()
    await world.create(StatusCallback=HOOK)
    await world.turns(20)
    assert world.app.posted == []
    await world.settled()
    assert stopwatch() - written >= 0.02
    assert world.app.statuses == ["sent", "delivered"]


async def test_manual_knows_no_grace(make_world: "MakeWorld") -> None:
    """Whoever advances the clock has had the response."""
    world = make_world("manual", grace=3_600)
    await world.create(StatusCallback=HOOK)
    await world.advance(60)
    assert world.app.statuses == ["sent", "delivered"]


async def test_a_response_counts_once(make_world: "MakeWorld") -> None:
    """Saying twice that it is written posts nothing twice."""
    world = make_world("instant", grace=0.001)
    message = await world.create(StatusCallback=HOOK)
    world.sandbox.outbox.release(message.sid)
    world.sandbox.outbox.release("SM" + "0" * 32)
    await world.settled()
    assert world.app.statuses == ["sent", "delivered"]


async def test_in_order_for_each_message(make_world: "MakeWorld") -> None:
    """The next one waits for the answer to the one before."""
    world = make_world("instant")
    gate = world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    await world.turns(20)
    assert world.app.statuses == ["sent"]
    gate.set()
    await world.settled()
    assert world.app.statuses == ["sent", "delivered"]


async def test_side_by_side_for_different_messages(make_world: "MakeWorld") -> None:
    """A receiver that hangs keeps no other message's callbacks back."""
    world = make_world("instant")
    gate = world.app.gates[f"{HOOK}/hangs"] = asyncio.Event()
    await world.create(To="+14155550001", StatusCallback=f"{HOOK}/hangs")
    await world.create(To="+14155550002", StatusCallback=HOOK)
    await world.turns(20)
    assert world.app.told == [
        ("+14155550001", "sent"),
        ("+14155550002", "sent"),
        ("+14155550002", "delivered"),
    ]
    gate.set()
    await world.settled()
    assert world.app.told[-1] == ("+14155550001", "delivered")


async def test_a_large_ticks_callbacks_go_together(make_world: "MakeWorld") -> None:
    """Once all of its events were applied, though it takes many slices."""
    world = make_world("manual")
    form = world.scheduled(900)
    messages = [
        await world.create(form, Body=f"Number {number}", StatusCallback=HOOK)
        for number in range(1_200)
    ]
    early: list[str] = []
    deliver = world.app.deliver

    async def look(*parcel: "object") -> "object":
        early.extend(m.sid for m in messages if world.status(m) == "scheduled")
        return await deliver(*parcel)  # type: ignore[arg-type]

    world.app.deliver = look  # type: ignore[method-assign, assignment]
    await world.advance(900)
    assert world.app.statuses == ["queued"] * 1_200
    assert early == []


async def test_drained(make_world: "MakeWorld") -> None:
    """At once when nothing is there; else when the last one has been answered."""
    world = make_world("instant")
    await world.sandbox.outbox.drained()
    gate = world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    waiting = [asyncio.create_task(world.sandbox.outbox.drained()) for _ in range(2)]
    await world.turns(20)
    assert not any(task.done() for task in waiting)
    host = HOOK[: HOOK.index("/", 8)]
    assert world.sandbox.outbox.busy.startswith(f"callbacks of 1 messages (most of them to {host}")
    waiting[0].cancel()
    gate.set()
    await waiting[1]
    assert len(world.attempts) == 2


async def test_a_reset_gives_up_what_is_under_way(make_world: "MakeWorld") -> None:
    """Also what is held and what is to be tried again; nothing of it is journalled later."""
    world = make_world("instant")
    world.app.gates[HOOK] = asyncio.Event()
    await world.create(StatusCallback=HOOK)
    held = await world.create(To="+14155550001", StatusCallback=HOOK, answered=False)
    await world.turns(20)
    before = world.sandbox.outbox
    assert world.app.under_way == 1
    world.sandbox.reset()
    before.release(held.sid)
    await before.drained()
    await world.turns(5)
    assert (world.app.under_way, world.attempts, world.app.statuses) == (0, [], ["sent"])


async def test_nothing_is_taken_after_the_end(make_world: "MakeWorld") -> None:
    """What a command of before still brings is dropped."""
    world = make_world("manual")
    message = await world.create(StatusCallback=HOOK)
    posting = world.sandbox.messages.announce(message, "sent", world.now, 0)
    before = world.sandbox.outbox
    world.sandbox.reset()
    before.post(posting)
    await before.drained()
    await world.turns(5)
    assert world.app.posted == []


async def test_what_else_waits_for_the_response(make_world: "MakeWorld") -> None:
    """It is done at once where nothing is held, else when the grace has passed; never after."""
    world, done = make_world("instant", grace=0.001), list[str]()
    outbox = world.sandbox.outbox
    outbox.once_open("MM1", lambda: done.append("at once"))
    outbox.hold("MM1")
    outbox.once_open("MM1", lambda: done.append("later"))
    assert done == ["at once"]
    outbox.release("MM1")
    await world.settled()
    assert done == ["at once", "later"]
    outbox.hold("MM1")
    outbox.once_open("MM1", lambda: done.append("never"))
    outbox.stop()
    outbox.release("MM1")
    outbox.once_open("MM2", lambda: done.append("never"))
    assert done == ["at once", "later"]
