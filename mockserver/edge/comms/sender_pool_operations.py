"""`/SenderPools/Operations`: what came of making pools and adding to them, for seven days."""

from typing import Any, Final

from mockserver.domain.sender_pools import PoolOperation
from mockserver.edge.comms.answers import answered, date, gone
from mockserver.edge.comms.listing import ask_query, listed
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.sender_pools import SenderPools


async def list_(call: Call) -> Reply:
    """The account's, a page at a time."""
    ask = ask_query(call, "ListSenderPoolOperations")
    status = ask.filters.get("status")
    return listed(
        ask,
        "operations",
        SenderPools(call.sandbox, call.account).operations(),
        lambda each: status in (None, each.status),
        lambda each: render(call, each),
    )


async def fetch(call: Call) -> Reply:
    """One of them; where the path names a pool as well, the pool is not looked at."""
    for each in SenderPools(call.sandbox, call.account).operations():
        if each.id == call.params["OperationId"]:
            return answered(render(call, each))
    raise gone()


ROOT: Final = "/v1/SenderPools/Operations"
SCHEMA: Final = "comms/v1/SenderPoolOperation"
FETCH: Final = "FetchSenderPoolOperation"

ROUTES: Final = (
    Route("GET", ROOT, "ListSenderPoolOperations", list_, schema=SCHEMA),
    Route("GET", f"{ROOT}/{{OperationId}}", FETCH, fetch, schema=SCHEMA),
    # where adding to a pool says that its operation is
    Route(
        "GET",
        "/v1/SenderPools/{SenderPoolId}/Senders/Operations/{OperationId}",
        FETCH,
        fetch,
        schema=SCHEMA,
    ),
)


# Rendering


def render(call: Call, operation: PoolOperation) -> dict[str, Any]:
    """As the reference shows an operation; nothing is queued any more when it is shown."""
    return {
        "id": operation.id,
        "status": operation.status,
        "stats": {
            "total": operation.total,
            "queued": 0,
            "created": operation.created,
            "failed": operation.failed,
        },
        "createdAt": date(call, operation.created_at),
        "updatedAt": date(call, operation.updated_at),
    }
