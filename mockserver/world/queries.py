"""Finding, waiting for and verifying messages; cutting lists of anything into pages.

A scan of a hundred thousand records gives way to other work on the loop every few milliseconds.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec

from mockserver.domain.addresses import normalise
from mockserver.domain.matching import Difference, Matcher, nearest
from mockserver.domain.message import SECOND, Message
from mockserver.world.clock import TICK, iso, stopwatch
from mockserver.world.journal import Ring
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import MessageSubject
from mockserver.world.tables import MessageTable

SLICE: Final = 2_000
"""Records looked at before other work gets its turn: about two milliseconds."""

NEAR_LOOKED_AT: Final = 2_000
"""Messages among which near misses are looked for: the latest, and as many to the same number."""

T = TypeVar("T")
Entry = TypeVar("Entry", bound=msgspec.Struct)

Miss = tuple[Message, dict[str, Difference]]
"""A message that nearly matches, and what does not fit."""


class SandboxGone(Exception):
    """The sandbox was dropped while somebody waited for something in it."""


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
    left = iter(items)
    while part := list(islice(left, SLICE)):
        found += filter(keep, part)
        if len(part) == SLICE:
            await asyncio.sleep(0)
    return found


async def find_entries(
    ring: Ring[Entry], cut: Cut, keep: Callable[[Entry], bool] | None
) -> Found[Entry]:
    """A page of the entries that `keep` wants; of all without it."""
    places: Sequence[int] = range(ring.first, ring.first + len(ring))
    if keep is not None:
        wanted = keep
        places = [n for n, _ in await sift(ring.numbered(), lambda pair: wanted(pair[1]))]
    part, after = cut.page(places)
    entries = [entry for entry in map(ring.entry, part) if entry is not None]
    return Found(entries, len(places), after)


async def find_messages(sandbox: Sandbox, matcher: Matcher, cut: Cut) -> Found[Message]:
    """A page of the messages that match."""
    sandbox.engine.catch_up()
    table = sandbox.tables.messages
    places = await _matching(table, matcher)
    part, after = cut.page(places)
    messages = [message for message in map(table.at, part) if message is not None]
    return Found(messages, len(places), after)


async def _matching(table: MessageTable, matcher: Matcher) -> Sequence[int]:
    """Ascending places of the messages that match."""
    if not matcher.filters and len(table) == table.next_ordinal:
        return range(len(table))
    return await sift(_candidates(table, matcher), lambda place: _fits(table, matcher, place))


def _candidates(table: MessageTable, matcher: Matcher) -> Sequence[int]:
    """Places that may match, from an index where there is one."""
    return table.ordinals(_exact(matcher.filters, "to"), _exact(matcher.filters, "from"))


def _exact(filters: Mapping[str, object], name: str) -> set[str]:
    """The addresses that a filter allows; none where it is absent or has a pattern."""
    value: Any = filters.get(name, ())
    texts = [value] if isinstance(value, str) else list(value)
    if any("*" in text for text in texts):
        return set()
    return {form for text in texts for form in (text, normalise(text))}


def _fits(table: MessageTable, matcher: Matcher, place: int) -> bool:
    message = table.at(place)
    return message is not None and matcher.matches(
        MessageSubject(message, table.find_delivery(message.sid))
    )


# Waiting


class Vigil:
    """Which messages match, kept up by what changes instead of by looking at all of them again."""

    def __init__(self, sandbox: Sandbox, matcher: Matcher) -> None:
        self._sandbox, self._matcher = sandbox, matcher
        self._changed: set[str] = set()
        self._matched: set[str] = set()
        self._table: MessageTable | None = None

    def __enter__(self) -> "Vigil":
        self._sandbox.changes.watches.append(self._changed)
        return self

    def __exit__(self, *_: object) -> None:
        watches = self._sandbox.changes.watches
        watches[:] = [each for each in watches if each is not self._changed]

    async def look(self) -> list[Message]:
        """The messages that match now, oldest first."""
        self._sandbox.engine.catch_up()
        table = self._sandbox.tables.messages
        if table is not self._table:
            self._table = table
            self._matched.clear()
            places = await _matching(table, self._matcher)
            self._changed.update(m.sid for m in map(table.at, places) if m is not None)
        for sid in tuple(self._changed):
            self._consider(table, sid)
        self._changed.clear()
        found = [message for message in map(table.get, self._matched) if message is not None]
        return sorted(found, key=lambda message: message.ordinal)

    def _consider(self, table: MessageTable, sid: str) -> None:
        message = table.get(sid)
        if message is not None and _fits(table, self._matcher, message.ordinal):
            self._matched.add(sid)
        else:
            self._matched.discard(sid)


async def wait_for(sandbox: Sandbox, matcher: Matcher, count: int, timeout: float) -> list[Message]:
    """The messages that match, as soon as there are `count`.

    `timeout` is in seconds of wall time. Raise `TimedOut`, or `SandboxGone`.
    """
    deadline = stopwatch() + timeout
    with Vigil(sandbox, matcher) as vigil:
        while len(found := await vigil.look()) < count:
            if sandbox.closed:
                raise SandboxGone(f"sandbox {sandbox.id} was dropped")
            left = deadline - stopwatch()
            if left <= 0:
                raise TimedOut(len(found), near_misses(sandbox, matcher), hint(sandbox))
            await sandbox.changes.wait(left)
    return found


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
    matched: list[Message]
    explanation: str
    misses: list[Miss]


async def verify(sandbox: Sandbox, matcher: Matcher, count: Mapping[str, int]) -> Verdict:
    """Count what matches; `count` has any of `exactly`, `at_least`, `at_most`."""
    sandbox.engine.catch_up()
    table = sandbox.tables.messages
    places = await _matching(table, matcher)
    matched = [message for message in map(table.at, places) if message is not None]
    number = len(matched)
    ok = all(_HOLDS[how](number, wanted) for how, wanted in count.items())
    lacking = not ok and number < max(count.get("exactly", 0), count.get("at_least", 0))
    misses = near_misses(sandbox, matcher) if lacking else []
    return Verdict(ok, matched, explain(matcher.filters, count, number), misses)


_HOLDS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "exactly": int.__eq__,
    "at_least": int.__ge__,
    "at_most": int.__le__,
}


def explain(filters: Mapping[str, object], count: Mapping[str, int], matched: int) -> str:
    """`Expected exactly 1 message with to '+1…', but 2 matched.`"""
    ok = all(_HOLDS[how](matched, wanted) for how, wanted in count.items())
    wanted = " and ".join(f"{how.replace('_', ' ')} {number}" for how, number in count.items())
    which = " and ".join(f"{name} {value!r}" for name, value in filters.items())
    noun = "message" if list(count.values())[-1:] == [1] else "messages"
    found = "none matched" if not matched else f"{matched} matched"
    said = f"{wanted} {noun}{f' with {which}' if which else ''}"
    return f"Expected {said}, {'and' if ok else 'but'} {found}."


def near_misses(sandbox: Sandbox, matcher: Matcher) -> list[Miss]:
    """The messages that come nearest, with what does not fit."""
    table = sandbox.tables.messages
    end = table.next_ordinal
    latest = range(max(0, end - NEAR_LOOKED_AT), end)
    alike = _candidates(table, matcher)[-NEAR_LOOKED_AT:]
    messages = map(table.at, sorted({*latest, *alike}))
    subjects = [
        MessageSubject(message, table.find_delivery(message.sid))
        for message in messages
        if message is not None
    ]
    return [(subject.message, found) for subject, found in nearest(matcher, subjects)]
