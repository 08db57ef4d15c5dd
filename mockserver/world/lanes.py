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

    __slots__ = ("_limits", "_rates", "_tables")

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rates = Rates()
        self._limits: dict[str, tuple[int, int]] = {}
        """Rate and capacity by sender, under these rates."""

    def admit(
        self, rates: Rates, sender: str, segments: int, at: int, validity: int, unit: Unit
    ) -> Slot:
        """Let a message of so many segments queue up at a time; `validity` in seconds.

        What is not admitted takes no place.
        """
        rate, capacity = self._limit(rates, sender)
        if not rate:
            return Slot(at)
        free = max(self._tables.lanes.get(sender, 0), at * rate)
        waiting = -(-(free - at * rate) // SEGMENT)
        if waiting + segments > capacity:
            return Slot(at, "full")
        start = -(-free // rate)
        if start - at > validity * SECOND:
            return Slot(at + validity * SECOND, "expired")
        self._tables.lanes[sender] = free = free + segments * SEGMENT
        unit.put("lanes", sender, free)
        return Slot(start)

    def _limit(self, rates: Rates, sender: str) -> tuple[int, int]:
        if rates is not self._rates:
            self._rates, self._limits = rates, {}
        if (limit := self._limits.get(sender)) is None:
            kind = kind_of(sender)
            limit = self._limits[sender] = rates.rate(kind), rates.capacity(kind)
        return limit
