"""Sandboxes that are made beside the event loop, and swapped in for those that go on meanwhile."""

from copy import copy
from functools import partial

from mockserver.world.beginning import fill, furnish
from mockserver.world.beside import beside
from mockserver.world.house import Plan
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Tables
from mockserver.world.visits import Stopped


async def begin(blank: Sandbox, plan: Plan) -> None:
    """Make a sandbox that nobody knows yet; nothing of it is kept before its `keep`."""
    blank.frame(plan)
    try:
        await _fill(blank, plan)
    except BaseException:
        blank.give_up()
        raise


async def _fill(blank: Sandbox, plan: Plan) -> None:
    clock = blank.clock
    woken, clock.on_booked = clock.on_booked, _asleep
    await beside(partial(fill, blank, blank.regime, plan))
    if blank.ledger is not None:
        await blank.ledger.prepare()
    clock.on_booked = woken
    furnish(blank, blank.regime, plan)
    blank.engine.switch(clock.mode)


async def replay(sandbox: Sandbox, plan: Plan) -> Tables:
    """Make a sandbox again by a plan; its old tables come back.

    Until then everything goes on as it was. Raise `Stopped` if the sandbox is dropped first.
    """
    twin = copy(sandbox)
    await begin(twin, plan)
    if sandbox.closed:
        twin.give_up()
        raise Stopped("the sandbox was dropped meanwhile")
    return sandbox.become(twin)


def _asleep() -> None:
    """Nobody is woken for what is booked on the clock of a sandbox that nobody knows yet."""
