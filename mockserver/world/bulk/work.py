"""Moves operations on the sandbox's clock, a hundred recipients at a time.

When its moment comes, a message begins: its ways are looked for, and the first attempt is made. An
attempt takes the steps of its course; where it is lost, the next way is tried. A slice of this is
an event like any other; what is left of it goes on as soon as others had their turn.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from mockserver.domain.bulk.statuses import (
    LOST,
    OF_CLASSIC,
    QUEUED,
    SCHEDULED,
    SENT,
    STATUSES,
    UNADDRESSABLE,
)
from mockserver.domain.bulk.ways import Way
from mockserver.domain.lifecycle import OUT
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.bulk.attempts import OVER, OWN, Course, failing
from mockserver.world.bulk.happened import Events
from mockserver.world.bulk.onlookers import Onlookers
from mockserver.world.bulk.operation import NONE, Operation
from mockserver.world.bulk.people import Person
from mockserver.world.bulk.trying import Trying
from mockserver.world.clock import TICK, stopwatch
from mockserver.world.driver import SLICE
from mockserver.world.engine import SUSPENDED
from mockserver.world.patience import PatientEngine

ROWS: Final = 100
"""Recipients begun, or steps taken, before other work gets its turn: one to two milliseconds."""

LONG: Final = 0.01
"""Seconds of wall time after which a slice ends early: a text may take long to write."""

AT_ONCE: Final = 1_000
"""Messages that are worked off before the next command looks; more of them, between commands."""

_EVENTS: Final = {code: f"message.{name.lower()}" for code, name in enumerate(STATUSES)}


class Work:
    """What happens to the operations of one sandbox."""

    def __init__(
        self,
        operations: dict[str, Operation],
        engine: PatientEngine,
        trying: Trying,
        events: Events,
        onlookers: Onlookers,
    ) -> None:
        self._operations, self._engine = operations, engine
        self._trying, self._events = trying, events
        self._load = 0
        """Messages under way: begun, or about to be, and not yet at the end of their courses."""
        self._onlookers = onlookers
        engine.burdens.append(self._is_heavy)

    def _is_heavy(self) -> bool:
        return self._load > AT_ONCE

    def book(self, operation: Operation, under_way: Iterable[int] = ()) -> None:
        """Put everything that lies before an operation on the clock.

        `under_way` are those of its attempts that have steps to take, in the order in which they
        take them; they may be ordinary messages, whose steps are booked elsewhere.
        """
        clock = self._engine.clock
        now = clock.now()
        for moment, run in operation.runs.items():
            later = moment > now and not run.begun
            (clock.appoint if later else clock.book)(moment, self._begin, operation.id)
            if run.begun:
                self._load += run.size(operation) - run.begun
        for number in under_way:
            self._load += 1
            if (at := operation.attempts.next_at(number)) is not None:
                self._due(operation, number, at)

    # Beginning

    def _begin(self, id_: str, at: int) -> None:
        """Begin with some of those whose moment has come."""
        operation = self._operations[id_]
        run = operation.runs.get(at)
        if run is None:
            return  # cancelled
        if not run.begun:
            self._load += run.size(operation)
            self._open(operation, at)
        if run.people is None:
            run.people = operation.people.walk(run.left(operation))
        until = stopwatch() + LONG
        for place, person in islice(run.people, ROWS):
            self._begin_one(operation, place, person, at)
            run.begun += 1
            if stopwatch() > until:
                break
        self._engine.unit.put("operations", id_, operation)
        if run.begun < run.size(operation):
            self._engine.go_on((at, self._begin, id_), SLICE)
            return
        del operation.runs[at]
        self._close(operation, at)

    def _open(self, operation: Operation, at: int) -> None:
        if operation.status == "SCHEDULED":
            operation.status, operation.updated_at = "PROCESSING", at
        if len(operation.attempts) == 0 and operation.tally[UNADDRESSABLE] == 0:
            self._events.tell("operation.processing", operation, at)

    def _begin_one(self, operation: Operation, place: int, person: Person, at: int) -> None:
        if operation.states[place] == SCHEDULED:
            operation.become(place, QUEUED, at)
        ways = self._trying.ways(operation, person)
        if not ways:
            operation.become(place, UNADDRESSABLE, at)
            self._load -= 1
            return
        self._events.tell("message.queued", operation, at, place)
        self._attempt(operation, place, person, ways, 0, at)

    # Attempts

    def _attempt(
        self,
        operation: Operation,
        place: int,
        person: Person,
        ways: Sequence[Way],
        turn: int,
        at: int,
    ) -> None:
        """Try the way whose turn it is."""
        unit = self._engine.unit
        found = self._trying.attempt(operation, place, person, ways, turn, at, unit)
        before = operation.latest[place]
        if before != NONE:
            operation.earlier[place] = (*operation.earlier.get(place, ()), before)
        operation.latest[place] = found.number
        operation.tally.attempts += 1
        if found.message is not None and found.delivery is not None:
            self._engine.book(found.message.sid, found.delivery)
            self._engine.observe(found.message, found.delivery, 0)
            return
        if self._onlookers.all_steps():
            self._onlookers.observe(operation, found.number, 0)
        elif self._onlookers.watches:
            self._onlookers.mark(operation, found.number)
        attempts, number = operation.attempts, found.number
        course = attempts.courses[attempts.course[number]]
        self._due(operation, number, attempts.start[number] + course[0][1])

    def _due(self, operation: Operation, number: int, at: int) -> None:
        tick = -(-at // TICK)
        if (due := operation.due.get(tick)) is None:
            due = operation.due[tick] = array("I")
            self._engine.clock.book(tick * TICK, self._tick, operation.id)
        due.append(number)

    def _tick(self, id_: str, at: int) -> None:
        """Take some of the steps of one tick."""
        operation, tick = self._operations[id_], -(-at // TICK)
        due, first, operation.tick = operation.due[tick], operation.stepped, tick
        taken = self._take(operation, due[first : first + ROWS])
        operation.stepped = first + taken  # `due` may have grown: what is lost is tried again
        self._engine.unit.put("operations", id_, operation)
        if operation.stepped < len(due):
            self._engine.go_on((at, self._tick, id_), SLICE)
            return
        operation.stepped = 0
        del operation.due[tick]
        self._close(operation, at)

    def _take(self, operation: Operation, numbers: "array[int]") -> int:
        """Take the next step of each of some attempts; of how many there was time for."""
        until = stopwatch() + LONG
        attempts, watched = operation.attempts, self._onlookers.all_steps()
        barred = operation.account_sid in self._engine.barred
        for done, number in enumerate(numbers):
            if done and stopwatch() > until:
                return done
            taken = attempts.taken[number]
            if taken >= OWN:
                continue
            course, start = attempts.courses[attempts.course[number]], attempts.start[number]
            status, after, code = course[taken]
            if barred and not taken and status in OUT:
                course = self._bar(operation, number, start + after)
                start, (status, after, code) = start + after, course[0]
            attempts.taken[number] = taken = taken + 1
            if watched or code:
                self._onlookers.observe(operation, number, 1)
            elif self._onlookers.watches:
                self._onlookers.mark(operation, number)
            state = OF_CLASSIC[status]
            if state != QUEUED and self._moved(operation, number, state, start + after, code):
                continue
            if taken < len(course):
                self._due(operation, number, start + course[taken][1])
            else:
                self._load -= 1
        return len(numbers)

    def _bar(self, operation: Operation, number: int, at: int) -> Course:
        """The account may not send any more: the attempt fails when it would go out."""
        attempts, course = operation.attempts, failing(SUSPENDED)
        attempts.course[number], attempts.start[number] = attempts.course_of(course), at
        return course

    # What becomes of messages

    def heard(self, message: Message, delivery: Delivery, taken: int) -> None:
        """An attempt that is an ordinary message took so many steps."""
        operation = self._operations[message.operation_id]
        number, line = operation.ids.number(message.sid), delivery.timeline
        before, again = operation.attempts.taken[number], False
        for place in range(len(line) - taken * STEP, len(line), STEP):
            status, at, code = line[place : place + STEP]
            again |= self._moved(operation, number, OF_CLASSIC[status], at, code)
        if not delivery.steps:
            operation.attempts.taken[number] = OVER
            self._load -= before != OVER
        self._load += again
        self._close(operation, delivery.updated_at)

    def forget(self, operation: Operation, number: int) -> None:
        """The ordinary message of an attempt was deleted: nothing more becomes of it."""
        taken = operation.attempts.taken
        self._load -= taken[number] != OVER
        taken[number] = OVER
        self._close(operation, operation.updated_at)

    def _moved(self, operation: Operation, number: int, state: int, at: int, code: int) -> bool:
        """An attempt came to a state; whether another one takes its place."""
        place = operation.attempts.place[number]
        if number != operation.latest[place]:
            return False
        before = operation.states[place]
        if state in LOST:
            person, turn = operation.people.person(place), operation.attempts.turn[number] + 1
            ways = self._trying.ways(operation, person)
            if turn < len(ways):
                self._attempt(operation, place, person, ways, turn, at)
                return True
        if state > before or (state == before == SENT):
            operation.become(place, state, at)
            self._events.tell(_EVENTS[state], operation, at, place, number, code)
        return False

    def _close(self, operation: Operation, at: int) -> None:
        """All that could be done was done, when nothing is scheduled or queued any more."""
        if operation.status == "PROCESSING" and not operation.tally.open and not operation.runs:
            operation.status, operation.updated_at = "COMPLETED", max(operation.updated_at, at)
            self._events.tell("operation.completed", operation, at)
        if operation.status == "COMPLETED" and not operation.due:
            self._onlookers.end(operation)
