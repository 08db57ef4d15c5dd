"""One lane per sender: when may a message go? Answers come from its rate alone; nothing waits here.

A lane is one number, the time at which all that was admitted will have left, so it costs the same
however much is waiting. Messages leave in the order in which they were admitted.
"""

from typing import Final, Literal

import msgspec

from mockserver.domain.message import SECOND
from mockserver.domain.rates import MILLI, Rates, kind_of
from mockserver.world.tables import Tables, Unit

Verdict = Literal["", "full", "expired"]

SEGMENT: Final = SECOND * MILLI
"""What one segment takes of a lane, in microseconds times thousandths of a segment a second."""


class Slot(msgspec.Struct, frozen=True, gc=False):
    """Where a message stands in its lane."""

    start: int
    """When it leaves, in microseconds; with `expired`, when its validity period ends."""
    verdict: Verdict = ""
    """`full`: there is no room; `expired`: its validity period ends before its turn."""


class Lanes:
    """The lanes of a sandbox."""

    __slots__ = ("_tables",)

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def admit(
        self, rates: Rates, sender: str, segments: int, at: int, validity: int, unit: Unit
    ) -> Slot:
        """Let a message of so many segments queue up at a time; `validity` in seconds.

        What is not admitted takes no place.
        """
        kind = kind_of(sender)
        rate = rates.rate(kind)
        if not rate:
            return Slot(at)
        free = max(self._tables.lanes.get(sender, 0), at * rate)
        waiting = -(-(free - at * rate) // SEGMENT)
        if waiting + segments > rates.capacity(kind):
            return Slot(at, "full")
        start = -(-free // rate)
        if start - at > validity * SECOND:
            return Slot(at + validity * SECOND, "expired")
        self._tables.lanes[sender] = free = free + segments * SEGMENT
        unit.put("lanes", sender, free)
        return Slot(start)

    def busy_until(self, rates: Rates, sender: str) -> int:
        """When all that waits for a sender will have left, in microseconds; 0: nothing ever did."""
        rate = rates.rate(kind_of(sender))
        return self._tables.lanes.get(sender, 0) // rate if rate else 0
