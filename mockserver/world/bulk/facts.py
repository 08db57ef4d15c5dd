"""What is known of an attempt, as a classic message, without writing its text."""

from collections.abc import Callable, Mapping
from typing import Final

from mockserver.domain.bulk.ways import End
from mockserver.domain.sender_pools import classic
from mockserver.world.bulk.operation import Operation

CHANNELS: Final = {"SMS": "sms", "RCS": "rcs", "WHATSAPP": "whatsapp"}
"""Of a classic message, by the sender's channel."""


def address(end: End) -> str:
    """A recipient's address as a classic message has it."""
    channel, number = end
    return f"whatsapp:{number}" if channel == "WHATSAPP" else number


def _to(operation: Operation, number: int) -> str:
    attempts = operation.attempts
    person = operation.people.person(attempts.place[number])
    return address(person.ends[attempts.end[number]])


def _from(operation: Operation, number: int) -> str:
    sender = operation.ways.senders[operation.attempts.way[number]]
    return classic(sender.channel, sender.address) or sender.address


def _channel(operation: Operation, number: int) -> str:
    return CHANNELS[operation.ways.senders[operation.attempts.way[number]].channel]


def _status(operation: Operation, number: int) -> str:
    taken = operation.attempts.taken[number]
    return _steps(operation, number)[taken - 1][0] if taken else "queued"


def _reached(operation: Operation, number: int) -> tuple[str, ...]:
    """Statuses alone, which is what a timeline is asked for."""
    taken = operation.attempts.taken[number]
    return ("queued", *(step[0] for step in _steps(operation, number)[:taken]))


def _error(operation: Operation, number: int) -> int | None:
    taken = operation.attempts.taken[number]
    return _steps(operation, number)[taken - 1][2] or None if taken else None


def _steps(operation: Operation, number: int) -> tuple[tuple[str, int, int], ...]:
    attempts = operation.attempts
    return attempts.courses[attempts.course[number]]


FACTS: Final[Mapping[str, Callable[[Operation, int], object]]] = {
    "sid": lambda operation, number: operation.sid(number),
    "account_sid": lambda operation, _: operation.account_sid,
    "operation_id": lambda operation, _: operation.id,
    "direction": lambda *_: "outbound-api",
    "origin": lambda *_: "comms",
    "channel": _channel,
    "to": _to,
    "from": _from,
    "messaging_service_sid": lambda *_: "",
    "num_segments": lambda operation, number: operation.attempts.segments[number],
    "created_at": lambda operation, number: operation.attempts.made[number],
    "status": _status,
    "timeline": _reached,
    "error_code": _error,
}
"""By the name of the control API; an operation and the number of an attempt on its shelf in."""
