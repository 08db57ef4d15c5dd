"""One accepted request: what it asked for, and where each of its messages stands."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from mockserver.domain.addresses import country
from mockserver.domain.bulk.records import Send
from mockserver.domain.bulk.statuses import QUEUED, SCHEDULED, STATUSES, Tally
from mockserver.domain.bulk.ways import Ways
from mockserver.world.bulk.attempts import Attempts
from mockserver.world.bulk.ids import Ids
from mockserver.world.bulk.people import People, Person
from mockserver.world.bulk.writing import Script

NONE: Final = 0xFFFFFFFF
"""In `Operation.latest`: no attempt was made."""


class Run:
    """Recipients with whom to begin at one moment, and how far that has got."""

    __slots__ = ("begun", "people", "places")

    def __init__(self, places: "array[int] | None" = None, begun: int = 0) -> None:
        """`places` None: all of the operation's."""
        self.places, self.begun = places, begun
        self.people: Iterator[tuple[int, Person]] | None = None
        """Those with whom nobody has begun, once somebody goes through them."""

    def size(self, operation: "Operation") -> int:
        """How many there are."""
        return operation.count if self.places is None else len(self.places)

    def left(self, operation: "Operation") -> Sequence[int]:
        """The places of those with whom nobody has begun, ascending."""
        if self.places is None:
            return range(self.begun, operation.count)
        return self.places[self.begun :]


class Order(msgspec.Struct, frozen=True):
    """A request without fault, with everything that it refers to, as it was then."""

    send: Send
    people: People
    ways: Ways
    script: Script
    prefix: str = ""
    """What every text begins with: the notice of a trial account."""


class Operation:
    """The state of one operation. `Work` alone changes it, and `Bulk`, which makes and cancels."""

    __slots__ = (
        *("account_sid", "attempts", "created_at", "due", "earlier", "first", "id", "ids"),
        *("latest", "number", "order", "people", "runs", "script", "states", "status"),
        *("stepped", "tally", "tick", "updated_at", "ways"),
    )

    def __init__(
        self,
        number: int,
        id_: str,
        account_sid: str,
        at: int,
        first: int,
        order: Order,
        ids: Ids,
    ) -> None:
        """`number` counts operations, `first` the messages of those before it."""
        self.number, self.id, self.account_sid = number, id_, account_sid
        self.created_at = self.updated_at = at
        self.first, self.order, self.ids = first, order, ids
        self.people, self.ways, self.script = order.people, order.ways, order.script
        scheduled = order.send.schedule is not None
        state = SCHEDULED if scheduled else QUEUED
        self.status = "SCHEDULED" if scheduled else "PROCESSING"
        """`SCHEDULED`, `PROCESSING`, `COMPLETED` or `CANCELED`."""
        self.states = bytearray([state]) * self.count
        """A code of `domain/bulk/statuses.py` for each recipient."""
        self.tally = Tally(self.count, state)
        self.attempts = Attempts()
        self.latest = array("I", [NONE]) * self.count
        """The number of the latest attempt for each recipient, or `NONE`."""
        self.earlier: dict[int, tuple[int, ...]] = {}
        """The numbers of the attempts before it, by place; few have any."""
        self.runs: dict[int, Run] = {}
        """With whom to begin when: those to come, and those under way."""
        self.due: dict[int, array[int]] = {}
        """Attempts by the tick of their next step."""
        self.tick = 0
        """The one under way, or the last one; an earlier one may be due, of what took long."""
        self.stepped = 0
        """How many of those of the tick under way were looked at."""

    def taken_apart(self) -> list[Any]:
        """Its pieces, for who frees them one by one; it is of no use afterwards."""
        pieces: list[Any] = [self.earlier, *self.order.send.blocks, *self.people.parts]
        self.runs.clear()
        del self.order, self.people, self.earlier
        return pieces

    @property
    def count(self) -> int:
        """Recipients."""
        return self.people.count

    def recount(self) -> None:
        """Count the messages anew."""
        self.tally = Tally.of(self.states, len(self.attempts))

    def become(self, place: int, state: int, at: int) -> None:
        """The message at a place came to a state."""
        self.tally.move(self.states[place], state)
        self.states[place] = state
        self.updated_at = max(self.updated_at, at)

    def state(self, place: int) -> str:
        """`QUEUED`, …, of the message at a place."""
        return STATUSES[self.states[place]]

    def tries(self, place: int) -> tuple[int, ...]:
        """Numbers of the attempts for a recipient, oldest first."""
        latest = self.latest[place]
        return () if latest == NONE else (*self.earlier.get(place, ()), latest)

    def sid(self, number: int) -> str:
        """The classic SID of an attempt."""
        channel = self.ways.senders[self.attempts.way[number]].channel
        return self.ids.sid(number, self.script.prefix(channel))

    def scheduled_for(self, place: int) -> int:
        """When the message is, or was, to go out, in microseconds; 0 for at once."""
        schedule = self.order.send.schedule
        if schedule is None:
            return 0
        ends = self.people.person(place).ends if schedule.walls else ()
        return schedule.moment(country(ends[0][1]) if ends else "") or self.created_at
