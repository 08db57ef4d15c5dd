"""What happened, as the CloudEvents that Event Streams delivers.

Source: Event types of Communications; the schemas' fields are those that a client in the open has.
"""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.bulk.ways import End
from mockserver.domain.message import Message
from mockserver.world.bulk import arrivals
from mockserver.world.bulk.happened import NONE, Happened
from mockserver.world.bulk.operation import Operation
from mockserver.world.clock import iso
from mockserver.world.dice import Dice
from mockserver.world.events.streamed import Streamed
from mockserver.world.sender_ids import sender_id
from mockserver.world.tables import Tables

PREFIX: Final = "com.twilio.comms-api."
"""What all types begin with."""

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
"""The schema of each type, by the type's name behind `PREFIX`."""


def cloud_event(event: Happened, tables: Tables, dice: Dice) -> dict[str, Any]:
    """An event in full."""
    about = event.about
    if isinstance(about, Streamed):
        return about.document()
    message = message_id(event)
    source = f"/v1/Messages/{message or f'Operations/{operation_id(event)}'}"
    return {
        "specversion": "1.0",
        "type": PREFIX + event.kind,
        "source": source,
        "id": f"EZ{dice.of('event', f'{source}/{event.kind}/{event.attempt}').hex()}",
        "dataschema": f"https://events-schemas.twilio.com/CommsApi.{SCHEMAS[event.kind]}",
        "datacontenttype": "application/json",
        "time": f"{iso(event.at)[:-4]}Z",
        "data": _data(event, about, message, tables),
    }


def type_of(event: Happened) -> str:
    """Its type in full."""
    return event.kind if isinstance(event.about, Streamed) else PREFIX + event.kind


def _data(
    event: Happened, about: Operation | Message, message: str, tables: Tables
) -> dict[str, Any]:
    """What an event says; `message` is the id of the one it is about."""
    if isinstance(about, Message):
        return {"message_id": message, **_received(about, tables)}
    if event.place == NONE:
        return {"operation_id": about.id}
    return {"operation_id": about.id, "message_id": message, **_sent(event, about)}


def message_id(event: Happened) -> str:
    """The message that an event is about; "" for one about an operation."""
    if isinstance(event.about, Streamed):
        return event.about.message_sid
    if isinstance(event.about, Message):
        return arrivals.message_id(event.about)
    return "" if event.place == NONE else event.about.ids.message(event.place)


def operation_id(event: Happened) -> str:
    """The operation that an event is about, or its message; "" for anything else."""
    return "" if isinstance(event.about, Message | Streamed) else event.about.id


def _received(message: Message, tables: Tables) -> dict[str, Any]:
    """Nothing of who sent it or what it says: the schema has neither."""
    channel, address = arrivals.CHANNELS[message.channel], arrivals.number(message.to)
    id_ = _sender_id(message, (channel, address), tables)
    return {
        "downstream_id": message.sid,
        "session_id": arrivals.session_id(message),
        "to": {**({"id": id_} if id_ else {}), "address": address, "channel": channel},
        "tags": {},
    }


def _sender_id(message: Message, end: End, tables: Tables) -> str:
    """Of the sender that it was written to; "" where this API never heard of it."""
    if (number := tables.numbers.get(message.to)) is not None:
        return sender_id(number)
    owner = message.account_sid
    kept = tables.senders.values()
    alike = (e.id for e in kept if e.account_sid == owner and (e.channel, e.address) == end)
    return next(alike, "")


def _sent(event: Happened, operation: Operation) -> dict[str, Any]:
    person = operation.people.person(event.place)
    said: dict[str, Any] = {"account_sid": operation.account_sid}
    end: End = person.ends[0] if person.ends else ("", "")
    if event.attempt != NONE:
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
