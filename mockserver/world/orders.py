"""What somebody wants of a new sandbox, and the plan that comes of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.sids import mint
from mockserver.world.accounts import MAX_ACCOUNTS
from mockserver.world.clock import Mode
from mockserver.world.dice import fresh_entropy, fresh_seed
from mockserver.world.house import Plan

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot import Snapshot

DEFAULT: Final = "default"


class Order(msgspec.Struct, frozen=True):
    """What somebody wants of a new sandbox; `None` and "" leave it to the server."""

    scenario: Scenario | None = None
    clock: str = ""
    start: int | None = None
    seed: int | None = None
    ttl: float = 0.0
    account: Account | None = None
    """Its SID may be ""."""
    others: tuple[Account, ...] = ()
    origin: "Snapshot | None" = None
    """What it begins with, when it is a fork."""


class Defaults(msgspec.Struct, frozen=True):
    """How a server makes sandboxes."""

    clock: str = "real"
    seed: int | None = None
    scenario: Scenario = Scenario("")
    newcomers: str = DEFAULT
    """Where an account that nobody set up comes into being: `default`, or `newest`."""
    strict_accounts: bool = False
    max_accounts: int = MAX_ACCOUNTS


def planned(order: Order, defaults: Defaults, sandbox_id: str = "") -> Plan:
    """The sandbox that was ordered, by default under a fresh id; raise `ValueError` for a clock."""
    scenario = _heeding(order, order.scenario or defaults.scenario)
    seed = defaults.seed if order.seed is None else order.seed
    return Plan(
        sandbox_id or f"sb-{fresh_entropy().hex()[:12]}",
        _own_account(order, scenario),
        seed=fresh_seed() if seed is None else seed,
        seed_given=seed is not None,
        mode=Mode.parse(order.clock or scenario.clock or defaults.clock),
        start=order.start,
        scenario=scenario,
        others=order.others,
        ttl=order.ttl,
        origin=order.origin,
    )


def overruled(wanted: Plan, kept: Plan) -> Iterator[str]:
    """What is wanted of a sandbox that was kept as another one, in words."""
    if wanted.mode != kept.mode:
        yield f"its clock is {kept.mode.name}, not {wanted.mode.name}"
    if wanted.seed_given and wanted.seed != kept.seed:
        yield f"its seed is {kept.seed}, not {wanted.seed}"
    if wanted.scenario != kept.scenario:
        names = (each.scenario.name or "none" for each in (kept, wanted))
        yield "the scenario it was made with is {}, not {}".format(*names)
    for sid in sorted({a.sid for a in (wanted.account, *wanted.others)}):
        if _account_of(wanted, sid) != _account_of(kept, sid):
            yield f"account {sid} stays as it is"


def _account_of(plan: Plan, sid: str) -> Account | None:
    return next((each for each in (*plan.others, plan.account) if each.sid == sid), None)


def _own_account(order: Order, scenario: Scenario) -> Account:
    """The sandbox's first account: as ordered, else as given, else with a fresh name."""
    wanted, given = order.account or Account(""), scenario.given.accounts[0]
    return Account(
        sid=wanted.sid or given.sid or mint("AC", fresh_entropy()),
        auth_token=wanted.auth_token or given.auth_token or fresh_entropy().hex(),
        type=wanted.type,
        mode=wanted.mode,
        friendly_name=wanted.friendly_name,
    )


def _heeding(order: Order, scenario: Scenario) -> Scenario:
    """The scenario, but for a token that the order overrules."""
    own, *others = scenario.given.accounts
    if order.account is None or not order.account.auth_token or not own.auth_token:
        return scenario
    accounts = (replace(own, auth_token=order.account.auth_token), *others)
    return replace(scenario, given=replace(scenario.given, accounts=accounts))
