"""Who is written to: the recipients of an operation, one by one or in a row.

A `Part` is a run of recipients of one kind. Those that the request names are read from its blocks;
profiles and the members of a cohort come from `world/audiences`, which owns them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, Protocol

import msgspec

from mockserver.domain.bulk.records import CHANNELS, SEVERAL, WHATSAPP, RecipientBlock
from mockserver.domain.bulk.ways import End

NOTHING: Final[Mapping[str, str]] = {}


class Person(msgspec.Struct, frozen=True, gc=False):
    """One recipient."""

    ends: tuple[End, ...]
    """Channel and address, in the order in which they were given; none where nobody knows any."""
    variables: Mapping[str, str]
    """References to traits are resolved."""
    store_id: str = ""
    profile_id: str = ""
    """Of who is a profile."""


NOBODY: Final = Person((), NOTHING)


class Part(Protocol):
    """A run of recipients that never changes."""

    @property
    def count(self) -> int: ...

    def person(self, place: int) -> Person:
        """The one at a place, from 0; for who looks at a single message."""

    def people(self, start: int) -> Iterator[Person]:
        """Those from a place on; for who goes through them."""

    def at(self, address: str) -> Iterator[int]:
        """The places of those who have an address, a phone number, on whatever channel."""


class Direct(msgspec.Struct, frozen=True):
    """Recipients of a request that are named by addresses."""

    block: RecipientBlock

    @property
    def count(self) -> int:
        return len(self.block.to)

    def person(self, place: int) -> Person:
        return Person(self._ends(place), self.block.variables_of(place))

    def people(self, start: int) -> Iterator[Person]:
        variables = self.block.all_variables()
        for place in range(start, self.count):
            yield Person(self._ends(place), variables[place] or NOTHING)

    def at(self, address: str) -> Iterator[int]:
        if SEVERAL not in self.block.kinds and address not in self.block.to:
            return  # the usual answer, and a quick one
        for place, text in enumerate(self.block.to):
            if address in text and any(address == each for _, each in self._ends(place)):
                yield place

    def _ends(self, place: int) -> tuple[End, ...]:
        kind, text = self.block.kinds[place], self.block.to[place]
        if kind <= WHATSAPP:
            return ((CHANNELS[kind], text),)
        if kind == SEVERAL:
            return tuple((CHANNELS[int(each[0])], each[1:]) for each in text.split(" "))
        raise ValueError("profiles and cohorts have parts of their own")


class People:
    """All recipients of an operation, by place."""

    __slots__ = ("_ends", "count", "parts")

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self._ends = list(accumulate(part.count for part in parts))
        self.count = self._ends[-1] if self._ends else 0

    def person(self, place: int) -> Person:
        """The one at a place."""
        index, inside = self._find(place)
        return self.parts[index].person(inside)

    def walk(self, places: Sequence[int]) -> Iterator[tuple[int, Person]]:
        """Those at ascending places, each with their place."""
        at = 0
        for part, end in zip(self.parts, self._ends, strict=True):
            upto = bisect_left(places, end, at)
            if upto == at:
                continue
            wanted, first = iter(places[at + 1 : upto]), end - part.count
            place, start = places[at], places[at] - first
            for here, person in enumerate(part.people(start), first + start):
                if here == place:
                    yield place, person
                    if (place := next(wanted, -1)) < 0:
                        break
            at = upto

    def at(self, address: str) -> Iterator[int]:
        """The places of those who have an address."""
        for part, end in zip(self.parts, self._ends, strict=True):
            for inside in part.at(address):
                yield end - part.count + inside

    def _find(self, place: int) -> tuple[int, int]:
        index = bisect_right(self._ends, place)
        return index, place - (self._ends[index - 1] if index else 0)
