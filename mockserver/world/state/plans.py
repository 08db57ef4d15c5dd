"""How a sandbox was made, as it stands in the file."""

from collections.abc import Callable

import msgspec

from mockserver.domain.accounts import Account
from mockserver.world.clock import Mode
from mockserver.world.sandbox import Plan
from mockserver.world.snapshot import Snapshot
from mockserver.world.state.scenarios import KeptScenario


class KeptPlan(msgspec.Struct, frozen=True):
    """A plan."""

    id: str
    account: Account
    seed: int
    seed_given: bool
    mode: Mode
    start: int | None
    scenario: KeptScenario
    others: tuple[Account, ...] = ()
    ttl: float = 0.0
    origin: Snapshot | None = None
    """As files of the first version have it."""
    origin_number: int = 0
    """Where it stands in the file; 0 for none."""


_decode = msgspec.msgpack.Decoder(KeptPlan).decode


def written(plan: Plan, origin_number: int) -> bytes:
    """A plan as it stands in the file; what it begins with stands apart, under a number."""
    kept = KeptPlan(
        plan.id,
        plan.account,
        plan.seed,
        plan.seed_given,
        plan.mode,
        plan.start,
        KeptScenario.of(plan.scenario),
        plan.others,
        plan.ttl,
        origin_number=origin_number,
    )
    return msgspec.msgpack.encode(kept)


def read(content: bytes, find: Callable[[int], Snapshot]) -> tuple[Plan, int]:
    """The plan again, and the number of what it begins with, which `find` knows.

    Raise `msgspec.DecodeError` or `ScenarioError`.
    """
    kept = _decode(content)
    number = kept.origin_number
    plan = Plan(
        kept.id,
        kept.account,
        kept.seed,
        kept.seed_given,
        kept.mode,
        kept.start,
        kept.scenario.scenario(),
        kept.others,
        kept.ttl,
        find(number) if number else kept.origin,
    )
    return plan, number
