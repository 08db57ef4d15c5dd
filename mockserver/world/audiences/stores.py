"""A store: blocks of profiles, which have ids by their places unless they were given others."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, count, islice
from typing import Final

import msgspec

from mockserver.domain.audiences.blocks import MOST as FULL
from mockserver.domain.audiences.blocks import Batch, Block, joined
from mockserver.domain.audiences.profiles import PROFILE
from mockserver.domain.type_ids import mint, parts

STORE: Final = "mem_store"
COHORT: Final = "cmp_cohort"

MOST: Final = 1_000_000
"""Profiles of a store, and so members of a cohort. Source: overview, stored recipient groups."""

FIRST: Final = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z, the time in ids that follow from names and places; ours."""

_RUN: Final = 64
"""Ids by place that differ in two characters only, when the first is a multiple of it."""
_DIFFER: Final = slice(-10, -8)

_HEADS: Final = 1 << 14
"""What many ids begin with, of as many as a million profiles have: two megabytes, at the most."""

Index = Mapping[str, int]
"""Places by the ids that were given."""


class Family:
    """What the states of one store have in common: to be told apart from one of the same name."""

    __slots__ = ()


class Store(msgspec.Struct, frozen=True):
    """One state of a store: who adds profiles makes the next one, and this one stays as it is."""

    id: str
    account_sid: str
    name: str = ""
    created_at: int = 0
    """Microseconds; 0 for what was set up with the sandbox."""
    updated_at: int = 0
    blocks: tuple[Block, ...] = ()
    stops: tuple[int, ...] = ()
    """For each block, how many profiles there are with it and those before it."""
    indexes: tuple[Index, ...] = ()
    family: Family = msgspec.field(default_factory=Family)

    @property
    def count(self) -> int:
        """Profiles."""
        return self.stops[-1] if self.stops else 0

    def block(self, place: int) -> tuple[Block, int]:
        """The block with a place, and the place in it; raise `IndexError` where there is none."""
        number = bisect_right(self.stops, place)
        return self.blocks[number], place - (self.stops[number - 1] if number else 0)

    def walk(self, start: int, stop: int) -> Iterator[tuple[int, Block]]:
        """The blocks that have some of these places, each with the place of its first profile."""
        for number in range(bisect_right(self.stops, start), len(self.blocks)):
            first = self.stops[number - 1] if number else 0
            if first >= stop:
                return
            yield first, self.blocks[number]

    def at(self, address: str) -> Iterator[int]:
        """The places of those who have an address."""
        for first, block in self.walk(0, self.count):
            for place in block.at(address):
                yield first + place

    # Ids

    def profile_id(self, place: int) -> str:
        """The id of the profile at a place."""
        block, inside = self.block(place)
        return block.id(inside) or _Minted.of(self.id).id(place)

    def profile_ids(self, start: int, stop: int) -> Iterator[str]:
        """Those of the profiles from a place on; sooner than one by one."""
        made = _Minted.of(self.id).ids(start)
        for first, block in self.walk(start, stop):
            inside = slice(max(0, start - first), stop - first)
            given = block.ids[inside] or (("",) * block.count)[inside]
            for one, id_ in zip(given, made, strict=False):
                yield one or id_

    def find(self, profile_id: str) -> int | None:
        """The place of a profile by its id."""
        for index in self.indexes:
            if (place := index.get(profile_id)) is not None:
                return place if place < self.count else None
        place = _Minted.of(self.id).place(profile_id)
        if place is None or place >= self.count:
            return None
        block, inside = self.block(place)
        return None if block.id(inside) else place

    # Growing

    def grown(self, batch: Batch, at: int) -> "Store":
        """With more profiles."""
        count, kept, blocks, index = self.count, self.blocks, batch.blocks, batch.index
        if count:
            index = {id_: count + place for id_, place in index.items()}
        if kept and blocks and kept[-1].count + blocks[0].count <= FULL:
            kept, blocks = kept[:-1], (joined(kept[-1], blocks[0]), *blocks[1:])
        blocks = (*kept, *blocks)
        return msgspec.structs.replace(
            self,
            updated_at=at,
            blocks=blocks,
            stops=_stops(blocks),
            indexes=_merged(self.indexes, index),
        )


