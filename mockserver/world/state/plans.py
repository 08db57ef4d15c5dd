"""How a sandbox was made, as it stands in the file."""

from typing import Any

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.world.clock import Mode
from mockserver.world.sandbox import Plan
from mockserver.world.scenarios import from_document
from mockserver.world.snapshot import Snapshot


class KeptPlan(msgspec.Struct, frozen=True):
    """A plan, its scenario as a document."""

    id: str
    account: Account
    seed: int
    seed_given: bool
    mode: Mode
    start: int | None
    scenario: dict[str, Any]
    others: tuple[Account, ...] = ()
    ttl: float = 0.0
    origin: Snapshot | None = None


_decode = msgspec.msgpack.Decoder(KeptPlan).decode


def scenario_of(document: dict[str, Any]) -> Scenario:
    """A scenario again, nameless where it was; raise `ScenarioError`."""
    return msgspec.structs.replace(from_document(document), name=document.get("name", ""))


def written(plan: Plan) -> bytes:
    """A plan as it stands in the file."""
    kept = KeptPlan(
        plan.id,
        plan.account,
        plan.seed,
        plan.seed_given,
        plan.mode,
        plan.start,
        plan.scenario.document(),
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
        scenario_of(kept.scenario),
        kept.others,
        kept.ttl,
        kept.origin,
    )
