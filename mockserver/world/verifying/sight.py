"""What a check looks at, without holding the loop up: messages, in order of creation."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, Generic, TypeVar

import msgspec

from mockserver.domain.matching import Difference, Matcher, Subject
from mockserver.domain.message import Delivery, Message
from mockserver.world.clock import iso, stopwatch
from mockserver.world.queries import FIRST, NEAR, STRETCH, Miss, candidates, in_parts, still
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import MessageSubject, ShelfSubject, message_at

EVERYTHING: Final = Matcher({})

ENDLESS: Final = 1 << 62
"""Microseconds: later than anything."""

NOWHERE: Final = -1
"""The place of no message."""

SHOWN: Final = 40
"""Characters of a body that are quoted."""

Look = MessageSubject | ShelfSubject
Seen = tuple[int, Look]
"""A message's place, and the message as filters look at it."""

GONE: Final[Subject] = {"sid": "", "created_at": 0}
"""What is left of a deleted message."""

T = TypeVar("T")


class Window(msgspec.Struct, frozen=True):
    """A stretch of the sandbox's clock: from `first` on, and before `end`, in microseconds.

    Or after, and before, the first message that matches; where there is none, nothing is in it.
    """

    first: int = 0
    end: int = ENDLESS
    after: Matcher | None = None
    before: Matcher | None = None

    def __str__(self) -> str:
        """` from … until …`; "" for all time."""
        parts = [
            f" from {iso(self.first)}" if self.first else "",
            f" until {iso(self.end)}" if self.end < ENDLESS else "",
            f" after {the_first(self.after)}" if self.after is not None else "",
            f" before {the_first(self.before)}" if self.before is not None else "",
        ]
        return "".join(parts)


ALWAYS: Final = Window()


class Stretch(msgspec.Struct, frozen=True):
    """A window once it is known where the messages are that it names."""

    window: Window
    after: int = -1
    """The place of a message; only those behind it are in."""
    before: int = ENDLESS

    def holds(self, place: int, look: "Look") -> bool:
        """Whether a message was made in it."""
        in_time = self.window.first <= made_at(look) < self.window.end
        return in_time and self.after < place < self.before


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
        always = scope.window == ALWAYS
        stretch = await self.stretch(scope.window)
        async for part in self._fitting(scope.where):
            yield part if always else [each for each in part if stretch.holds(*each)]

    async def stretch(self, window: Window) -> Stretch:
        """Find the messages that a window names."""
        after = -1 if window.after is None else await self.first(window.after)
        before = ENDLESS if window.before is None else await self.first(window.before)
        missing = NOWHERE in (after if window.after is not None else 0, before)
        return Stretch(window, ENDLESS, before) if missing else Stretch(window, after, before)

    async def first(self, matcher: Matcher) -> int:
        """The place of the first message that matches, or `NOWHERE`."""
        table, fits = self.messages, matcher.matches
        async with aclosing(in_parts(candidates(self.tables, matcher))) as parts:
            async for part in parts:
                still(self.sandbox, self.tables)
                for place in part:
                    if (look := message_at(table, place)) is not None and fits(look):
                        return place
        return NOWHERE

    async def _fitting(self, matcher: Matcher) -> AsyncIterator[list[Seen]]:
        table, fits = self.messages, matcher.matches
        async for part in in_parts(candidates(self.tables, matcher)):
            still(self.sandbox, self.tables)
            looks = ((place, message_at(table, place)) for place in part)
            yield [(place, look) for place, look in looks if look is not None and fits(look)]

    def look(self, place: int) -> Subject:
        """The message at a place; `GONE` where it was deleted while the others were looked at."""
        return message_at(self.messages, place) or GONE

    def message(self, place: int) -> Message | None:
        """The whole message, written if need be; nothing where it was deleted."""
        return self.messages.places.at(place)

    def delivery(self, place: int) -> Delivery | None:
        """What became of the message at a place; nothing where it was deleted."""
        row = self.messages.places.row(place)
        if row is None:
            return None
        return (
            self.messages.find_delivery(row.sid)
            if isinstance(row, Message)
            else row.delivery(place)
        )

    def sids(self, places: Sequence[int]) -> list[str]:
        """Of the first of them."""
        return [str(self.look(place).get("sid")) for place in places[:FIRST]]

    def named(self, place: int) -> str:
        """`SM… (to '+1…', 'Ahoy', at 2026-…)`."""
        message = self.messages.places.at(place)
        if message is None:
            return "a message that was deleted meanwhile"
        came = f"from {message.from_!r}" if message.direction == "inbound" else f"to {message.to!r}"
        return f"{message.sid} ({came}, {cut(message.body)!r}, at {iso(message.created_at)})"

    def near(self, place: int, **differences: tuple[object, object]) -> Near:
        """What was expected of the message at a place, and what it has instead, by field."""
        sid = str(self.look(place).get("sid"))
        return Near(sid, {name: Difference(*both) for name, both in differences.items()})


def made_at(look: Subject) -> int:
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


def the_first(matcher: Matcher) -> str:
    """`the first message with to '+1…'`."""
    return f"the first message{said(matcher)}"


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
