"""What no type can say of a kept operation: whether it bears whatever is done with it later.

Each check may rely on those before it; so who asks stops at the first complaint.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final

import jsonschema_rs
from msgspec.structs import replace

from mockserver.domain.bulk.examine import examine, finish
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import Schedule, Send, Terms
from mockserver.domain.bulk.rewriting import document
from mockserver.domain.bulk.statuses import (
    CANCELED,
    OF_CLASSIC,
    OPEN,
    SCHEDULED,
    UNADDRESSABLE,
)
from mockserver.domain.personalising.compiling import LiquidNotInstalled
from mockserver.domain.sender_pools import OPERATION, PAIRINGS, SENDER, Sender
from mockserver.domain.type_ids import ENTROPY, is_type_id
from mockserver.world.audiences.stores import Store
from mockserver.world.bulk.attempts import MOST, OWN, Attempts, Course
from mockserver.world.bulk.keeping import (
    KeptAttempts,
    KeptOperation,
    Names,
    Unbuildable,
    bare,
    number_tries,
    unpacked,
)
from mockserver.world.bulk.operation import NONE, Operation
from mockserver.world.bulk.people import Direct
from mockserver.world.pieces import ascend, different, marked, most, within
from mockserver.world.schema_files import load
from mockserver.world.snapshot_form import LATEST, are_times

_DAYS: Final = 2 * 86_400 * 1_000_000
"""More than any clock differs from UTC, in microseconds."""

_STATUSES: Final = ("SCHEDULED", "PROCESSING", "COMPLETED", "CANCELED")

_TRIES: Final = 256
"""Attempts that a recipient has had at most: the try is counted in one byte."""

_WIDTHS: Final = {
    "ordinal": 4,
    "way": 2,
    "end": 1,
    "segments": 1,
    "course": 2,
    "made": 8,
    "start": 8,
    "taken": 1,
}
"""Bytes of a number in each column but `place`."""


def gate() -> Gate:
    """What requests are examined by; made anew, since snapshots are seldom put."""
    return Gate(load("comms/v1/SendMessages"), jsonschema_rs.Draft202012Validator)


def sound(
    kept: KeptOperation,
    first: int,
    number: int,
    names: Names,
    by: Gate,
    stores: Sequence[Store] = (),
) -> Operation:
    """The operation as `keeping.build` makes it; raise `Unbuildable` with what is wrong with it."""
    for complaint in _ill_formed(kept, by):
        raise Unbuildable(complaint)
    try:
        operation = bare(kept, first, number, names, stores)
    except LiquidNotInstalled as missing:
        raise Unbuildable(str(missing)) from None
    for complaint in _out_of_range(operation):
        raise Unbuildable(complaint)
    number_tries(operation)
    for complaint in _contradictory(operation, unpacked("I", kept.under_way)):
        raise Unbuildable(complaint)
    return operation


# The record by itself


def _ill_formed(kept: KeptOperation, by: Gate) -> Iterator[str]:
    if not is_type_id(kept.id, OPERATION):
        yield f"{kept.id!r} is not the id of an operation"
    if not are_times(kept.created_at, kept.updated_at, *(run.at for run in kept.runs)):
        yield "a time is out of range"
    if kept.status not in _STATUSES:
        yield f"{kept.status!r} is not a status"
    if not len(kept.entropy) == len(kept.scatter) == ENTROPY:
        yield f"entropy and scatter must have {ENTROPY} bytes each"
    if len(kept.senders) > MOST or not all(map(_is_sender, kept.senders)):
        yield "its senders are no senders"
    if (template := kept.template) is not None and not (
        template.sid == kept.send.content.template and template.is_sound
    ):
        yield "its template is not the one that it names"
    if complaint := _misasked(kept.send, kept.created_at, by):
        yield complaint
    if not all(map(_is_course, kept.attempts.courses)):
        yield "its courses must be of status, microseconds after the start, error code"
    if not len(set(kept.attempts.courses)) == len(kept.attempts.courses) <= MOST:
        yield "its courses must differ from each other"
    if not _are_columns(kept.attempts):
        yield "its columns must have one number for each attempt"
    if any(len(column) % 4 for column in (kept.under_way, *(r.places or b"" for r in kept.runs))):
        yield "under_way and places must be numbers of four bytes"
    if len({run.at for run in kept.runs}) < len(kept.runs):
        yield "runs must be at different times"


def _is_sender(sender: Sender) -> bool:
    times = are_times(sender.created_at, sender.updated_at)
    return is_type_id(sender.id, SENDER) and sender.channel in PAIRINGS and times


def _misasked(send: Send, at: int, by: Gate) -> str:
    """Why the request cannot have been accepted, but for its schedule; "" where it can."""
    try:
        found = finish(examine(document(send), by, Terms(at)))
    except (ValueError, RecursionError) as wrong:
        return f"its request cannot be read: {wrong}"
    if not isinstance(found, Send):
        return f"its request is refused: {found.faults[0].context}: {found.faults[0].message}"
    if replace(found, notes=()) != replace(send, notes=(), schedule=None):
        return "its request is not as it would have been kept"
    if send.schedule is not None and not _is_schedule(send.schedule):
        return "its schedule is out of range"
    return ""


def _is_schedule(schedule: Schedule) -> bool:
    return all(_DAYS <= at <= LATEST - _DAYS for at in (*schedule.instants, *schedule.walls))


def _is_course(course: Course) -> bool:
    times = [after for _, after, _ in course]
    return (
        0 < len(course) < OWN
        and all(status in OF_CLASSIC and 0 <= code < 1_000_000 for status, _, code in course)
        and times[0] >= 0
        and times == sorted(times)
        and times[-1] <= LATEST
    )


def _are_columns(kept: KeptAttempts) -> bool:
    count, rest = divmod(len(kept.place), 4)
    widths = _WIDTHS.items()
    return not rest and all(len(getattr(kept, name)) == count * width for name, width in widths)


# The record against what was made of it


def _out_of_range(operation: Operation) -> Iterator[str]:
    attempts = operation.attempts
    if most(attempts.place) >= operation.count:
        yield "an attempt is for nobody"
    if _have_too_many(attempts.place, operation.count):
        yield "there are too many attempts for one recipient"
    if most(attempts.way) >= len(operation.ways.senders):
        yield "an attempt has no sender"
    channels = {operation.ways.senders[way].channel for (way,) in different(attempts.way)}
    if not channels <= operation.script.channels:
        yield "an attempt is on a channel for which there is nothing to send"
    if not ascend(attempts.ordinal):
        yield "the ordinals of attempts must ascend"
    if not (within(attempts.made, LATEST) and within(attempts.start, LATEST)):
        yield "the time of an attempt is out of range"
    if complaint := _misled(attempts):
        yield complaint
    if not _have_ends(operation):
        yield "an attempt is to no address"
    states = operation.states
    if len(states) != operation.count or most(states) > UNADDRESSABLE:
        yield "there must be one state for each recipient"


def _have_too_many(places: "array[int]", count: int) -> bool:
    """Whether one recipient has more attempts than can be told apart."""
    counts = array("H", bytes(2 * count))
    for place in places:
        counts[place] += 1
        if counts[place] > _TRIES:
            return True
    return False


def _misled(attempts: Attempts) -> str:
    """What is wrong with courses, and how far they were taken; of ordinary messages, nothing."""
    known, starts = attempts.courses, attempts.start
    for course, taken in different(attempts.course, attempts.taken):
        if taken < OWN and (course >= len(known) or taken > len(known[course])):
            return "an attempt has taken steps that are on no course"
    last = max((course[-1][1] for course in known), default=0)
    if known and starts and most(starts) + last > LATEST:
        return "an attempt goes on beyond the year 9999"
    return ""


def _have_ends(operation: Operation) -> bool:
    """Whether each attempt is to an address of its recipient."""
    attempts, parts = operation.attempts, operation.people.parts
    if most(attempts.end) <= 0 and all(isinstance(part, Direct) for part in parts):
        return True
    needed = array("H", bytes(2 * operation.count))
    for place, end in zip(attempts.place, attempts.end, strict=True):
        needed[place] = max(end + 1, needed[place])
    walk = operation.people.walk(array("I", (place for place, ends in enumerate(needed) if ends)))
    return all(len(person.ends) >= needed[place] for place, person in walk)


def _contradictory(operation: Operation, under_way: "array[int]") -> Iterator[str]:
    attempts, states, latest = operation.attempts, operation.states, operation.latest
    if marked(under_way, len(attempts)) != _unfinished(attempts):
        yield "under_way must name each attempt that has steps to take, once"
    waiting = list[Sequence[int]]()
    for at, run in operation.runs.items():
        size, places = run.size(operation), run.places or ()
        if not 0 <= run.begun < max(size, 1) or not all(a < b for a, b in pairwise(places)):
            yield f"the run at {at} is none of its recipients"
        waiting.append(run.left(operation))
    untried = bytearray(
        latest[place] == NONE and state in OPEN for place, state in enumerate(states)
    )
    if marked(chain.from_iterable(waiting), operation.count) != untried:
        yield "runs must name each recipient with whom nobody has begun, once"
    tried = {states[place] for place in range(operation.count) if latest[place] != NONE}
    if tried & {SCHEDULED, CANCELED, UNADDRESSABLE}:
        yield "a recipient had attempts, and is as if there were none"
    idle = {states[place] for place in range(operation.count) if latest[place] == NONE}
    if not idle <= {*OPEN, CANCELED, UNADDRESSABLE}:
        yield "a recipient had no attempts, and is as if there were some"
    if complaint := _untimely(operation):
        yield complaint


def _untimely(operation: Operation) -> str:
    """Whether its status is one that it can have at this point."""
    begun, scheduled = len(operation.attempts), operation.states.count(SCHEDULED)
    match operation.status:
        case "SCHEDULED" if begun or scheduled < operation.count:
            return "it is SCHEDULED, and has begun"
        case "CANCELED" if begun or operation.runs:
            return "it is CANCELED, and has begun"
        case "COMPLETED" if operation.runs:
            return "it is COMPLETED, and not over"
    return ""


def _unfinished(attempts: Attempts) -> bytearray:
    """A mark for each that has steps to take."""
    taken = attempts.taken
    return bytearray(
        taken[number] == OWN or attempts.next_at(number) is not None for number in range(len(taken))
    )
