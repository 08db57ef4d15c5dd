"""The ids of an operation's messages, computed from their places, and places from ids.

So that a million messages need no table of ids. An id of a message holds its place among all
messages of the sandbox's operations; a classic SID holds the number of the attempt, scattered by a
multiplication that can be undone.
"""

from typing import Final

from mockserver.domain.type_ids import mint, parts
from mockserver.world.dice import Dice

MESSAGE: Final = "comms_message"

_MASK: Final = (1 << 64) - 1
_FACTOR: Final = 0x9E3779B97F4A7C15
"""An odd number, so that multiplying by it modulo 2**64 can be undone; it spreads small ones."""
_INVERSE: Final = pow(_FACTOR, -1, 1 << 64)


class Ids:
    """Of one operation."""

    __slots__ = ("_at", "_first", "_offset", "entropy", "head", "scatter")

    def __init__(self, at: int, first: int, entropy: bytes, scatter: bytes) -> None:
        """`first` is the place of its first message among those of all operations.

        Sixteen bytes of chance each: `entropy` for ids of messages, `scatter` for SIDs.
        """
        self._at, self._first = at, first
        self.entropy, self.scatter = entropy, scatter
        self.head = scatter[:8].hex()
        """The 16 digits that SIDs of its attempts have in common, behind `SM` or `MM`."""
        self._offset = int.from_bytes(scatter[8:])

    @classmethod
    def rolled(cls, dice: Dice, operation_id: str, at: int, first: int) -> "Ids":
        """Of an operation that is new."""
        entropy = dice.of("comms-message", operation_id)
        return cls(at, first, entropy, dice.of("comms-attempt", operation_id))

    def message(self, place: int) -> str:
        """`comms_message_…` of the recipient at a place."""
        return mint(MESSAGE, self._at, self.entropy, self._first + place)

    def place(self, id_: str) -> int:
        """The place that an id names, if it is one of these; some other number, if not."""
        found = parts(id_)
        return -1 if found is None else found.ordinal - self._first

    def sid(self, number: int, prefix: str = "SM") -> str:
        """The classic SID of an attempt by its number."""
        return f"{prefix}{self.head}{(number * _FACTOR + self._offset) & _MASK:016x}"

    def number(self, sid: str) -> int:
        """The number of the attempt, if it is one of these; some other number, if not."""
        return (int(sid[18:], 16) - self._offset) * _INVERSE & _MASK
