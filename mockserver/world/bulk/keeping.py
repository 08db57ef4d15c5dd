"""Operations out and in: as they stand in a snapshot, in the middle of their work too.

Kept are the request as it was accepted, what it referred to, and the columns. Everything else is
made anew from these: people, ways, the compiled content, counts, the shelf of classic messages.
"""

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from mockserver.domain.bulk.records import Send
from mockserver.domain.bulk.ways import Ways
from mockserver.domain.content import ContentTemplate
from mockserver.domain.sender_pools import Sender
from mockserver.world.audiences.keeping import KeptAudience, KeptWhole
from mockserver.world.audiences.stores import Store
from mockserver.world.bulk.attempts import OWN, Attempts, Course
from mockserver.world.bulk.ids import Ids
from mockserver.world.bulk.operation import NONE, Operation, Order, Run
from mockserver.world.bulk.people import People
from mockserver.world.bulk.peopling import people_of
from mockserver.world.bulk.scripts import script_of

Names = Mapping[str, str]
"""Other names of accounts."""


Owned = TypeVar("Owned", Sender, ContentTemplate)


class Roster(Protocol):
    """Knows the stores that operations write to."""

    def audience(self, people: People) -> KeptAudience:
        """Of an operation, whose stores are kept from now on."""


class Unbuildable(ValueError):
    """What a kept operation asked for makes no sense; the text says what."""


class KeptRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With whom to begin at one moment."""

    at: int
    places: bytes | None = None
    """As in `Run`; each takes four bytes, the lowest first, as all numbers here do."""
    begun: int = 0


class KeptAttempts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns of `Attempts`, each as its bytes."""

    place: bytes = b""
    ordinal: bytes = b""
    way: bytes = b""
    end: bytes = b""
    segments: bytes = b""
    course: bytes = b""
    made: bytes = b""
    start: bytes = b""
    taken: bytes = b""
    courses: list[Course] = []


class KeptOperation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation."""

    id: str
    account_sid: str
    created_at: int
    updated_at: int
    status: str
    send: Send
    senders: tuple[Sender, ...]
    """Those that could be tried, as they were."""
    entropy: bytes
    scatter: bytes
    """What its ids are made of: they stay, whatever the dice of the sandbox that it comes into."""
    states: bytes
    audience: KeptAudience = KeptAudience()
    """Whom it meant by stores and cohorts."""
    prefix: str = ""
    template: ContentTemplate | None = None
    """What `contentId` named, as it was."""
    attempts: KeptAttempts = KeptAttempts()
    under_way: bytes = b""
    """Numbers of attempts that have steps to take, in the order in which they take them."""
    runs: list[KeptRun] = []


# Out


def keep(operation: Operation, names: Names, roll: Roster) -> KeptOperation:
    """An operation as it is now, under other names of accounts; its stores go on the roll."""
    sid, template = operation.account_sid, operation.script.template
    return KeptOperation(
        id=operation.id,
        account_sid=names.get(sid, sid),
        created_at=operation.created_at,
        updated_at=operation.updated_at,
        status=operation.status,
        send=operation.order.send,
        senders=tuple(_renamed(each, names) for each in operation.ways.senders),
        entropy=operation.ids.entropy,
        scatter=operation.ids.scatter,
        states=bytes(operation.states),
        audience=roll.audience(operation.people),
        prefix=operation.order.prefix,
        template=template and _renamed(template, names),
        attempts=_columns(operation.attempts),
        under_way=packed(in_their_order(operation)),
        runs=[
            KeptRun(at, None if run.places is None else packed(run.places), run.begun)
            for at, run in operation.runs.items()
        ],
    )


def _renamed(record: Owned, names: Names) -> Owned:
    """Under another name of its account."""
    return replace(record, account_sid=names.get(record.account_sid, record.account_sid))


def _columns(attempts: Attempts) -> KeptAttempts:
    count = len(attempts.taken)  # of a moment, since when others were made
    return KeptAttempts(
        place=packed(attempts.place[:count]),
        ordinal=packed(attempts.ordinal[:count]),
        way=packed(attempts.way[:count]),
        end=bytes(attempts.end[:count]),
        segments=bytes(attempts.segments[:count]),
        course=packed(attempts.course),
        made=packed(attempts.made[:count]),
        start=packed(attempts.start),
        taken=bytes(attempts.taken),
        courses=list(attempts.courses),
    )


def in_their_order(operation: Operation) -> "array[int]":
    """Attempts under way, by the tick of their next step; in the present one, some took it."""
    found, attempts = array("I"), operation.attempts
    for tick in sorted(operation.due):
        found += operation.due[tick][operation.stepped if tick == operation.tick else 0 :]
    if attempts.complete:
        return found
    taken = attempts.taken
    own = (number for number in range(len(taken)) if taken[number] == OWN)
    return array("I", (*(number for number in found if taken[number] < OWN), *own))


def packed(numbers: "array[int]") -> bytes:
    """The bytes of a column."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


