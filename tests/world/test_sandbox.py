"""One isolated Twilio: what a reset brings back, and who is told of changes."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.faults import (
    DeliveryRule,
    Given,
    GivenAccount,
    GivenNumber,
    Scenario,
    When,
)
from mockserver.world.clock import SEEDED_START, Mode
from mockserver.world.sandboxes import Order
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

HOOK = "http://127.0.0.1:9/status"
STRANGER = "AC" + "5" * 32
GIVEN = "AC" + "6" * 32
PARENT = "AC" + "7" * 32

FIRST = Scenario(
    "first",
    given=Given(
        accounts=(GivenAccount(type="Trial"), GivenAccount(GIVEN, owner_account_sid=PARENT)),
        numbers=(GivenNumber("+14155550123"),),
        verified_callers=("+14155552671",),
    ),
    senders="strict",
    delivery=(DeliveryRule("ends", When(), "undelivered", 30003, times=1),),
)


async def test_a_reset_brings_back_what_was_made(make_world: "MakeWorld") -> None:
    """Account, first scenario, clock, dice; nothing of what came since."""
    order = Order(scenario=FIRST, account=Account("", "token"), clock="manual")
    world = make_world("real", order=order)
    sandbox, account = world.sandbox, world.sandbox.accounts.first
    first = await world.create(From="+14155550123")
    before = (first.sid, first.created_at, sandbox.rules.scenario, sandbox.rules.options)
    await world.advance(60)
    sandbox.regime.put(Scenario("second"), Unit())
    sandbox.rules.add(DeliveryRule("added", When(), "failed", 30001))
    sandbox.accounts.learn_token(STRANGER, "learned")
    sandbox.engine.switch(Mode.parse("real"))

    old = sandbox.reset()
    assert [each.sid for each in old.messages.places.oldest_first()] == [first.sid]
    assert list(world) == []
    assert (world.now, sandbox.clock.mode.name) == (SEEDED_START, "manual")
    assert sandbox.accounts.first == account
    assert (account.type, account.auth_token) == ("Trial", "token")
    assert sandbox.accounts.find(STRANGER) is None
    given = sandbox.accounts.find(GIVEN)
    assert given is not None
    assert given.owner_account_sid == PARENT
    again = await world.create(From="+14155550123")
    assert (again.sid, again.created_at) == before[:2]
    assert (sandbox.rules.scenario, sandbox.rules.options) == before[2:]
    await world.advance(60)
    assert world.status(again) == "undelivered", "the rule's counter began anew"


async def test_a_reset_forgets_the_journal(make_world: "MakeWorld") -> None:
    """Callbacks, alerts, and the numbers of entries."""
    world = make_world()
    for _ in range(2):
        world.app.refuse(2, "sent")
        await world.create(StatusCallback=HOOK)
        await world.settled()
        assert [each.id for each in world.attempts] == ["cb-1", "cb-2", "cb-3"]
        assert len(world.sandbox.journal.alerts) == 2
        world.sandbox.reset()
    assert world.attempts == []
    assert len(world.sandbox.journal.alerts) == 0


async def test_a_reset_without_a_seed_throws_the_same_dice(make_world: "MakeWorld") -> None:
    """The seed that was drawn when the sandbox was made stays its seed."""
    world = make_world(seed=None)
    first = await world.create()
    world.sandbox.reset()
    assert (await world.create()).sid == first.sid


async def test_an_old_world_does_nothing_any_more(make_world: "MakeWorld") -> None:
    """Its timers and its events are gone with it."""
    world = make_world("scaled:1000")
    await world.create(StatusCallback=HOOK)
    old = world.sandbox.reset()
    [message] = old.messages.places.oldest_first()
    clock = world.sandbox.clock
    until = clock.now() + 5_000_000
    async with asyncio.timeout(20):
        while clock.now() < until:
            await world.turns()
    assert old.messages.delivery(message.sid).status == "queued"
    assert world.app.posted == []


async def test_whoever_waits_is_woken(make_world: "MakeWorld") -> None:
    """By a message that is made, by a step, by a reset, by the end; and not by nothing."""
    world = make_world("manual")
    changes = world.sandbox.changes

    async def woken() -> bool:
        async with asyncio.timeout(20):
            return await waiting

    waiting = asyncio.create_task(changes.wait(20))
    await world.turns()
    await world.create()
    assert await woken()
    waiting = asyncio.create_task(changes.wait(20))
    await world.turns()
    await world.advance(0.2)
    assert await woken()
    waiting = asyncio.create_task(changes.wait(20))
    await world.turns()
    world.sandbox.reset()
    assert await woken()
    assert not await changes.wait(0.001)
    waiting = asyncio.create_task(changes.wait(20))
    await world.turns()
    world.sandbox.close()
    assert await woken()


async def test_waiting_leaves_nothing_behind(make_world: "MakeWorld") -> None:
    """Whether the time was up or whoever waited went away."""
    changes = make_world().sandbox.changes
    assert not await changes.wait(0.001)
    gone = asyncio.create_task(changes.wait(20))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert changes._waiters == []


async def test_two_sandboxes_know_nothing_of_each_other(make_world: "MakeWorld") -> None:
    """Messages, rules, time and journal are each one's own."""
    world = make_world("manual")
    other = world.sandboxes.make(Order())
    other.rules.add(DeliveryRule("ends", When(), "failed", 30001))
    message = await world.create(StatusCallback=HOOK)
    await world.advance(60)
    assert world.status(message) == "delivered"
    assert (len(other.tables.messages), len(other.journal.callbacks)) == (0, 0)
    assert (other.clock.now(), other.engine.idle) == (SEEDED_START, True)


async def test_a_start_is_the_start_again(make_world: "MakeWorld") -> None:
    """It overrides what a seed says, and a reset goes back to it."""
    start = SEEDED_START + 123_456_789
    world = make_world("manual", order=Order(start=start))
    assert world.now == start
    await world.advance(60)
    world.sandbox.reset()
    assert world.now == start
    assert replace(world.sandbox.plan, start=None).seed_given
