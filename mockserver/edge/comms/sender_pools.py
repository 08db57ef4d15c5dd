"""`/SenderPools`: senders under one id."""

from typing import Any, Final

from mockserver.domain.json_faults import INVALID, Fault, fault, refuse
from mockserver.domain.sender_pools import SenderPool, tags_fit
from mockserver.edge.comms.answers import accepted, answered, changed, date, gone
from mockserver.edge.comms.asking import read_body
from mockserver.edge.comms.listing import ask_query, listed
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.sender_pools import SenderPools


async def create(call: Call) -> Reply:
    """Make a pool; the answer tells of the operation, not of the pool."""
    asked = _checked(call, "CreateSenderPool")
    operation = await SenderPools(call.sandbox, call.account).create(asked)
    return accepted(call, operation.id, "SenderPools", "Operations")


async def list_(call: Call) -> Reply:
    """The account's pools, a page at a time; or the one that an operation made."""
    ask = ask_query(call, "ListSenderPools")
    made_by = ask.filters.get("operationId")
    return listed(
        ask,
        "senderPools",
        SenderPools(call.sandbox, call.account).all(),
        lambda each: made_by in (None, each.operation_id),
        lambda each: render(call, each),
    )


async def fetch(call: Call) -> Reply:
    """One pool."""
    return answered(render(call, _named(call)))


async def update(call: Call) -> Reply:
    """Set its name, or its tags, which replace those that it had."""
    pool = _named(call)
    asked = _checked(call, "UpdateSenderPool")
    await SenderPools(call.sandbox, call.account).update(pool, asked)
    return changed(call, pool.id, "SenderPools")


async def delete(call: Call) -> Reply:
    """Forget it; its senders stay."""
    pool = _named(call)
    await SenderPools(call.sandbox, call.account).delete(pool)
    return changed(call, pool.id, "SenderPools")


def _named(call: Call) -> SenderPool:
    """The pool in the path; raise `Refused` 20404."""
    pool = SenderPools(call.sandbox, call.account).find(call.params["SenderPoolId"])
    if pool is None:
        raise gone()
    return pool


def _checked(call: Call, operation: str) -> Any:
    """The body; raise `Refused` for all that is wrong with it."""
    asked, faults = read_body(call, operation)
    refuse([*faults, *_mistagged(asked)])
    return asked


def _mistagged(asked: object) -> list[Fault]:
    tags = asked.get("tags") if isinstance(asked, dict) else None
    if not isinstance(tags, dict) or not all(isinstance(each, str) for each in tags.values()):
        return []  # which the schema finds
    return [] if tags_fit(tags) else [fault(INVALID, "$.tags", what="$.tags are no tags")]


ROOT: Final = "/v1/SenderPools"
ONE: Final = f"{ROOT}/{{SenderPoolId}}"
SCHEMA: Final = "comms/v1/SenderPool"
CHANGED: Final = "comms/v1/ResourceReference"

ROUTES: Final = (
    Route("GET", ROOT, "ListSenderPools", list_, schema=SCHEMA),
    Route("POST", ROOT, "CreateSenderPool", create, schema="comms/v1/OperationReference"),
    Route("GET", ONE, "FetchSenderPool", fetch, schema=SCHEMA),
    Route("PATCH", ONE, "UpdateSenderPool", update, schema=CHANGED),
    Route("DELETE", ONE, "DeleteSenderPool", delete, schema=CHANGED),
)


# Rendering


def render(call: Call, pool: SenderPool) -> dict[str, Any]:
    """As the reference shows a pool, which is without its senders."""
    return {
        "id": pool.id,
        "name": pool.name,
        "tags": dict(pool.tags),
        "createdAt": date(call, pool.created_at),
        "updatedAt": date(call, pool.updated_at),
    }