def _stops(blocks: tuple[Block, ...]) -> tuple[int, ...]:
    stops, count = [], 0
    for block in blocks:
        count += block.count
        stops.append(count)
    return tuple(stops)


def _merged(indexes: tuple[Index, ...], index: Index) -> tuple[Index, ...]:
    """Small ones become one, lest there be many to look in."""
    if not index:
        return indexes
    if indexes and len(indexes[-1]) + len(index) <= FULL:
        return (*indexes[:-1], {**indexes[-1], **index})
    return (*indexes, index)


class _Minted:
    """The ids that follow from the places in a store.

    They have all but two characters in common with their neighbours, and the last eight with all.
    """

    __slots__ = ("_entropy", "_head", "_low", "_pairs", "_run", "_tail")

    def __init__(self, store_id: str) -> None:
        self._entropy = blake2b(store_id.encode(), digest_size=16).digest()
        first = [mint(PROFILE, FIRST, self._entropy, place) for place in range(_RUN)]
        self._pairs = [each[_DIFFER] for each in first]
        self._low = {pair: place for place, pair in enumerate(self._pairs)}
        self._tail = first[0][_DIFFER.stop :]
        self._head = lru_cache(_HEADS)(self._minted_head)
        self._run = lru_cache(_HEADS)(self._read_head)

    @staticmethod
    @lru_cache(8)
    def of(store_id: str) -> "_Minted":
        """Those of a store, by its id alone: so that they are known beforehand."""
        return _Minted(store_id)

    def id(self, place: int) -> str:
        """The one of a place."""
        return f"{self._head(place // _RUN)}{self._pairs[place % _RUN]}{self._tail}"

    def ids(self, start: int) -> Iterator[str]:
        """Those of all places from one on, without an end."""
        runs = (self._of_run(run) for run in count(start // _RUN))
        return islice(chain.from_iterable(runs), start % _RUN, None)

    def place(self, id_: str) -> int | None:
        """The place of an id, if it is one of these."""
        low = self._low.get(id_[_DIFFER])
        if low is None or not id_.endswith(self._tail):
            return None
        run = self._run(id_[: _DIFFER.start])
        return None if run is None else run * _RUN + low

    def _of_run(self, run: int) -> Iterator[str]:
        head, tail = self._head(run), self._tail
        return (f"{head}{pair}{tail}" for pair in self._pairs)

    def _minted_head(self, run: int) -> str:
        return mint(PROFILE, FIRST, self._entropy, run * _RUN)[: _DIFFER.start]

    def _read_head(self, head: str) -> int | None:
        said = parts(f"{head}{self._pairs[0]}{self._tail}")
        run = None if said is None else said.ordinal // _RUN
        return run if run is not None and self._head(run) == head else None


def id_by_name(prefix: str, account: str, name: str) -> str:
    """The id of what was set up without one."""
    named = f"{prefix} {account} {name}".encode()
    return mint(prefix, FIRST, blake2b(named, digest_size=16).digest())


class Cohort(msgspec.Struct, frozen=True):
    """A group of people of one store: all of it, however it grows, or some."""

    id: str
    account_sid: str
    store_id: str
    name: str = ""
    created_at: int = 0
    updated_at: int = 0
    places: "array[int] | None" = None
    """Of the members in the store, in the order in which they joined; None for everybody.

    Grows at its end.
    """


class Crowd(msgspec.Struct, frozen=True):
    """The members of a cohort at one time."""

    store: Store
    places: "array[int] | None"
    """The first `count` of these."""
    count: int
