"""The events of this API, each as little as it takes to tell it: told when somebody asks.

Ten types. What an event says follows from the operation and the place; so what is kept of one is a
row of numbers, and the CloudEvent is made for who reads it. Source: Event types of Communications.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.bulk.ways import End
from mockserver.world.bulk.operation import Operation
from mockserver.world.clock import iso
from mockserver.world.dice import Dice

KEPT: Final = 10_000
"""Events that can still be read."""

SCHEMAS: Final[Mapping[str, str]] = {
    "operation.scheduled": "OperationScheduled/2",
    "operation.processing": "OperationProcessing/2",
    "operation.completed": "OperationCompleted/2",
    "message.queued": "MessageQueued/3",
    "message.sent": "MessageSent/4",
    "message.failed": "MessageFailed/4",
    "message.delivered": "MessageDelivered/4",
    "message.undelivered": "MessageUndelivered/4",
    "message.read": "MessageRead/4",
    "message.inbound-received": "MessageInbound/2",
}
"""The schema of each type, by the type's name behind `com.twilio.comms-api.`."""

TYPES: Final = tuple(SCHEMAS)
OPERATION: Final = -1
"""The place of an event that is about the operation itself."""


class Happened(msgspec.Struct, frozen=True):
    """One event."""

    number: int
    """Events before it in this sandbox."""
    kind: str
    """One of `TYPES`."""
    operation: Operation
    at: int
    place: int = OPERATION
    attempt: int = OPERATION
    """The number of the attempt that it is about; without one for `message.queued`."""
    code: int = 0


class Events:
    """The latest events of a sandbox."""

    __slots__ = ("_dice", "_kept", "count", "listeners")

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._kept: deque[Happened] = deque(maxlen=KEPT)
        self.count = 0
        self.listeners: list[Callable[[Happened], None]] = []
        """Told of every event as it happens."""

    def tell(
        self,
        kind: str,
        operation: Operation,
        at: int,
        place: int = OPERATION,
        attempt: int = OPERATION,
        code: int = 0,
    ) -> None:
        """Something happened."""
        event = Happened(self.count, kind, operation, at, place, attempt, code)
        self.count += 1
        self._kept.append(event)
        for listener in self.listeners:
            listener(event)

    def __iter__(self) -> Iterator[Happened]:
        """Those kept, oldest first."""
        return iter(tuple(self._kept))

    @property
    def dropped(self) -> int:
        return self.count - len(self._kept)

    def cloud_event(self, event: Happened) -> dict[str, Any]:
        """The event as Event Streams delivers it."""
        operation = event.operation
        source = f"/v1/Messages/Operations/{operation.id}"
        if event.place != OPERATION:
            source = f"/v1/Messages/{operation.ids.message(event.place)}"
        return {
            "specversion": "1.0",
            "type": f"com.twilio.comms-api.{event.kind}",
            "source": source,
            "id": f"EZ{self._dice.of('event', f'{operation.id}/{event.number}').hex()}",
            "dataschema": f"https://events-schemas.twilio.com/CommsApi.{SCHEMAS[event.kind]}",
            "datacontenttype": "application/json",
            "time": f"{iso(event.at)[:-4]}Z",
            "data": data(event),
        }


def data(event: Happened) -> dict[str, Any]:
    """What the event says."""
    operation = event.operation
    if event.place == OPERATION:
        return {"operation_id": operation.id}
    person = operation.people.person(event.place)
    said: dict[str, Any] = {
        "operation_id": operation.id,
        "message_id": operation.ids.message(event.place),
        "account_sid": operation.account_sid,
    }
    end: End = person.ends[0] if person.ends else ("", "")
    if event.attempt != OPERATION:
        attempts, number = operation.attempts, event.attempt
        sender = operation.ways.senders[attempts.way[number]]
        end = person.ends[attempts.end[number]]
        said["downstream_id"] = operation.sid(number)
        said["attempt"] = str(attempts.turn[number] + 1)
        said["from"] = {"id": sender.id, "address": sender.address, "channel": sender.channel}
    if event.code:
        said["error_code"] = str(event.code)
    id_ = {"id": person.profile_id} if person.profile_id else {}
    said["to"] = {**id_, "address": end[1], "channel": end[0]}
    said["tags"] = dict(operation.script.tags(person.variables))
    return said
