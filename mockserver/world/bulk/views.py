"""A message of an operation as this API shows it: computed when somebody looks, never kept."""

from collections.abc import Mapping

import msgspec

from mockserver.domain.addresses import country
from mockserver.domain.bulk.faults import GENERAL
from mockserver.domain.bulk.statuses import CANCELED, LOST, OF_CLASSIC, STATUSES
from mockserver.domain.bulk.ways import FALLBACK_ORDER, End
from mockserver.domain.json_faults import Fault
from mockserver.domain.message import Delivery
from mockserver.domain.sender_pools import Sender
from mockserver.world.bulk.attempts import OWN
from mockserver.world.bulk.operation import NONE, Operation
from mockserver.world.bulk.people import Person
from mockserver.world.bulk.shelf import written
from mockserver.world.sandbox import Sandbox


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A message, with who gets it."""

    operation: Operation
    place: int
    person: Person

    @property
    def id(self) -> str:
        return self.operation.ids.message(self.place)

    @property
    def lost(self) -> bool:
        """Whether it failed, or was not delivered."""
        return self.operation.states[self.place] in LOST

    @property
    def tags(self) -> Mapping[str, str]:
        """Filled in for the recipient."""
        return self.operation.script.tags(self.person.variables)

    @property
    def pool_id(self) -> str:
        """The pool that it is to be sent through; "" for none."""
        choice = self.operation.order.send.sender
        return "" if choice is None else choice.pool_id

    @property
    def scheduled_for(self) -> int:
        """When it is, or was, to go out, in microseconds; 0 for at once."""
        schedule, ends = self.operation.order.send.schedule, self.person.ends
        if schedule is None:
            return 0
        where = country(ends[0][1]) if schedule.walls and ends else ""
        return schedule.moment(where) or self.operation.created_at


def seen(operation: Operation, place: int, person: Person | None = None) -> Seen:
    """The message at a place; `person` spares who knows it a search."""
    return Seen(operation, place, operation.people.person(place) if person is None else person)


class Shown(msgspec.Struct, frozen=True, gc=False):
    """An attempt."""

    sid: str
    """Of the classic message that it is."""
    sender: Sender
    end: End
    status: str
    """As messages of operations have it."""
    made: int
    updated_at: int
    """Both in microseconds."""
    code: int = 0
    """Why it is lost."""
    said: str = ""
    """The same in words, where the code alone says little."""


class Views:
    """Shows what became of the messages of a sandbox's operations."""

    __slots__ = ("_bulk", "_table")

    def __init__(self, sandbox: Sandbox) -> None:
        self._bulk, self._table = sandbox.bulk, sandbox.tables.messages

    def attempts(self, seen: Seen) -> list[Shown]:
        """Oldest first."""
        return [self._attempt(seen, number) for number in seen.operation.tries(seen.place)]

    def latest(self, seen: Seen) -> Shown | None:
        """The attempt that decides about the message; nothing before the first."""
        number = seen.operation.latest[seen.place]
        return None if number == NONE else self._attempt(seen, number)

    def sender(self, seen: Seen, latest: Shown | None) -> Sender | None:
        """Who sends it, or will; nothing where that is not settled before the first attempt."""
        if latest is not None:
            return latest.sender
        if seen.pool_id:
            return None
        senders = seen.operation.ways.senders
        return senders[0] if len(senders) == 1 else self._first_choice(seen)

    def updated_at(self, seen: Seen, latest: Shown | None) -> int:
        """When something last happened to it, in microseconds."""
        operation = seen.operation
        if latest is not None:
            return max(latest.updated_at, operation.created_at)
        canceled = operation.states[seen.place] == CANCELED
        return operation.updated_at if canceled else operation.created_at

    def content(self, seen: Seen, latest: Shown | None) -> dict[str, object]:
        """As it was filled in for the recipient, on the channel used."""
        sender = latest.sender if latest is not None else self._first_choice(seen)
        script = seen.operation.script
        known = [each for each in FALLBACK_ORDER if each in script.channels]
        channel = sender.channel if sender is not None else (known or FALLBACK_ORDER)[0]
        return script.content(channel, seen.person.variables)

    def _first_choice(self, seen: Seen) -> Sender | None:
        ways = self._bulk.ways(seen.operation, seen.person)
        return seen.operation.ways.senders[ways[0][0]] if ways else None

    def _attempt(self, seen: Seen, number: int) -> Shown:
        operation = seen.operation
        attempts, made = operation.attempts, operation.attempts.made[number]
        sid, sender = operation.sid(number), operation.ways.senders[attempts.way[number]]
        end = seen.person.ends[attempts.end[number]]
        delivery = self._delivery(operation, number, sid)
        if delivery is None:
            latest = number == operation.latest[seen.place]
            status = operation.state(seen.place) if latest else "FAILED"
            return Shown(sid, sender, end, status, made, made)
        status, code = STATUSES[OF_CLASSIC[delivery.status]], delivery.error_code
        said = _unwritten(seen, number) if code == GENERAL else ""
        return Shown(sid, sender, end, status, made, delivery.updated_at, code, said)

    def _delivery(self, operation: Operation, number: int, sid: str) -> Delivery | None:
        """What became of it; nothing where its classic message was deleted."""
        if operation.attempts.taken[number] >= OWN:
            return self._table.find_delivery(sid)
        return operation.attempts.delivery(number)


def _unwritten(seen: Seen, number: int) -> str:
    """What is wrong with what an attempt was to say."""
    operation = seen.operation
    found = written(operation, seen.person, operation.attempts.way[number])
    return found.message if isinstance(found, Fault) else ""
