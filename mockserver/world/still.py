"""The messages of one moment, for a snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.domain.message import Delivery, Message
from mockserver.world.leaves import Leaves
from mockserver.world.places import Places

PIECE: Final = 10_000
"""Places that are looked at in one call."""

Pair = tuple[Message, Delivery]


class Still:
    """Those that are on no shelf, read of the table while that goes on.

    Nothing is copied but numbers: whoever changes a message puts it here first, as it was. Who
    reads, beside the loop, looks into the table and then here: so he finds what was, whether it is
    changed before or after he looked.
    """

    __slots__ = ("_deliveries", "_end", "_rows", "_spared", "gone", "repeats")

    def __init__(
        self,
        rows: Sequence[Any],
        deliveries: Leaves[Delivery],
        gone: Mapping[str, int],
        repeats: Mapping[str, int],
    ) -> None:
        """`rows` are messages by their places, or whatever else is there."""
        self._rows, self._deliveries, self._end = rows, deliveries, len(rows)
        self._spared: dict[int, Pair | None] = {}
        """By place; nothing where there was no message that is on no shelf."""
        self.gone, self.repeats = dict(gone), dict(repeats)

    def spare(self, place: int, pair: Pair | None) -> None:
        """What is at a place is about to change; it may have before."""
        if place < self._end:
            self._spared.setdefault(place, pair)

    def pairs(self) -> Iterator[Pair]:
        """The messages with what became of them, oldest first."""
        for start in range(0, self._end, PIECE):
            yield from self._piece(start, min(start + PIECE, self._end))

    def _piece(self, start: int, end: int) -> Iterator[Pair]:
        deliveries, spared = self._deliveries, self._spared
        for place, row in enumerate(self._rows[start:end], start):
            delivery = None
            if isinstance(row, Message):
                delivery = deliveries[row.sid[-1:]].get(row.sid)
            if place in spared:
                if (pair := spared[place]) is not None:
                    yield pair
            elif delivery is not None:
                yield row, delivery

    def shed(self, count: int) -> bool:
        """Let go of some records; whether any are left."""
        for _ in range(min(count, len(self._spared))):
            self._spared.popitem()
        return bool(self._spared)


class Moments:
    """Those of a table that somebody reads: they are told what was before it changes."""

    __slots__ = ("_deliveries", "_places", "_repeats", "stills")

    def __init__(
        self, places: Places, deliveries: Leaves[Delivery], repeats: Mapping[str, int]
    ) -> None:
        self._places, self._deliveries, self._repeats = places, deliveries, repeats
        self.stills: tuple[Still, ...] = ()
        """None of them most of the time: who changes a message looks here first."""

    def now(self) -> Still:
        """What is there now, while nothing changes."""
        return Still(self._places, self._deliveries, self._places.gone, self._repeats)

    def stilled(self) -> Still:
        """As it is now, for a snapshot: without what is on shelves. To be let go with `go_on`."""
        still = self.now()
        self.stills = (*self.stills, still)
        return still

    def go_on(self, still: object) -> None:
        """Nobody reads that moment any more."""
        self.stills = tuple(each for each in self.stills if each is not still)

    def spare(self, message: Message) -> None:
        """Tell those who read what a message is, and what became of it, before that changes."""
        for still in self.stills:
            still.spare(message.ordinal, (message, self._deliveries[message.sid[-1:]][message.sid]))

    def leave_out(self, place: int) -> None:
        """Tell them that none of theirs is at a place, before it gets there."""
        for still in self.stills:
            still.spare(place, None)
