"""Who is written to: the recipients of an operation, one by one or in a row.

A `Part` is a run of recipients of one kind. Those that the request names are read from its blocks;
profiles and the members of a cohort come from `world/audiences`, which owns them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Final, Protocol

import msgspec

from mockserver.domain.bulk.records import CHANNELS, SEVERAL, WHATSAPP, RecipientBlock
from mockserver.domain.bulk.ways import End

NOTHING: Final[Mapping[str, str]] = {}

LOT: Final = 100
"""Recipients of whom it is decided together whether to go through all between them."""

FAR: Final = 1_000
"""More than so many between them, and each is looked up alone: up to two milliseconds."""


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

    @property
    def item(self) -> int:
        """The place in `to` of the item that its first recipient is, or belongs to."""

    @property
    def listed(self) -> bool:
        """Whether each of them is an item of `to`, one after another; members of a cohort are not.

        Who checks a request looks at those that are.
        """

    def person(self, place: int) -> Person:
        """The one at a place, from 0; for who looks at a single message."""

    def people(self, start: int) -> Iterator[Person]:
        """Those from a place on; for who goes through them."""

    def at(self, address: str) -> Iterator[int]:
        """The places of those who have an address, a phone number, on whatever channel."""

    def of_profile(self, profile_id: str) -> Iterator[int]:
        """The places of those who are a profile."""


class Direct(msgspec.Struct, frozen=True):
    """Recipients of a request that are named by addresses."""

    block: RecipientBlock

    @property
    def count(self) -> int:
        return len(self.block.to)

    @property
    def item(self) -> int:
        return self.block.start

    @property
    def listed(self) -> bool:
        return True

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

    def of_profile(self, profile_id: str) -> Iterator[int]:
        return iter(())

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
            wanted = places[at:upto]
            yield from zip(wanted, _walked(part, wanted, end - part.count), strict=True)
            at = upto

    def at(self, address: str) -> Iterator[int]:
        """The places of those who have an address."""
        for part, end in zip(self.parts, self._ends, strict=True):
            for inside in part.at(address):
                yield end - part.count + inside

    def of_profile(self, profile_id: str) -> Iterator[int]:
        """The places of those who are a profile."""
        for part, end in zip(self.parts, self._ends, strict=True):
            for inside in part.of_profile(profile_id):
                yield end - part.count + inside

    def item(self, place: int) -> int:
        """The place in `to` of the item that the one at a place is, or belongs to."""
        index, inside = self._find(place)
        part = self.parts[index]
        return part.item + (inside if part.listed else 0)

    def _find(self, place: int) -> tuple[int, int]:
        index = bisect_right(self._ends, place)
        return index, place - (self._ends[index - 1] if index else 0)


def _walked(part: Part, places: Sequence[int], first: int) -> Iterator[Person]:
    """Those of a part at ascending places; `first` is the place of its first one."""
    people: Iterator[Person] = iter(())
    here = -1
    for start in range(0, len(places), LOT):
        lot = places[start : start + LOT]
        if lot[-1] - max(here, lot[0]) > FAR:
            yield from (part.person(place - first) for place in lot)
            here = -1
            continue
        for place in lot:
            if here < 0:
                people, here = part.people(place - first), place
            yield next(people if place == here else islice(people, place - here, None))
            here = place + 1
