"""Restoring, forking and resetting beside the event loop."""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.faults import FaultRule, Scenario, StatusFault, When
from mockserver.world import copying
from mockserver.world.sandboxes import AccountTaken, Order, TooManyAccounts
from mockserver.world.scenarios import ScenarioError
from mockserver.world.tables import Unit
from mockserver.world.visits import Stopped

if TYPE_CHECKING:
    from mockserver.world.sandbox import Sandbox
    from tests.world.conftest import MakeWorld

SUB = "AC" + "5" * 32


def held(sandbox: "Sandbox") -> bytes:
    """What is in a sandbox."""
    return msgspec.json.encode(sandbox.snapshot())


async def test_restoring_is_as_at_once(make_world: "MakeWorld") -> None:
    """The same tables; steps go on, and the old tables come back."""
    world = make_world(clock="manual")
    await world.create()
    await world.advance(0.1)
    taken, before = await world.sandbox.told(), held(world.sandbox)
    await world.create()
    tables = world.sandbox.tables
    assert await copying.restored(world.sandboxes, world.sandbox, taken) is tables
    assert held(world.sandbox) == before
    await world.advance(60)
    assert [world.status(message) for message in world] == ["delivered"]


async def test_who_waits_and_who_listens_stays(make_world: "MakeWorld") -> None:
    """The sandbox is the same one, to those who hold it and to its own parts."""
    world = make_world(clock="manual")
    sandbox = world.sandbox
    reader = sandbox.journal.subscribe(None)
    taken = await sandbox.told()
    waiting = asyncio.ensure_future(sandbox.changes.wait(20))
    await asyncio.sleep(0)
    await copying.restored(world.sandboxes, sandbox, taken)
    assert await waiting
    await world.create()
    assert [event.kind for event in reader.events][:2] == ["reset", "message"]


async def test_what_happens_meanwhile_is_lost(make_world: "MakeWorld") -> None:
    """Until all is there the sandbox goes on as it was; then it is what was put in."""
    world = make_world(clock="manual")
    taken, before = await world.sandbox.told(), held(world.sandbox)
    restoring = asyncio.ensure_future(copying.restored(world.sandboxes, world.sandbox, taken))
    await asyncio.sleep(0)
    await world.create()
    assert len(list(world)) == 1
    await restoring
    assert held(world.sandbox) == before


@pytest.mark.parametrize("clock", ["instant", "real", "scaled:1000"])
async def test_every_clock_goes_on(make_world: "MakeWorld", clock: str) -> None:
    """What was due, or comes due, happens by itself."""
    world = make_world(clock="manual")
    await world.create()
    taken = await world.sandbox.told()
    other = make_world(clock=clock)
    await copying.restored(other.sandboxes, other.sandbox, taken)
    await other.sandbox.engine.advance(None)
    assert [other.status(message) for message in other] == ["delivered"]


async def test_its_accounts_are_its_own_from_the_start(make_world: "MakeWorld") -> None:
    """Nobody else can take one while it is filled."""
    world = make_world(clock="manual")
    boxes = world.sandboxes
    world.sandbox.accounts.set_up(Account(SUB, "x"), Unit())
    taken = await world.sandbox.told()
    copying.reset(boxes, world.sandbox)
    assert boxes.of_account(SUB) is None
    restoring = asyncio.ensure_future(copying.restored(boxes, world.sandbox, taken))
    await asyncio.sleep(0)
    with pytest.raises(AccountTaken):
        boxes.make(Order(account=Account(SUB, "y")))
    await restoring
    assert boxes.of_account(SUB) is world.sandbox


async def test_a_sandbox_that_is_dropped_meanwhile(make_world: "MakeWorld") -> None:
    """Nothing comes back to life; its accounts are nobody's."""
    world = make_world(clock="manual")
    boxes = world.sandboxes
    world.sandbox.accounts.set_up(Account(SUB, "x"), Unit())
    made = boxes.make(Order())
    restoring = asyncio.ensure_future(copying.restored(boxes, made, await world.sandbox.told()))
    await asyncio.sleep(0)
    boxes.drop(made)
    with pytest.raises(Stopped):
        await restoring
    assert boxes.get(made.id) is None
    assert boxes.of_account(made.accounts.first_sid) is None


