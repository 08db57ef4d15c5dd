"""The attempts of one operation, in columns: 35 bytes each, a million of them no burden.

An attempt is one try on one channel, and a classic message besides. Its life is a *course*, the
steps of its fate with times counted from its start; many attempts share one.
"""

from array import array
from bisect import bisect_left
from typing import Final

from mockserver.domain.lifecycle import Fate, plan
from mockserver.domain.message import STEP, Delivery, Steps

OWN: Final = 254
"""`taken` of an attempt that is an ordinary message by now: the tables have what became of it."""
OVER: Final = 255
"""The same, of one that has no steps to take any more. Every other number is smaller."""

MOST: Final = 1 << 16
"""Courses of one operation; delivery rules and numbers with an outcome make a few hundred."""

Course = tuple[tuple[str, int, int], ...]
"""Classic status, microseconds after the start, error code."""


class Attempts:
    """Columns by the number of the attempt, from 0, in order of creation."""

    __slots__ = (
        *("course", "courses", "end", "made", "ordinal", "place", "segments", "start", "taken"),
        *("_known", "turn", "way"),
    )

    def __init__(self) -> None:
        self.place = array("I")
        """Of the recipient."""
        self.ordinal = array("I")
        """Of the classic message, ascending."""
        self.turn = bytearray()
        """Which try it is for the recipient, from 0."""
        self.way = array("H")
        """The sender, by its place in the operation's."""
        self.end = bytearray()
        """The recipient's address, by its place among theirs."""
        self.segments = bytearray()
        """Of the text, by which it is paid."""
        self.course = array("H")
        self.made = array("q")
        """When it was made, in microseconds."""
        self.start = array("q")
        """From when on its course counts."""
        self.taken = bytearray()
        """Steps of the course that were taken, or `OWN`, or `OVER`."""
        self.courses: list[Course] = []
        self._known: dict[Course, int] = {}

    def __len__(self) -> int:
        return len(self.place)

    def add(self, place: int, ordinal: int, turn: int, way: int, end: int, at: int) -> int:
        """One more that is made now; its number. It has no course yet."""
        number = len(self.place)
        self.place.append(place)
        self.ordinal.append(ordinal)
        self.turn.append(turn)
        self.way.append(way)
        self.end.append(end)
        self.segments.append(1)
        self.course.append(0)
        self.made.append(at)
        self.start.append(at)
        self.taken.append(0)
        return number

    def course_of(self, steps: Course) -> int:
        """The number of a course; raise `OverflowError` for one too many."""
        found = self._known.get(steps)
        if found is None:
            found = self._known[steps] = len(self.courses)
            if found >= MOST:
                raise OverflowError("an operation has more courses than it can count")
            self.courses.append(steps)
        return found

    def at(self, ordinal: int) -> int:
        """The number of the attempt whose classic message has an ordinal."""
        return bisect_left(self.ordinal, ordinal)

    def next_at(self, number: int) -> int | None:
        """When its next step is due; nothing where it is over, or an ordinary message."""
        if (taken := self.taken[number]) >= OWN:
            return None
        course = self.courses[self.course[number]]
        return self.start[number] + course[taken][1] if taken < len(course) else None

    @property
    def complete(self) -> bool:
        """Whether none of them is an ordinary message."""
        return OWN not in self.taken and OVER not in self.taken

    def let_go(self, number: int) -> None:
        """An attempt becomes an ordinary message."""
        self.taken[number] = OVER if self.next_at(number) is None else OWN

    def delivery(self, number: int) -> Delivery:
        """What became of it so far, as of a classic message, and what still will."""
        made, start, taken = self.made[number], self.start[number], self.taken[number]
        course = self.courses[self.course[number]]
        flat: list[str | int] = ["queued", made, 0]
        sent_at = 0
        for status, after, code in course[:taken]:
            flat += [status, start + after, code]
            if status == "sent":
                sent_at = start + after
        steps = tuple(
            item for status, after, code in course[taken:] for item in (status, start + after, code)
        )
        return Delivery(str(flat[-3]), int(flat[-2]), tuple(flat), steps, int(flat[-1]), sent_at)


def course_of(channel: str, fate: Fate) -> Course:
    """The steps of a fate, for a message that is queued on a classic channel."""
    return _course(plan("queued", 0, channel, fate))


def failing(code: int) -> Course:
    """Of an attempt that fails at once."""
    return (("failed", 0, code),)


def _course(steps: Steps) -> Course:
    return tuple((steps[n], steps[n + 1], steps[n + 2]) for n in range(0, len(steps), STEP))
