"""Finding operations for the control API, and waiting for one."""

from collections.abc import Iterator
from typing import Final

from mockserver.world import queries
from mockserver.world.bulk.attempts import OWN
from mockserver.world.bulk.operation import Operation
from mockserver.world.clock import TICK, iso, stopwatch
from mockserver.world.sandbox import Sandbox

LAST: Final = frozenset({"COMPLETED", "CANCELED"})
"""Statuses that do not change any more."""


class Unknown(Exception):
    """There is no such operation; the text is its id."""


class Late(Exception):
    """The operation was not where it was wanted in time; the text says where it is."""

    def __init__(self, operation: Operation, hint: str) -> None:
        super().__init__(described(operation))
        self.operation, self.hint = operation, hint


class Never(Exception):
    """The operation will never be where it is wanted."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(described(operation))
        self.operation = operation


def find(sandbox: Sandbox, id_: str) -> Operation:
    """An operation of whatever account, also one that its API shows no more; raise `Unknown`."""
    sandbox.engine.catch_up()
    if (found := sandbox.tables.operations.get(id_)) is None:
        raise Unknown(id_)
    return found


async def wait_for(sandbox: Sandbox, id_: str, status: str, timeout: float) -> Operation:
    """An operation that has, or has passed, a status, once nothing happens to it by itself.

    `timeout` is in seconds of wall time. Raise `Late`, `Never`, `Unknown` or `SandboxGone`.
    """
    deadline = stopwatch() + timeout
    while True:
        if sandbox.closed:
            raise queries.SandboxGone(f"sandbox {sandbox.id} was dropped")
        operation = find(sandbox, id_)
        reached = status in passed(operation)
        if reached and not _restless(sandbox, operation):
            return operation
        if operation.status in LAST and not reached:
            raise Never(operation)
        left = deadline - stopwatch()
        if left <= 0:
            raise Late(operation, hint(sandbox, operation))
        await sandbox.changes.wait(left)


def passed(operation: Operation) -> Iterator[str]:
    """The statuses that it had, and has."""
    if operation.order.send.schedule is not None:
        yield "SCHEDULED"
    if operation.status in ("PROCESSING", "COMPLETED"):
        yield "PROCESSING"
    if operation.status in LAST:
        yield operation.status


def _restless(sandbox: Sandbox, operation: Operation) -> bool:
    """Whether more becomes of its messages right now, on a clock that stands still.

    On the instant clock receipts come by themselves; on the manual one, when it is advanced.
    """
    mode = sandbox.clock.mode
    by_itself = mode.name == "instant" and is_under_way(operation)
    return mode.frozen and (by_itself or is_half_done(operation))


def is_half_done(operation: Operation) -> bool:
    """Whether it is in the middle of a tick."""
    return bool(operation.stepped) or any(run.begun for run in operation.runs.values())


def is_under_way(operation: Operation) -> bool:
    """Whether some of its messages have steps to take, but for those that wait for their time."""
    own = OWN in operation.attempts.taken
    return own or bool(operation.due) or any(run.begun for run in operation.runs.values())


# In words

_TOLD: Final = (
    *("delivered", "read", "sent", "queued", "scheduled"),
    *("undelivered", "failed", "canceled", "unaddressable"),
)
"""Statuses, those that somebody hopes for first."""


def described(operation: Operation) -> str:
    """`it is PROCESSING: 990 of 10000 recipients delivered, 9010 queued`."""
    return f"it is {operation.status}: {counted(operation)}"


def counted(operation: Operation) -> str:
    """`10000 recipients: 9990 delivered, 10 failed`."""
    stats = operation.tally.stats()
    parts = [f"{stats[name]} {name}" for name in _TOLD if stats[name]]
    noun = "recipient" if operation.count == 1 else "recipients"
    return f"{operation.count} {noun}" + (f": {', '.join(parts)}" if parts else "")


def hint(sandbox: Sandbox, operation: Operation) -> str:
    """What it waits for."""
    clock, tick = sandbox.clock, sandbox.clock.next_tick()
    if is_half_done(operation) or (clock.mode.name == "instant" and is_under_way(operation)):
        return "It is being worked off: wait longer."
    if clock.mode.frozen or tick is None:
        return queries.hint(sandbox)
    seconds = clock.wall_seconds_until(tick)
    return (
        f"The clock is {clock.mode.name} and it is {iso(clock.now())}; the next event is due at "
        f"{iso(tick * TICK)}, {seconds:g} seconds of wall time from now."
    )
