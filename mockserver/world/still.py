"""The messages of one moment, for a snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.domain.message import Delivery, Message
from mockserver.world.leaves import Leaves

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
