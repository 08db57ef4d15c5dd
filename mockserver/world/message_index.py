"""Where one account's messages are: ordinals in order of creation, by recipient, by sender."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, pairwise
from operator import itemgetter
from typing import Final

from mockserver.domain.message import Message
from mockserver.world.leaves import Leaves
from mockserver.world.shelves import Shelf


class MessageIndex:
    """Ordinals of one account's messages, in order of creation: all, by recipient, by sender."""

    __slots__ = ("by_from", "by_to", "counted", "every", "inbound", "shelves")

    def __init__(self) -> None:
        self.every = array("I")
        self.inbound = array("I")
        """Those that handsets sent."""
        self.counted: dict[int, tuple[int, int]] = {}
        """How many of the first so many in `every` went out since a time, by that time."""
        self.shelves: list[Shelf] = []
        """What keeps messages of this account that the other two say nothing of."""
        self.by_to: Leaves[array[int] | int] = Leaves()
        self.by_from: Leaves[array[int] | int] = Leaves()

    def add(self, message: Message) -> None:
        self.every.append(message.ordinal)
        if message.direction == "inbound":
            self.inbound.append(message.ordinal)
        to, from_ = message.to, message.from_
        _append(self.by_to[to[-1:]], to, message.ordinal)
        if from_:
            _append(self.by_from[from_[-1:]], from_, message.ordinal)

    def add_sender(self, message: Message) -> None:
        """A service chose the sender after the message was indexed."""
        _insert(self.by_from[message.from_[-1:]], message.from_, message.ordinal)

    def places(self, to: str | None, from_: str | None) -> "array[int]":
        """Ascending ordinals that may match; the caller still checks the other filter."""
        if to is not None:
            found = self.by_to[to[-1:]].get(to)
        elif from_ is not None:
            found = self.by_from[from_[-1:]].get(from_)
        else:
            return self.every
        if self.shelves:
            return self._with_shelves(found, to, from_)
        if found is None:
            return NOWHERE
        return array("I", (found,)) if isinstance(found, int) else found

    def adopt(self, message: Message) -> None:
        """A message of a shelf becomes one like any other; it has its place already."""
        for index, key in ((self.by_to, message.to), (self.by_from, message.from_)):
            _insert(index[key[-1:]], key, message.ordinal)

    def leaves(self) -> Iterator[dict[str, "array[int] | int"]]:
        """Of both dictionaries."""
        return chain(self.by_to.values(), self.by_from.values())

    def _with_shelves(
        self, found: "array[int] | int | None", to: str | None, from_: str | None
    ) -> "array[int]":
        own = array("I", (found,)) if isinstance(found, int) else found or NOWHERE
        return _merged([own, *(shelf.places(to, from_) for shelf in self.shelves)])


NOWHERE: Final = array("I")


def _merged(several: "Iterable[array[int]]") -> "array[int]":
    """Ascending ordinals of all; one by one only where they go through each other."""
    parts = sorted(filter(len, several), key=itemgetter(0))
    if len(parts) < 2:
        return parts[0] if parts else NOWHERE
    if any(before[-1] > after[0] for before, after in pairwise(parts)):
        return array("I", merge(*parts))
    whole = array("I")
    for part in parts:
        whole += part
    return whole


def _append(index: "dict[str, array[int] | int]", key: str, ordinal: int) -> None:
    """One message needs no array of its own: most recipients get one message."""
    found = index.setdefault(key, ordinal)
    if found is ordinal:
        return
    if isinstance(found, int):
        index[key] = array("I", (found, ordinal))
    else:
        found.append(ordinal)


def _insert(index: "dict[str, array[int] | int]", key: str, ordinal: int) -> None:
    """As `_append`, of a message that others may have followed."""
    places = index.get(key)
    if places is None:
        index[key] = ordinal
        return
    if isinstance(places, int):
        places = index[key] = array("I", (places,))
    if places[-1] < ordinal:
        places.append(ordinal)
    else:
        places.insert(bisect_left(places, ordinal), ordinal)
