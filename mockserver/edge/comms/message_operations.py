"""`/Messages/Operations`: what becomes of requests to send, for as long as they are shown."""

from typing import Any, Final

from mockserver.domain.bulk.statuses import UNADDRESSABLE
from mockserver.domain.json_faults import TAKEN, Refused, fault
from mockserver.edge.comms.answers import accepted, answered, date, gone
from mockserver.edge.comms.listing import ask_query, behind_id, gathered, listed
from mockserver.edge.comms.message_rendering import reason, recipients
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.bulk.commands import NotCancelable
from mockserver.world.bulk.finding import lost
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.views import Seen, Views

NO_WAY: Final = 21612
"""Of a recipient whom none of the senders reaches. Twilio's own code for this is not known."""

UNKNOWN: Final = 30008
"""Of a message that is lost without a code."""


async def list_(call: Call) -> Reply:
    """The account's, a page at a time."""
    ask = ask_query(call, "ListMessageOperations")
    call.sandbox.engine.catch_up()
    status = ask.filters.get("status")
    return listed(
        ask,
        "operations",
        call.sandbox.bulk.of(call.account),
        lambda each: status in (None, each.status),
        lambda each: render(call, each),
    )


async def fetch(call: Call) -> Reply:
    """One of them."""
    return answered(render(call, _named(call)))


async def cancel(call: Call) -> Reply:
    """End one that is scheduled; any other is a conflict."""
    operation = _named(call)
    try:
        await call.sandbox.bulk.cancel(operation)
    except NotCancelable as why:
        raise Refused([fault(TAKEN, what=str(why))]) from None
    return accepted(call, operation.id, "Messages", "Operations")


async def list_errors(call: Call) -> Reply:
    """What went wrong with it, in the order of its recipients, a page at a time."""
    operation = _named(call)
    ask = ask_query(call, "ListMessageOperationErrors")
    views = Views(call.sandbox)
    rows = lost(operation, behind_id(ask))
    return await gathered(call.sandbox, ask, "errors", rows, lambda each: render_error(views, each))


def _named(call: Call) -> Operation:
    """The operation in the path; raise `Refused` 20404."""
    call.sandbox.engine.catch_up()
    operation = call.sandbox.bulk.find(call.account, call.params["OperationId"])
    if operation is None:
        raise gone()
    return operation


ROOT: Final = "/v1/Messages/Operations"
ONE: Final = f"{ROOT}/{{OperationId}}"
SCHEMA: Final = "comms/v1/MessageOperation"
ERROR: Final = "comms/v1/MessageOperationError"
CANCELED: Final = "comms/v1/OperationReference"

ROUTES: Final = (
    Route("GET", ROOT, "ListMessageOperations", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchMessageOperation", fetch, schema=SCHEMA),
    Route("GET", f"{ONE}/Errors", "ListMessageOperationErrors", list_errors, schema=ERROR),
    Route("POST", f"{ONE}/Cancel", "CancelMessageOperation", cancel, schema=CANCELED),
)


# Rendering


def render(call: Call, operation: Operation) -> dict[str, Any]:
    """As the reference shows an operation."""
    return {
        "id": operation.id,
        "status": operation.status,
        "stats": operation.tally.stats(),
        "createdAt": date(call, operation.created_at),
        "updatedAt": date(call, operation.updated_at),
    }


def render_error(views: Views, seen: Seen) -> dict[str, Any]:
    """One message that is lost, or one recipient that has none. The shape is ours."""
    latest = views.latest(seen)
    unaddressable = seen.operation.states[seen.place] == UNADDRESSABLE
    why = (latest.code or UNKNOWN, latest.said) if latest is not None else (NO_WAY,)
    return {
        **reason(*why),
        "context": f"$.to[{seen.operation.people.item(seen.place)}]",
        **({} if unaddressable else {"messageId": seen.id}),
        "recipient": recipients(seen, latest)[0],
    }
