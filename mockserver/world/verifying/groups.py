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

Group = tuple["array[int]", "array[int]"]
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
            _, (hashes, times, places) = self._buckets.popitem()
            counts = await _counted(sight, hashes)
            wanted = {number for number, count in counts.items() if count > than}
            if not wanted:
                continue
            found: dict[str, Group] = {}
            rows = zip(hashes, times, places, strict=True)
            while lot := list(islice(rows, LOT)):
                for number, at, place in lot:
                    if number in wanted and (key := self._key(sight, place)) is not None:
                        _put(found, key, at, place)
                await sight.breathe()
            for key, group in found.items():
                if len(group[0]) > than:
                    yield key, group

    def _key(self, sight: Sight, place: int) -> str | None:
        """What a message really has, whatever its hash; nothing where it was deleted."""
        if not self._by:
            return ""
        if sight.messages.places.row(place) is None:
            return None
        return str(sight.look(place).get(self._by))


async def _counted(sight: Sight, hashes: "array[int]") -> dict[int, int]:
    counts: dict[int, int] = {}
    numbers = iter(hashes)
    while lot := list(islice(numbers, LOT)):
        for number in lot:
            counts[number] = counts.get(number, 0) + 1
        await sight.breathe()
    return counts


def _put(found: dict[str, Group], key: str, at: int, place: int) -> None:
    group = found.get(key)
    if group is None:
        group = found[key] = (array("q"), array("I"))
    group[0].append(at)
    group[1].append(place)
