"""`/operations`: the sends of the Communications API, waiting for one, cancelling one."""

from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.matching import OPERATION_FIELDS
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.world.clock import iso
from mockserver.world.queries import Found, in_parts, sift, still
from mockserver.world.sandbox import Sandbox

if TYPE_CHECKING:  # loaded with the first operation
    from mockserver.world.bulk.operation import Operation

STATUS: Final = "COMPLETED"
TIMEOUT: Final = 5.0
LONGEST: Final = 600.0
"""Seconds of wall time that a wait may take."""


class OperationSubject:
    """An operation as the matcher looks at it."""

    __slots__ = ("_operation",)

    def __init__(self, operation: "Operation") -> None:
        self._operation = operation

    def get(self, name: str, /) -> object:
        """A field of the operation."""
        return getattr(self._operation, name)


async def list_(ask: Ask) -> Answer:
    """A page of the operations that match."""
    cut, matcher = filters.cut(ask), filters.matcher(ask, OPERATION_FIELDS)
    ask.sandbox.engine.catch_up()
    tables = ask.sandbox.tables
    every = tuple(tables.operations.values())
    kept = await sift(every, lambda each: matcher.matches(OperationSubject(each)))
    part, after = cut.page([operation.number for operation in kept])
    documents: list[dict[str, Any]] = []
    async for numbers in in_parts(part):
        still(ask.sandbox, tables)
        documents += (document(ask.sandbox, every[number]) for number in numbers)
    found: Found[int] = Found([], len(kept), after)
    return Answer(200, filters.page("operations", documents, found, cut))


async def fetch(ask: Ask) -> Answer:
    """One operation as it is now."""
    return Answer(200, document(ask.sandbox, find(ask)))


def document(sandbox: Sandbox, operation: "Operation") -> dict[str, Any]:
    """An operation with its counts."""
    from mockserver.world.bulk.waiting import is_under_way

    scheduled = operation.scheduled_for(0)
    return {
        "id": operation.id,
        "account_sid": operation.account_sid,
        "sandbox": sandbox.id,
        "status": operation.status,
        "stats": operation.tally.stats(),
        "under_way": is_under_way(operation),
        "created_at": iso(operation.created_at),
        "updated_at": iso(operation.updated_at),
        "scheduled_for": iso(scheduled) if scheduled else None,
    }


def find(ask: Ask) -> "Operation":
    """The operation that the path names."""
    from mockserver.world.bulk.waiting import Unknown, find

    try:
        return find(ask.sandbox, ask.params["id"])
    except Unknown:
        raise _unknown(ask, ask.params["id"]) from None


def _unknown(ask: Ask, id_: str) -> Refusal:
    return Refusal("not_found", f"there is no operation {id_} in sandbox {ask.sandbox.id}")


async def cancel(ask: Ask) -> Answer:
    """Cancel what is scheduled."""
    operation = find(ask)
    from mockserver.world.bulk.commands import NotCancelable

    try:
        await ask.sandbox.bulk.cancel(operation)
    except NotCancelable as late:
        why = f"{late}: only what is SCHEDULED can be cancelled"
        raise Refusal("illegal_status", why, {"status": operation.status}) from None
    return Answer(200, document(ask.sandbox, operation))


async def wait(ask: Ask) -> Answer:
    """Answer as soon as an operation has come so far; in the body, which."""
    timeout = float(ask.body.get("timeout", TIMEOUT))
    return await _awaited(ask, ask.body["id"], ask.body.get("status", STATUS), timeout)


async def wait_by_query(ask: Ask) -> Answer:
    """The same with the query."""
    if not (id_ := ask.parameter("id")):
        raise filters.bad("id", "must name the operation")
    status = ask.parameter("status", STATUS)
    known = OPERATION_FIELDS["status"].choices
    if status not in known:
        raise filters.bad("status", f"must be one of {', '.join(known)}, not {status!r}")
    timeout = filters.seconds(ask, "timeout", TIMEOUT, LONGEST)
    return await _awaited(ask, id_, status, timeout)


async def _awaited(ask: Ask, id_: str, status: str, timeout: float) -> Answer:
    from mockserver.world.bulk import waiting

    try:
        found = await waiting.wait_for(ask.sandbox, id_, status, timeout)
    except waiting.Unknown:
        raise _unknown(ask, id_) from None
    except waiting.Never as never:
        said = f"operation {id_} will never be {status}: {never}"
        raise Refusal("illegal_status", said, document(ask.sandbox, never.operation)) from None
    except waiting.Late as late:
        said = f"operation {id_} was not {status} within {timeout:g} s: {late}. {late.hint}"
        details = document(ask.sandbox, late.operation)
        hint = {"hint": late.hint} if late.hint else {}
        raise Refusal("timeout", said.rstrip(), details, beside=hint) from None
    return Answer(200, document(ask.sandbox, found))


ROUTES: Final = (
    Route(
        "GET",
        "/operations",
        list_,
        "The operations of the Communications API that match, a page at a time.",
        answer="Operations",
        query=filters.OPERATIONS,
    ),
    Route(
        "POST",
        "/operations/wait",
        wait,
        "Wait until an operation has come to a status; 408 with its counts when it does not.",
        body="control/WaitOperation",
        answer="Operation",
    ),
    Route(
        "GET",
        "/operations/wait",
        wait_by_query,
        "The same, with everything in the query.",
        answer="Operation",
        query=("id", "status", "timeout"),
    ),
    Route("GET", "/operations/{id}", fetch, "One operation as it is now.", answer="Operation"),
    Route(
        "POST",
        "/operations/{id}/cancel",
        cancel,
        "Cancel an operation that is scheduled; 409 for any other.",
        answer="Operation",
    ),
)
