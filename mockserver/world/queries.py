"""Finding, waiting for and verifying messages; cutting lists of anything into pages.

A scan of a hundred thousand records gives way to other work on the loop every few milliseconds.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import (
    AsyncGenerator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Protocol, TypeVar

import msgspec

from mockserver.domain.addresses import normalise
from mockserver.domain.likeness import distance
from mockserver.domain.matching import Difference, Matcher, Subject, nearest
from mockserver.domain.message import SECOND, Message
from mockserver.domain.sender_pools import OPERATION
from mockserver.world.clock import TICK, iso, stopwatch
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import message_at
from mockserver.world.tables import MessageTable, Tables

if TYPE_CHECKING:  # only where there are some
    from mockserver.world.bulk.operation import Operation

FIRST: Final = 10
"""Messages that a verdict names."""

SLICE: Final = 2_000
"""Records looked at before other work gets its turn: about two milliseconds."""

STRETCH: Final = 0.002
"""Seconds after which it gets its turn anyway: to write a message anew takes longer than a look."""

PART: Final = 100
"""Records between two looks at the time."""

NEAR: Final = 3
"""Near misses that are told."""

NEAR_COMPARED: Final = 50
"""Near misses, with the fewest differences, of which the likest are told."""

NEAR_LOOKED_AT: Final = 2_000
"""Messages among which near misses are looked for: the latest, and as many to the same number."""

SPARSE: Final = 50_000
"""Messages of one origin that are gathered at a stretch; for more, all messages are looked at."""

T = TypeVar("T")
E = TypeVar("E", covariant=True)


class Log(Protocol[E]):
    """Numbered entries of which the oldest may be gone."""

    @property
    def first(self) -> int:
        """The number of the oldest one that is there."""

    def __len__(self) -> int: ...

    def entry(self, number: int) -> E | None:
        """The one of that number, if it is still there."""

    def numbered(self) -> Iterator[tuple[int, E]]:
        """All with their numbers, oldest first."""


Miss = tuple[Message, dict[str, Difference]]
"""A message that nearly matches, and what does not fit."""


class SandboxGone(Exception):
    """The sandbox was dropped, or began again, while somebody waited for something in it."""


def still(sandbox: Sandbox, tables: Tables) -> None:
    """Raise `SandboxGone` unless a sandbox has these tables yet: those it had are taken apart."""
    if sandbox.closed or sandbox.tables is not tables:
        raise SandboxGone("the sandbox was reset or dropped meanwhile")


class TimedOut(Exception):
    """What was waited for did not come."""

    def __init__(self, matched: int, misses: list[Miss], hint: str) -> None:
        super().__init__(hint)
        self.matched, self.misses, self.hint = matched, misses, hint


# Lists


class Cut(msgspec.Struct, frozen=True):
    """Which part of a list is wanted."""

    order: Literal["asc", "desc"] = "asc"
    limit: int = 1_000
    place: int | None = None
    """Where the page before ended."""

    def page(self, places: Sequence[int]) -> tuple[Sequence[int], int | None]:
        """The part of ascending `places`, and where the next one begins, if there is one."""
        if self.order == "asc":
            start = 0 if self.place is None else bisect_right(places, self.place)
            part, left = places[start : start + self.limit], len(places) - start > self.limit
        else:
            end = len(places) if self.place is None else bisect_left(places, self.place)
            start = max(0, end - self.limit)
            part, left = places[start:end][::-1], start > 0
        return part, part[-1] if left and part else None


class Found(msgspec.Struct, Generic[T], frozen=True):
    """One page, how many there are in all, and where the next page begins."""

    items: list[T]
    total: int
    next: int | None


async def sift(items: Iterable[T], keep: Callable[[T], bool]) -> list[T]:
    """The items that `keep` wants."""
    found: list[T] = []
    async for part in in_parts(items):
        found += filter(keep, part)
    return found


async def in_parts(items: Iterable[T]) -> AsyncGenerator[list[T], None]:
    """The items, some at a time; between two parts other work gets its turn if it has waited."""
    left, waiting, since = iter(items), 0, stopwatch()
    while part := list(islice(left, PART)):
        yield part
        waiting += PART
        if waiting >= SLICE or stopwatch() - since > STRETCH:
            await asyncio.sleep(0)
            waiting, since = 0, stopwatch()


async def find_entries(log: Log[E], cut: Cut, keep: Callable[[E], bool] | None) -> Found[E]:
    """A page of the entries that `keep` wants; of all without it."""
    places: Sequence[int] = range(log.first, log.first + len(log))
    if keep is not None:
        wanted = keep
        places = [n for n, _ in await sift(log.numbered(), lambda pair: wanted(pair[1]))]
    part, after = cut.page(places)
    entries = [entry for entry in map(log.entry, part) if entry is not None]
    return Found(entries, len(places), after)


async def find_messages(sandbox: Sandbox, matcher: Matcher, cut: Cut) -> Found[Message]:
    """A page of the messages that match."""
    sandbox.engine.catch_up()
    tables = sandbox.tables
    places = await _matching(tables, matcher)
    part, after = cut.page(places)
    return Found(await _messages(tables.messages, part), len(places), after)


async def _messages(table: MessageTable, places: Iterable[int]) -> list[Message]:
    """Those at some places. Each that is on a shelf is written, which takes its time."""
    found: list[Message] = []
    async for part in in_parts(places):
        found += (message for message in map(table.places.at, part) if message is not None)
    return found


async def _matching(tables: Tables, matcher: Matcher) -> Sequence[int]:
    """Ascending places of the messages that match."""
    table = tables.messages
    if not matcher.filters and len(table) == len(table.places):
        return range(len(table))
    return await sift(candidates(tables, matcher), lambda place: _fits(table, matcher, place))


def candidates(tables: Tables, matcher: Matcher) -> Sequence[int]:
    """Ascending places of messages that may match, from an index where there is one."""
    asked, operations = matcher.filters, tables.operations
    wanted = _texts(asked, "operation_id")
    if wanted and all(each.startswith(OPERATION) for each in wanted):
        return _attempts(operations[each] for each in wanted if each in operations)
    to, from_ = _exact(asked, "to"), _exact(asked, "from")
    few = sum(len(each.attempts) for each in operations.values()) <= SPARSE
    if few and not to and not from_ and _texts(asked, "origin") == {"comms"}:
        return _attempts(operations.values())
    return tables.messages.lists.ordinals(to, from_)


def _attempts(operations: "Iterable[Operation]") -> Sequence[int]:
    """Places of all attempts of some operations. A copy: there may be more of them soon."""
    found = [operation.attempts.ordinal for operation in operations]
    return found[0][:] if len(found) == 1 else sorted(chain.from_iterable(found))


def _exact(filters: Mapping[str, object], name: str) -> set[str]:
    """The addresses that a filter allows; none where it is absent or has a pattern."""
    texts = _texts(filters, name)
    if any("*" in text for text in texts):
        return set()
    return {form for text in texts for form in (text, normalise(text))}


def _texts(filters: Mapping[str, object], name: str) -> set[str]:
    """What a filter allows; nothing where it is absent."""
    value: Any = filters.get(name, ())
    return {value} if isinstance(value, str) else set(value)


def _fits(table: MessageTable, matcher: Matcher, place: int) -> bool:
    subject = message_at(table, place)
    return subject is not None and matcher.matches(subject)


# Waiting


class Vigil:
    """Which messages match, kept up by what changes instead of by looking at all of them again."""

    def __init__(self, sandbox: Sandbox, matcher: Matcher) -> None:
        self._sandbox, self._matcher = sandbox, matcher
        self._changed: set[str] = set()
        self._matched: set[int] = set()
        """By place, since a message on a shelf is written anew for every look."""
        self._table: MessageTable | None = None

    def __enter__(self) -> "Vigil":
        self._sandbox.changes.watches.append(self._changed)
        return self

    def __exit__(self, *_: object) -> None:
        watches = self._sandbox.changes.watches
        watches[:] = [each for each in watches if each is not self._changed]

    @property
    def stirred(self) -> bool:
        """Whether something has changed since the last look began."""
        return bool(self._changed)

    async def look(self) -> Collection[int]:
        """The places of the messages that match now; some may have been deleted."""
        self._sandbox.engine.catch_up()
        tables = self._sandbox.tables
        if tables.messages is not self._table:
            self._table = tables.messages
            self._matched = set(await _matching(tables, self._matcher))
        changed = tuple(self._changed)
        self._changed.clear()
        async for part in in_parts(changed):
            for sid in part:
                self._consider(tables.messages, sid)
        return self._matched

    def _consider(self, table: MessageTable, sid: str) -> None:
        if (place := table.place(sid)) is None:
            return
        if _fits(table, self._matcher, place):
            self._matched.add(place)
        else:
            self._matched.discard(place)


async def wait_for(
    sandbox: Sandbox, matcher: Matcher, count: int, timeout: float
) -> Found[Message]:
    """The messages that match, as soon as there are `count`: the first page of them.

    `timeout` is in seconds of wall time. Raise `TimedOut`, or `SandboxGone`.
    """
    deadline = stopwatch() + timeout
    with Vigil(sandbox, matcher) as vigil:
        while len(places := await vigil.look()) < count or not _there(sandbox, places, count):
            if sandbox.closed:
                raise SandboxGone(f"sandbox {sandbox.id} was dropped")
            left = deadline - stopwatch()
            if left <= 0:
                misses = await near_misses(sandbox, matcher)
                raise TimedOut(len(_living(sandbox, places)), misses, hint(sandbox))
            if not vigil.stirred:
                await sandbox.changes.wait(left)
        living = _living(sandbox, places)
    part, _ = Cut().page(living)
    return Found(await _messages(sandbox.tables.messages, part), len(living), None)


def _there(sandbox: Sandbox, places: Iterable[int], count: int) -> bool:
    """Whether so many of them were not deleted."""
    return len(_living(sandbox, places)) >= count


def _living(sandbox: Sandbox, places: Iterable[int]) -> list[int]:
    """Those that were not deleted, ascending."""
    row = sandbox.tables.messages.places.row
    return sorted(place for place in places if row(place) is not None)


def hint(sandbox: Sandbox) -> str:
    """What keeps things from happening on a clock that stands still; "" on one that runs."""
    clock = sandbox.clock
    if not clock.mode.frozen:
        return ""
    name, tick = clock.mode.name, clock.next_tick()
    if tick is None:
        return f"The clock is {name} and nothing is booked: no event will change anything."
    seconds = (tick * TICK - clock.now()) / SECOND
    return (
        f"The clock is {name} and stands at {iso(clock.now())}; the next event is due at "
        f"{iso(tick * TICK)}: advance it by {seconds:g} seconds."
    )


# Verifying


class Verdict(msgspec.Struct, frozen=True):
    """Whether as many match as there should, and if not, why."""

    ok: bool
    matched: int
    first: list[str]
    """SIDs of some of them."""
    explanation: str
    misses: list[Miss]


async def verify(sandbox: Sandbox, matcher: Matcher, count: Mapping[str, int]) -> Verdict:
    """Count what matches; `count` has any of `exactly`, `at_least`, `at_most`."""
    sandbox.engine.catch_up()
    table = sandbox.tables.messages
    places = await _matching(sandbox.tables, matcher)
    number = len(places)
    ok = holds(count, number)
    lacking = not ok and number < max(count.get("exactly", 0), count.get("at_least", 0))
    misses = await near_misses(sandbox, matcher) if lacking else []
    subjects = (message_at(table, place) for place in places[:FIRST])
    first = [str(each.get("sid")) for each in subjects if each is not None]
    return Verdict(ok, number, first, explain(matcher.filters, count, number), misses)


_HOLDS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "exactly": int.__eq__,
    "at_least": int.__ge__,
    "at_most": int.__le__,
}


def holds(count: Mapping[str, int], matched: int) -> bool:
    """Whether as many matched as `exactly`, `at_least` and `at_most` say."""
    return all(_HOLDS[how](matched, wanted) for how, wanted in count.items())


def explain(
    filters: Mapping[str, object],
    count: Mapping[str, int],
    matched: int,
    nouns: tuple[str, str] = ("message", "messages"),
) -> str:
    """`Expected exactly 1 message with to '+1…', but 2 matched.`"""
    ok = holds(count, matched)
    wanted = " and ".join(f"{how.replace('_', ' ')} {number}" for how, number in count.items())
    which = " and ".join(f"{name} {value!r}" for name, value in filters.items())
    noun = nouns[list(count.values())[-1:] != [1]]
    found = "none matched" if not matched else f"{matched} matched"
    said = f"{wanted} {noun}{f' with {which}' if which else ''}"
    return f"Expected {said}, {'and' if ok else 'but'} {found}."


async def near_misses(sandbox: Sandbox, matcher: Matcher) -> list[Miss]:
    """The messages that come nearest, with what does not fit; the latest among equals."""
    table = sandbox.tables.messages
    end = len(table.places)
    latest = range(max(0, end - NEAR_LOOKED_AT), end)
    alike = candidates(sandbox.tables, matcher)[-NEAR_LOOKED_AT:]
    best: list[tuple[int, dict[str, Difference]]] = []
    async for part in in_parts(sorted({*latest, *alike})):
        best = [*_nearest(table, matcher, part), *best]  # later ones go first among equals
        best = sorted(best, key=lambda miss: len(miss[1]))[:NEAR_COMPARED]
    best.sort(key=lambda miss: distance(miss[1]))
    found = ((table.places.at(place), differences) for place, differences in best[:NEAR])
    return [(message, differences) for message, differences in found if message is not None]


def _nearest(
    table: MessageTable, matcher: Matcher, places: Sequence[int]
) -> list[tuple[int, dict[str, Difference]]]:
    subjects = [_Placed(place, each) for place in places if (each := message_at(table, place))]
    return [(each.place, found) for each, found in nearest(matcher, subjects, NEAR_COMPARED)]


class _Placed(msgspec.Struct, frozen=True):
    """A message as the matcher looks at it, and where it is."""

    place: int
    subject: Subject

    def get(self, name: str, /) -> object:
        return self.subject.get(name)
