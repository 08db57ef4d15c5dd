"""Messages by recipient, or by sender, without a dictionary of a million addresses."""

from array import array
from collections.abc import AsyncIterator
from itertools import islice
from typing import Final

from mockserver.world.verifying.sight import Sight

BUCKETS: Final = 1 << 10
"""So many that one of a million messages is gone through in a millisecond."""

LOT: Final = 100
"""Messages between two looks at the time."""

Group = list[tuple[int, int]]
"""When each was made, and its place; oldest first."""


class Groups:
    """Twenty bytes each. What is alike is found by hash first, bucket by bucket."""

    def __init__(self, by: str) -> None:
        """`by` is the field in which those of a group agree; "" for one group of all."""
        self._by = by
        self._buckets: dict[int, tuple[array[int], array[int], array[int]]] = {}

    def add(self, key: str, place: int, at: int) -> None:
        """One more message, made after those before."""
        number = hash(key)
        bucket = self._buckets.get(number % BUCKETS)
        if bucket is None:
            bucket = self._buckets[number % BUCKETS] = (array("q"), array("q"), array("I"))
        hashes, times, places = bucket
        hashes.append(number)
        times.append(at)
        places.append(place)

    async def larger(self, sight: Sight, than: int) -> AsyncIterator[tuple[str, Group]]:
        """The groups of more than so many, each with what they agree in; in no order."""
        while self._buckets:
            _, bucket = self._buckets.popitem()
            found: dict[int, Group] = {}
            rows = zip(*bucket, strict=True)
            while lot := list(islice(rows, LOT)):
                for number, at, place in lot:
                    found.setdefault(number, []).append((at, place))
                await sight.breathe()
            for group in found.values():
                if len(group) > than:
                    async for pair in self._exact(sight, group):
                        if len(pair[1]) > than:
                            yield pair
            await sight.breathe()

    async def _exact(self, sight: Sight, group: Group) -> AsyncIterator[tuple[str, Group]]:
        """Those of one hash, apart by what they really have; deleted ones are left out."""
        if not self._by:
            yield "", group
            return
        found: dict[str, Group] = {}
        for start in range(0, len(group), LOT):
            for at, place in group[start : start + LOT]:
                if sight.messages.row(place) is not None:
                    key = str(sight.look(place).get(self._by))
                    found.setdefault(key, []).append((at, place))
            await sight.breathe()
        for pair in found.items():
            yield pair
