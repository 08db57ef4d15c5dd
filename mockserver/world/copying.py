"""Sandboxes that begin with what another one holds: forks, restores, and beginning again.

Each comes in two forms: in one go, and (the past participles, which the server uses) with all that
is much beside the event loop. Whoever is copied goes on meanwhile, and so does whoever is replaced.
"""

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mockserver.domain.faults import Scenario
from mockserver.domain.sids import mint
from mockserver.world.dice import fresh_entropy
from mockserver.world.orders import Order
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Tables
from mockserver.world.twins import begin, replay

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot import Snapshot


def fork(sandboxes: Sandboxes, source: Sandbox, order: Order) -> Sandbox:
    """A new sandbox with what is in `source`; raise as `Sandboxes.make`.

    What the order leaves open is as there: scenario and rules, clock, time, seed.
    """
    return sandboxes.make(_forking(source, source.snapshot(), order))


async def forked(sandboxes: Sandboxes, source: Sandbox, order: Order) -> Sandbox:
    """The same, beside the event loop."""
    plan = sandboxes.plan(_forking(source, await source.told(), order))
    sandbox = Sandbox(plan, sandboxes.house, sandboxes.holders.claim, blank=True)
    try:
        await begin(sandbox, plan)
    except BaseException:
        sandboxes.holders.forget(sandbox)
        raise
    sandbox.keep()
    return sandboxes.admit(sandbox)


def _forking(source: Sandbox, origin: "Snapshot", order: Order) -> Order:
    scenario = order.scenario
    if scenario is None:
        scenario = _scenario_of(origin)
    else:
        origin = msgspec.structs.replace(origin, counters={}, calls={}, course=None)
    return replace(
        order,
        scenario=scenario,
        clock=order.clock or source.clock.mode.name,
        start=origin.at if order.start is None else order.start,
        seed=source.plan.seed if order.seed is None else order.seed,
        origin=origin.rehomed(lambda _: mint("AC", fresh_entropy())),
    )


def restore(sandboxes: Sandboxes, sandbox: Sandbox, origin: "Snapshot") -> Tables:
    """Put a snapshot in; the old tables come back.

    Accounts that another sandbox holds come in under fresh SIDs. Raise `ScenarioError` for its
    scenario, or `TooManyAccounts`.
    """
    holders = sandboxes.holders
    old = sandbox.restore(holders.rehomed(origin, sandbox), _scenario_of(origin))
    holders.reroute(sandbox)
    return old


async def restored(sandboxes: Sandboxes, sandbox: Sandbox, origin: "Snapshot") -> Tables:
    """The same, beside the event loop: until it is done, the sandbox goes on as it was.

    Raise `Stopped` also if it is dropped meanwhile.
    """
    holders, scenario = sandboxes.holders, _scenario_of(origin)
    origin = holders.rehomed(origin, sandbox)
    sids = [account.sid for account in origin.accounts[1:]]
    holders.expect(sids, sandbox)
    try:
        old = await replay(sandbox, sandbox.plan.restoring(origin, scenario, sandbox.clock))
    finally:
        holders.release(sids, sandbox)
    holders.reroute(sandbox)
    return old


def reset(sandboxes: Sandboxes, sandbox: Sandbox) -> Tables:
    """Begin a sandbox again as it was made; the old tables come back.

    Accounts that came into being since are nobody's again.
    """
    old = sandbox.reset()
    sandboxes.holders.reroute(sandbox)
    return old


async def renewed(sandboxes: Sandboxes, sandbox: Sandbox) -> Tables:
    """As `reset`; what was forked is filled again beside the event loop."""
    if sandbox.plan.origin is None:
        return reset(sandboxes, sandbox)
    old = await replay(sandbox, sandbox.plan)
    sandboxes.holders.reroute(sandbox)
    return old


def _scenario_of(origin: "Snapshot") -> Scenario:
    """The scenario in a snapshot, nameless where it was."""
    return replace(from_document(origin.scenario), name=origin.scenario.get("name", ""))
