"""The messages of a sandbox by place, in the order in which they were made."""

from collections.abc import Iterator

from mockserver.domain.message import Message
from mockserver.world.paper import Paper, loose
from mockserver.world.shelves import Shelf
from mockserver.world.unit import Unit


class Places(list[Message | Shelf | None]):
    """By ordinal: nothing where a message was deleted, its shelf where it is on one.

    The next message gets the place behind the last, so the length says which.
    """

    __slots__ = ("gone",)

    def __init__(self, paper: Paper = loose) -> None:
        super().__init__()
        self.gone: dict[str, int] = paper("gone")
        """The places of messages that were deleted, by SID: page tokens may still name them."""

    def at(self, ordinal: int) -> Message | None:
        """The message at a place; nothing where it was deleted."""
        row = self[ordinal] if ordinal < len(self) else None
        return row if row is None or isinstance(row, Message) else row.message(ordinal)

    def row(self, ordinal: int) -> Message | Shelf | None:
        """The same, but for a message on a shelf that shelf: so it is not written."""
        return self[ordinal] if ordinal < len(self) else None

    def oldest_first(self) -> Iterator[Message]:
        """Every message of the sandbox, whatever its account."""
        messages = map(self.at, range(len(self)))
        return (message for message in messages if message is not None)

    def add_gone(self, sid: str, unit: Unit) -> None:
        """Keep the next place for a message that was deleted elsewhere."""
        unit.put("gone", sid, len(self))
        self.gone[sid] = len(self)
        self.append(None)

    def skip_to(self, place: int) -> None:
        """Leave the places before one empty: what was there is not known any more."""
        self.extend([None] * (place - len(self)))
