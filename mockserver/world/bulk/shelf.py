"""The attempts of an operation as the Messages resource sees them: classic messages."""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import orjson
from msgspec.structs import replace

from mockserver.domain.json_faults import Fault
from mockserver.domain.message import Delivery, Message
from mockserver.domain.sender_pools import classic
from mockserver.domain.text import measure
from mockserver.world.bulk.attempts import OVER, OWN, Attempts
from mockserver.world.bulk.facts import CHANNELS, FACTS, address
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.people import Person
from mockserver.world.bulk.writing import Written
from mockserver.world.shelves import Bill, Price

SHORT: Final = 70
"""ASCII characters that are one segment, whatever they are."""

TAG: Final = "Twilio.operation_info"
"""A classic message's tag: operation, message and attempt. Seen in events by an application."""


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


def segments(operation: Operation, way: int, text: Written) -> int:
    """Those of a text without media; a channel's message is one."""
    said = text.text
    if operation.ways.senders[way].channel != "SMS" or (len(said) <= SHORT and said.isascii()):
        return 1
    return measure(said).segments


class OperationShelf:
    """The attempts of one operation that are no ordinary messages."""

    __slots__ = ("_forgotten", "_operation", "_price", "account_sid", "head")

    def __init__(
        self, operation: Operation, price: Price, forgotten: Callable[[Operation, int], None]
    ) -> None:
        """`price` is what a message costs that was sent, as Twilio renders it.

        `forgotten` is told of an attempt whose ordinary message was deleted.
        """
        self._operation, self._price, self._forgotten = operation, price, forgotten
        self.account_sid = operation.account_sid
        self.head = operation.ids.head

    def ordinal(self, sid: str) -> int | None:
        """The place of a message that is here."""
        attempts, number = self._operation.attempts, self._operation.ids.number(sid)
        if number >= len(attempts) or attempts.taken[number] >= OWN:
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
        operation, number = self._operation, self._operation.attempts.at(ordinal)
        delivery = operation.attempts.delivery(number)
        if not delivery.sent_at:
            return delivery
        person = operation.people.person(operation.attempts.place[number])
        return replace(delivery, price=self._cost(number, person))

    def _cost(self, number: int, person: Person) -> str:
        operation, attempts = self._operation, self._operation.attempts
        channel = CHANNELS[operation.ways.senders[attempts.way[number]].channel]
        to = address(person.ends[attempts.end[number]])
        return self._price(channel, to, attempts.segments[number])

    def bills(self) -> Iterator[Bill]:
        """What each message that went out costs; of no text is anything written."""
        operation, attempts = self._operation, self._operation.attempts
        senders = [(CHANNELS[each.channel], each.address) for each in operation.ways.senders]
        sent = _Sent(attempts)
        for place, person in operation.people.walk(range(operation.count)):
            for number in operation.tries(place):
                if at := sent.at(number):
                    channel, sender = senders[attempts.way[number]]
                    yield Bill(at, channel, sender, self._cost(number, person))

    def fact(self, ordinal: int, name: str) -> object:
        """What a filter asks of the message at a place; it is written only for the text's sake."""
        if (read := FACTS.get(name)) is not None:
            return read(self._operation, self._operation.attempts.at(ordinal))
        return getattr(self.message(ordinal), name, None)

    def made_at(self, ordinal: int) -> int:
        """When an attempt was made."""
        return self._operation.attempts.made[self._operation.attempts.at(ordinal)]

    def places(self, to: str | None, from_: str | None) -> "array[int]":
        """Ascending ordinals of those to and from an address."""
        numbers = None if to is None else sorted(self._to(to))
        if numbers is not None and not numbers:
            return _NOWHERE  # the usual answer, which there are many shelves to give
        operation, attempts = self._operation, self._operation.attempts
        senders = [classic(each.channel, each.address) for each in operation.ways.senders]
        wanted = {n for n, each in enumerate(senders) if from_ in (None, each)}
        if not wanted:
            return _NOWHERE
        if numbers is None and len(wanted) == len(senders):
            return _still_here(attempts)
        some: Iterable[int] = range(len(attempts)) if numbers is None else numbers
        fits = (n for n in some if attempts.way[n] in wanted and attempts.taken[n] < OWN)
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
        attempts.let_go(attempts.at(ordinal))

    def forget(self, ordinal: int) -> None:
        """A message that had become the table's own is deleted: nothing more becomes of it."""
        self._forgotten(self._operation, self._operation.attempts.at(ordinal))


_NOWHERE: Final = array("I")

_ELSEWHERE: Final = re.compile(bytes([*b"[", OWN, OVER, *b"]"]))
"""In `Attempts.taken`: of an ordinary message."""


def _still_here(attempts: Attempts) -> "array[int]":
    """Ascending ordinals of all that are no ordinary messages: whole stretches, of a million."""
    if attempts.complete:
        return attempts.ordinal
    found, start = array("I"), 0
    for gap in _ELSEWHERE.finditer(attempts.taken):
        found += attempts.ordinal[start : gap.start()]
        start = gap.end()
    return found + attempts.ordinal[start:]


class _Sent:
    """When attempts were sent: looked up once for all that are as far on the same course."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._known: dict[tuple[int, int], int] = {}

    def at(self, number: int) -> int:
        """0 for what was not, or is no longer in the columns."""
        attempts, taken = self._attempts, self._attempts.taken[number]
        if not 0 < taken < OWN:
            return 0
        key = (attempts.course[number], taken)
        if (after := self._known.get(key)) is None:
            steps = attempts.courses[key[0]][:taken]
            after = next((after for status, after, _ in steps if status == "sent"), -1)
            self._known[key] = after
        return 0 if after < 0 else attempts.start[number] + after


def _or_nothing(text: Written | Fault) -> Written:
    """What could not be written has failed, and is empty."""
    return Written("") if isinstance(text, Fault) else text