async def test_who_took_over_its_accounts_keeps_them(make_world: "MakeWorld") -> None:
    """One that is made with an account of a sandbox that was dropped while it was restored."""
    world = make_world(clock="manual")
    boxes = world.sandboxes
    world.sandbox.accounts.set_up(Account(SUB, "x"), Unit())
    taken = await world.sandbox.told()
    copying.reset(boxes, world.sandbox)
    made = boxes.make(Order())
    restoring = asyncio.ensure_future(copying.restored(boxes, made, taken))
    await asyncio.sleep(0)
    boxes.drop(made)
    heir = boxes.make(Order(account=Account(SUB, "y")))
    with pytest.raises(Stopped):
        await restoring
    assert boxes.of_account(SUB) is heir


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"scenario": {"delivry": []}}, ScenarioError),
        ({"accounts": 20_000}, TooManyAccounts),
    ],
)
async def test_what_cannot_be_restored(
    make_world: "MakeWorld", change: dict[str, Any], problem: type[Exception]
) -> None:
    """And nothing has changed."""
    world = make_world(clock="manual")
    await world.create()
    taken, before = await world.sandbox.told(), held(world.sandbox)
    if (count := change.get("accounts")) is not None:
        change = {"accounts": taken.accounts * count}
    with pytest.raises(problem):
        await copying.restored(
            world.sandboxes, world.sandbox, msgspec.structs.replace(taken, **change)
        )
    assert held(world.sandbox) == before


async def test_a_fork_is_as_at_once(make_world: "MakeWorld") -> None:
    """And begins again as it was forked, whatever became of both."""
    world = make_world(clock="manual")
    boxes = world.sandboxes
    await world.create()
    fork = await copying.forked(boxes, world.sandbox, Order())
    before = held(fork)
    assert before == held(world.sandbox) == held(copying.fork(boxes, world.sandbox, Order()))
    assert boxes.get(fork.id) is fork
    assert boxes.of_account(fork.accounts.first_sid) is fork
    await fork.engine.advance(None)
    await world.create()
    tables = fork.tables
    assert await copying.renewed(boxes, fork) is tables
    assert held(fork) == before


async def test_chance_goes_on_in_a_fork(make_world: "MakeWorld") -> None:
    """The same calls fail there from now on; under another scenario it begins anew."""
    world = make_world(clock="manual")

    def fails(sandbox: "Sandbox") -> list[bool]:
        return [sandbox.rules.fault({"body": "Ahoy"}) is not None for _ in range(40)]

    half = FaultRule("half", When(share=0.5), StatusFault(503))
    world.sandbox.rules.add(half)
    first = fails(world.sandbox)
    fork = await copying.forked(world.sandboxes, world.sandbox, Order())
    anew = Order(scenario=Scenario("anew", faults=(half,)))
    another = await copying.forked(world.sandboxes, world.sandbox, anew)
    assert fails(fork) == fails(world.sandbox) != first
    assert fails(another) == first


async def test_a_fork_with_an_account_that_is_taken(make_world: "MakeWorld") -> None:
    """Is refused at once, or when it is ready and somebody was faster."""
    world = make_world(clock="manual")
    boxes = world.sandboxes
    wanted = Order(account=Account(SUB, "x"), scenario=Scenario(""))
    forking = asyncio.ensure_future(copying.forked(boxes, world.sandbox, wanted))
    await asyncio.sleep(0)
    made = boxes.make(wanted)
    with pytest.raises(AccountTaken):
        await forking
    with pytest.raises(AccountTaken):
        await copying.forked(boxes, world.sandbox, wanted)
    assert boxes.of_account(SUB) is made


async def test_what_was_not_forked_begins_again_at_once(make_world: "MakeWorld") -> None:
    """There is nothing to fill."""
    world = make_world(clock="manual")
    await world.create()
    await copying.renewed(world.sandboxes, world.sandbox)
    assert not list(world)
