"""The attempts of an operation as the Messages resource sees them: classic messages."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import orjson
from msgspec.structs import replace

from mockserver.domain.bulk.ways import End
from mockserver.domain.json_faults import Fault
from mockserver.domain.message import Delivery, Message
from mockserver.domain.sender_pools import classic
from mockserver.domain.text import measure
from mockserver.world.bulk.attempts import OWN
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.people import Person
from mockserver.world.bulk.writing import Written

TAG: Final = "Twilio.operation_info"
"""A classic message's tag: operation, message and attempt. Seen in events by an application."""

CHANNELS: Final = {"SMS": "sms", "RCS": "rcs", "WHATSAPP": "whatsapp"}
"""Of a classic message, by the sender's channel."""


def address(end: End) -> str:
    """A recipient's address as a classic message has it."""
    channel, number = end
    return f"whatsapp:{number}" if channel == "WHATSAPP" else number


def compose(
    operation: Operation, person: Person, number: int, ordinal: int, written: Written
) -> Message:
    """The classic message of an attempt that is in the columns."""
    attempts = operation.attempts
    place, turn = attempts.place[number], attempts.turn[number]
    sender = operation.ways.senders[attempts.way[number]]
    channel = CHANNELS[sender.channel]
    size = measure(written.text)
    return Message(
        sid=operation.sid(number),
        ordinal=ordinal,
        account_sid=operation.account_sid,
        direction="outbound-api",
        channel="mms" if written.media and channel == "sms" else channel,
        origin="comms",
        to=address(person.ends[attempts.end[number]]),
        from_=classic(sender.channel, sender.address) or sender.address,
        body=written.text,
        encoding=size.encoding,
        num_segments=1 if written.media or channel != "sms" else size.segments,
        num_media=len(written.media),
        created_at=attempts.made[number],
        media_urls=written.media,
        tags=_tags(operation, person, place, turn),
        operation_id=operation.id,
    )


def _tags(operation: Operation, person: Person, place: int, turn: int) -> str:
    own = f"{operation.id},{operation.ids.message(place)},{turn + 1}"
    return orjson.dumps({**operation.script.tags(person.variables), TAG: own}).decode()


def written(operation: Operation, person: Person, way: int) -> Written | Fault:
    """What an operation says to somebody through one of its senders."""
    found = operation.script.write(operation.ways.senders[way].channel, person.variables)
    prefix = operation.order.prefix
    if not prefix or isinstance(found, Fault):
        return found
    return replace(found, text=prefix + found.text)


class OperationShelf:
    """The attempts of one operation that are no ordinary messages."""

    __slots__ = ("_operation", "_price", "account_sid", "head", "operation_id")

    def __init__(self, operation: Operation, price: Callable[[Message], str]) -> None:
        """`price` is what a message costs that was sent, as Twilio renders it."""
        self._operation, self._price = operation, price
        self.account_sid, self.operation_id = operation.account_sid, operation.id
        self.head = operation.ids.head

    def ordinal(self, sid: str) -> int | None:
        """The place of a message that is here."""
        attempts, number = self._operation.attempts, self._operation.ids.number(sid)
        if number >= len(attempts) or attempts.taken[number] == OWN:
            return None
        ordinal = attempts.ordinal[number]
        return ordinal if self._operation.sid(number) == sid else None

    def message(self, ordinal: int) -> Message:
        """The message at a place, written again."""
        operation, number = self._operation, self._operation.attempts.at(ordinal)
        person = operation.people.person(operation.attempts.place[number])
        text = written(operation, person, operation.attempts.way[number])
        return compose(operation, person, number, ordinal, _or_nothing(text))

    def delivery(self, ordinal: int) -> Delivery:
        """What became of it."""
        delivery = self._operation.attempts.delivery(self._operation.attempts.at(ordinal))
        if not delivery.sent_at:
            return delivery
        return replace(delivery, price=self._price(self.message(ordinal)))

    def made_at(self, ordinal: int) -> int:
        """When an attempt was made."""
        return self._operation.attempts.made[self._operation.attempts.at(ordinal)]

    def places(self, to: str | None, from_: str | None) -> "array[int]":
        """Ascending ordinals of those to and from an address."""
        operation, attempts = self._operation, self._operation.attempts
        senders = [classic(each.channel, each.address) for each in operation.ways.senders]
        wanted = {n for n, each in enumerate(senders) if from_ in (None, each)}
        if not wanted:
            return array("I")
        if to is not None:
            numbers: Sequence[int] = sorted(self._to(to))
        elif len(wanted) == len(senders) and OWN not in attempts.taken:
            return attempts.ordinal
        else:
            numbers = range(len(attempts))
        fits = (n for n in numbers if attempts.way[n] in wanted and attempts.taken[n] != OWN)
        return array("I", map(attempts.ordinal.__getitem__, fits))

    def _to(self, to: str) -> Iterator[int]:
        """Numbers of the attempts to an address as a classic message has it."""
        operation, ends = self._operation, self._operation.attempts.end
        for place in operation.people.at(to.rpartition(":")[2]):
            if tries := operation.tries(place):
                theirs = operation.people.person(place).ends
                yield from (n for n in tries if address(theirs[ends[n]]) == to)

    def let_go(self, ordinal: int) -> None:
        """A message becomes the table's own."""
        attempts = self._operation.attempts
        attempts.taken[attempts.at(ordinal)] = OWN


def _or_nothing(text: Written | Fault) -> Written:
    """What could not be written has failed, and is empty."""
    return Written("") if isinstance(text, Fault) else text
