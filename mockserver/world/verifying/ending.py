"""Whether everything that was accepted came to its end."""

from typing import TYPE_CHECKING, Final

import msgspec

from mockserver.domain.lifecycle import FINAL
from mockserver.world.clock import iso
from mockserver.world.verifying.sight import (
    Finding,
    Firsts,
    Near,
    Scope,
    Sight,
    counted,
)

if TYPE_CHECKING:  # who makes them loads them
    from mockserver.world.bulk.operation import Operation

OVER: Final = frozenset({"COMPLETED", "CANCELED"})
"""Statuses of operations of which nothing more becomes."""

Waiting = tuple[int, int]
"""Of one operation's recipients with whom nobody has begun: those that are due, and those not."""


class Ended(msgspec.Struct, frozen=True):
    """Every message is in a final status; those that wait for their `SendAt` may, unless asked."""

    scope: Scope
    scheduled: bool = False
    """Whether these must have ended too."""

    async def judge(self, sight: Sight) -> Finding:
        """Look for those that have not."""
        number, open_, waiting = 0, Firsts[int](int), Firsts[int](int)
        async for part in sight.matching(self.scope):
            number += len(part)
            for place, look in part:
                if (status := look.get("status")) not in FINAL:
                    allowed = status == "scheduled" and not self.scheduled
                    (waiting if allowed else open_).add(place)
        lacking, later = self._unbegun(sight)
        aside = _aside(waiting.count + later)
        if not (open_.count or lacking):
            done = counted(number - waiting.count)
            return Finding(
                "final", True, number, f"{done}{self.scope} reached a final status.{aside}"
            )
        told = [_stage(sight, place) for place in open_.told]
        sentences = [*([open_.list(told)] if told else []), *lacking]
        near = [_near(sight, place) for place in open_.told]
        wanted = f"Expected every message{self.scope} to have reached a final status"
        explanation = f"{wanted}, but {'; '.join(sentences)}.{aside}"
        return Finding("final", False, number, explanation, near, sight.sids(open_.first))

    def _unbegun(self, sight: Sight) -> tuple[list[str], int]:
        """What operations lack that have not begun with everybody, and how many may wait."""
        lacking, later = [], 0
        for each, (due, scheduled) in _operations(sight, self.scope):
            if self.scheduled:
                due, scheduled = due + scheduled, 0
            later += scheduled
            if due:
                whom = counted(due, "recipient")
                lacking.append(f"operation {each.id} has not begun with {whom}")
        return lacking, later


def _aside(scheduled: int) -> str:
    """What is allowed is named all the same."""
    verb = "is" if scheduled == 1 else "are"
    return f" {counted(scheduled)} {verb} scheduled, as allowed." if scheduled else ""


def _stage(sight: Sight, place: int) -> str:
    """How far a message is, and when it goes on."""
    status = sight.look(place).get("status")
    delivery = sight.delivery(place)
    steps = delivery.steps if delivery is not None else ()
    onward = f"goes on at {iso(steps[1])}" if steps else "has no step to come"
    return f"{sight.named(place)} is {status} and {onward}"


def _near(sight: Sight, place: int) -> Near:
    return sight.near(place, status=("a final one", sight.look(place).get("status")))


def _operations(sight: Sight, scope: Scope) -> "list[tuple[Operation, Waiting]]":
    """Those in scope that have not begun with all recipients, of whom there are no messages yet."""
    every = sight.tables.operations.values()
    found = (
        (each, _left(each, sight.sandbox.clock.now()))
        for each in every
        if each.status not in OVER and _fits(each, scope)
    )
    return [(each, left) for each, left in found if any(left)]


def _fits(operation: "Operation", scope: Scope) -> bool:
    """Whether all its messages are in scope, as far as that can be said before they are there."""
    window, at = scope.window, operation.created_at
    named = window.after is not None or window.before is not None
    if named or not window.first <= at < window.end:
        return False
    known = {
        "origin": "comms",
        "direction": "outbound-api",
        "operation_id": operation.id,
        "account_sid": operation.account_sid,
        "created_at": at,
    }
    return scope.where.matches(known)


def _left(operation: "Operation", now: int) -> Waiting:
    due = scheduled = 0
    for moment, run in operation.runs.items():
        left = len(run.left(operation))
        if moment > now:
            scheduled += left
        else:
            due += left
    return due, scheduled
