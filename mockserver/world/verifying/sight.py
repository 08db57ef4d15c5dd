"""What a check looks at, without holding the loop up: messages, in order of creation."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from mockserver.domain.matching import Difference, Matcher
from mockserver.domain.message import Message
from mockserver.world.clock import iso, stopwatch
from mockserver.world.queries import FIRST, NEAR, STRETCH, Miss, candidates, in_parts, still
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import MessageSubject, ShelfSubject, message_at

EVERYTHING: Final = Matcher({})

ENDLESS: Final = 1 << 62
"""Microseconds: later than anything."""

SHOWN: Final = 40
"""Characters of a body that are quoted."""

Look = MessageSubject | ShelfSubject
Seen = tuple[int, Look]
"""A message's place, and the message as filters look at it."""

T = TypeVar("T")


class Window(msgspec.Struct, frozen=True):
    """A stretch of the sandbox's clock, in microseconds: from `first` on, and before `end`."""

    first: int = 0
    end: int = ENDLESS

    def __str__(self) -> str:
        """`from … until …`; "" for all time."""
        first = f" from {iso(self.first)}" if self.first else ""
        return first + (f" until {iso(self.end)}" if self.end < ENDLESS else "")


ALWAYS: Final = Window()


class Scope(msgspec.Struct, frozen=True):
    """The messages that a check is about."""

    where: Matcher = EVERYTHING
    window: Window = ALWAYS
    """Within which they were made."""

    def __str__(self) -> str:
        """` with to '+1…' from … until …`; "" for all there are."""
        return said(self.where) + str(self.window)


class Near(msgspec.Struct, frozen=True):
    """A message that is not as it should be, or nearly is: what was expected, and what there is."""

    sid: str
    differences: dict[str, Difference]


class Finding(msgspec.Struct, frozen=True):
    """Whether a check holds, and if not, why."""

    check: str
    """Its name."""
    ok: bool
    matched: int
    """Messages that it is about."""
    explanation: str
    near: Sequence[Near] = ()
    matches: Sequence[str] = ()
    """SIDs of the first of them; where the check fails because of some, of these."""


class Sight:
    """A sandbox as it is when the checks begin; `SandboxGone` is raised once it is another."""

    def __init__(self, sandbox: Sandbox) -> None:
        sandbox.engine.catch_up()
        self.sandbox, self.tables = sandbox, sandbox.tables
        self.messages = sandbox.tables.messages
        self._since = stopwatch()

    async def breathe(self) -> None:
        """Let others have their turn, if they have waited."""
        if stopwatch() - self._since > STRETCH:
            await asyncio.sleep(0)
            still(self.sandbox, self.tables)
            self._since = stopwatch()

    async def matching(self, scope: Scope) -> AsyncIterator[list[Seen]]:
        """The messages in scope, some at a time."""
        table, fits, window = self.messages, scope.where.matches, scope.window
        always = window == ALWAYS
        async for part in in_parts(candidates(self.tables, scope.where)):
            still(self.sandbox, self.tables)
            looks = ((place, message_at(table, place)) for place in part)
            yield [
                (place, look)
                for place, look in looks
                if look is not None and fits(look) and (always or _made_in(look, window))
            ]

    def look(self, place: int) -> Look:
        """The message at a place; raise `KeyError` where it was deleted meanwhile."""
        found = message_at(self.messages, place)
        if found is None:
            raise KeyError(place)
        return found

    def message(self, place: int) -> Message | None:
        """The whole message, written if need be; nothing where it was deleted."""
        return self.messages.at(place)

    def sids(self, places: Sequence[int]) -> list[str]:
        """Of the first of them."""
        return [str(self.look(place).get("sid")) for place in places[:FIRST]]

    def named(self, place: int) -> str:
        """`SM… (to '+1…', 'Ahoy', at 2026-…)`."""
        message = self.messages.at(place)
        if message is None:
            return "a message that was deleted meanwhile"
        came = f"from {message.from_!r}" if message.direction == "inbound" else f"to {message.to!r}"
        return f"{message.sid} ({came}, {cut(message.body)!r}, at {iso(message.created_at)})"

    def near(self, place: int, **differences: tuple[object, object]) -> Near:
        """What was expected of the message at a place, and what it has instead, by field."""
        sid = str(self.look(place).get("sid"))
        return Near(sid, {name: Difference(*both) for name, both in differences.items()})


def _made_in(look: Look, window: Window) -> bool:
    return window.first <= made_at(look) < window.end


def made_at(look: Look) -> int:
    """When a message was made, in microseconds."""
    at: Any = look.get("created_at")
    return int(at)


def automatic(look: Look) -> bool:
    """Whether it is Twilio's own answer to a keyword: no business of the program's."""
    return isinstance(look, MessageSubject) and look.message.test and look.message.origin == "reply"


def outgoing(look: Look) -> bool:
    """Whether the program sent it: no handset did, nor Twilio."""
    return look.get("direction") != "inbound" and not automatic(look)


UNSENT: Final = frozenset({"failed", "canceled"})
"""Statuses of what never left."""


def went_out(look: Look) -> bool:
    """Whether it is the program's, and left, or still may."""
    return outgoing(look) and look.get("status") not in UNSENT


def said(matcher: Matcher) -> str:
    """` with to '+1…' and body 'Ahoy'`; "" where there are no filters."""
    which = " and ".join(f"{name} {value!r}" for name, value in matcher.filters.items())
    return f" with {which}" if which else ""


def cut(body: str) -> str:
    """The beginning of a text."""
    return body if len(body) <= SHOWN else f"{body[: SHOWN - 1]}…"


def counted(number: int, noun: str = "message") -> str:
    """`1 message`, `2 messages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def from_misses(misses: Sequence[Miss]) -> list[Near]:
    """Near misses of a search."""
    return [Near(message.sid, differences) for message, differences in misses]


class Firsts(Generic[T]):
    """How many there were, and the first few of them by some order: a million are not kept."""

    def __init__(self, order: Callable[[T], Any]) -> None:
        self._order = order
        self._kept: list[T] = []
        self.count = 0

    def add(self, item: T) -> None:
        """One more."""
        self.count += 1
        self._kept.append(item)
        if len(self._kept) > 10 * FIRST:
            self._kept = self.first

    @property
    def first(self) -> list[T]:
        """At most `FIRST` of them."""
        return sorted(self._kept, key=self._order)[:FIRST]

    @property
    def told(self) -> list[T]:
        """Those that are told in words."""
        return self.first[:NEAR]

    def list(self, sentences: Sequence[str]) -> str:
        """What is told of the first, and how many more there are."""
        more = self.count - len(sentences)
        return "; ".join(sentences) + (f"; and {more:,} more" if more else "")
