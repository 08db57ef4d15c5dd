"""The shelves that are up in a sandbox."""

from collections.abc import Set

from mockserver.domain.sids import is_sid
from mockserver.world.message_lists import MessageLists
from mockserver.world.places import Places
from mockserver.world.shelves import Shelf


class Shelving(dict[str, Shelf]):
    """Shelves, by the digits with which the SIDs of their messages begin."""

    __slots__ = ("_lists", "_places")

    def __init__(self, places: Places, lists: MessageLists) -> None:
        super().__init__()
        self._places, self._lists = places, lists

    def put_up(self, shelf: Shelf) -> None:
        """A shelf whose messages `append` puts on it."""
        self[shelf.head] = shelf
        self._lists[shelf.account_sid].shelves.append(shelf)

    def append(self, head: str) -> None:
        """One more message on a shelf that was put up; it gets the next place."""
        shelf = self[head]
        self._lists[shelf.account_sid].every.append(len(self._places))
        self._places.append(shelf)

    def extend(self, head: str, count: int) -> None:
        """The same for many at once: of an operation that was kept elsewhere."""
        shelf, first = self[head], len(self._places)
        self._lists[shelf.account_sid].every.extend(range(first, first + count))
        self._places.extend([shelf] * count)

    def of(self, account_sids: Set[str]) -> list[Shelf]:
        """Those of some accounts."""
        return [each for each in self.values() if each.account_sid in account_sids]

    def find(self, sid: str) -> tuple[Shelf, int] | None:
        """The shelf that a message is on, and its place."""
        shelf = self.get(sid[2:18]) if self else None
        ordinal = shelf.ordinal(sid) if shelf is not None and is_sid(sid, "SM", "MM") else None
        return None if shelf is None or ordinal is None else (shelf, ordinal)
