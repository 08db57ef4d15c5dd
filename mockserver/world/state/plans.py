"""How a sandbox was made, as it stands in the file."""

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


_decode = msgspec.msgpack.Decoder(KeptPlan).decode


def written(plan: Plan) -> bytes:
    """A plan as it stands in the file."""
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
        plan.origin,
    )
    return msgspec.msgpack.encode(kept)


def read(content: bytes) -> Plan:
    """The plan again; raise `msgspec.DecodeError` or `ScenarioError`."""
    kept = _decode(content)
    return Plan(
        kept.id,
        kept.account,
        kept.seed,
        kept.seed_given,
        kept.mode,
        kept.start,
        kept.scenario.scenario(),
        kept.others,
        kept.ttl,
        kept.origin,
    )