# In


def unpacked(typecode: str, content: bytes) -> "array[int]":
    """The numbers of a column; raise `ValueError` where its length is no multiple of theirs."""
    numbers = array(typecode)
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def build(
    kept: KeptOperation, first: int, number: int, names: Names, stores: Sequence[Store] = ()
) -> Operation:
    """The operation again, which nobody knows yet; `first` and `number` as in `Operation`.

    `stores` are all that the snapshot has.
    Raise `LiquidNotInstalled` where its texts need that.
    """
    operation = bare(kept, first, number, names, stores)
    number_tries(operation)
    return operation


def bare(
    kept: KeptOperation, first: int, number: int, names: Names, stores: Sequence[Store] = ()
) -> Operation:
    """As `build`, without the numbers of each recipient's attempts.

    Raise `Unbuildable` also for a request that cannot have been accepted.
    """
    sid = names.get(kept.account_sid, kept.account_sid)
    ids = Ids(kept.created_at, first, kept.entropy, kept.scatter)
    order = _order(kept, names, stores)
    operation = Operation(number, kept.id, sid, kept.created_at, first, order, ids)
    operation.updated_at, operation.status = kept.updated_at, kept.status
    operation.states = bytearray(kept.states)
    operation.attempts = _attempts(kept.attempts)
    operation.recount()
    for run in kept.runs:
        places = None if run.places is None else unpacked("I", run.places)
        operation.runs[run.at] = Run(places, run.begun)
    return operation


def _order(kept: KeptOperation, names: Names, stores: Sequence[Store]) -> Order:
    send, template = kept.send, kept.template and _renamed(kept.template, names)
    people = people_of(send, _audience(kept, stores))
    script = script_of(send, kept.created_at, lambda sid: template)
    if isinstance(people, list):
        raise Unbuildable(f"{people[0].context}: {people[0].message}")
    if isinstance(script, list):
        raise Unbuildable(f"{script[0].context}: {script[0].message}")
    senders = tuple(_renamed(each, names) for each in kept.senders)
    ways = Ways(senders, send.sender, script.channels)
    return Order(send, people, ways, script, kept.prefix)


def _audience(kept: KeptOperation, stores: Sequence[Store]) -> KeptWhole:
    try:
        return KeptWhole(kept.audience, stores)
    except ValueError as wrong:
        raise Unbuildable(str(wrong)) from None


def _attempts(kept: KeptAttempts) -> Attempts:
    attempts = Attempts()
    attempts.place, attempts.ordinal = unpacked("I", kept.place), unpacked("I", kept.ordinal)
    attempts.way, attempts.course = unpacked("H", kept.way), unpacked("H", kept.course)
    attempts.made, attempts.start = unpacked("q", kept.made), unpacked("q", kept.start)
    attempts.end, attempts.taken = bytearray(kept.end), bytearray(kept.taken)
    attempts.segments = bytearray(kept.segments)
    for course in kept.courses:
        attempts.course_of(course)
    return attempts


def number_tries(operation: Operation) -> None:
    """Find out again which attempts each recipient had: they are numbered in order of creation."""
    latest, earlier, turns = operation.latest, operation.earlier, operation.attempts.turn
    for number, place in enumerate(operation.attempts.place):
        before = latest[place]
        if before == NONE:
            turns.append(0)
        else:
            earlier[place] = (*earlier.get(place, ()), before)
            turns.append(turns[before] + 1)
        latest[place] = number


class Span(msgspec.Struct, frozen=True):
    """Messages of an operation that were made one right after the other."""

    first: int
    """The ordinal of the first one."""
    count: int
    head: str
    """What their SIDs begin with."""


def spans(operation: Operation) -> Iterator[Span]:
    """The places of its messages in columns alone."""
    attempts, head = operation.attempts, operation.ids.head
    first = end = -1
    for ordinal, taken in zip(attempts.ordinal, attempts.taken, strict=True):
        if taken >= OWN:
            continue
        if ordinal != end:
            if first != end:
                yield Span(first, end - first, head)
            first = ordinal
        end = ordinal + 1
    if first != end:
        yield Span(first, end - first, head)
