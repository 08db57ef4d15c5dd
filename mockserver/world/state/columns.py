"""Long columns in parts, so that of a large one only what changed is written."""

import sys
from array import array
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

PART: Final = 16_384
"""Bytes of a part."""

Content: TypeAlias = "bytes | bytearray | array[int]"


class Column:
    """What the file has of one column."""

    __slots__ = ("_grows", "_hashes", "_whole")

    def __init__(self, *, grows: bool) -> None:
        """One that `grows` never changes but at its end."""
        self._grows = grows
        self._hashes: list[int] = []
        self._whole = 0
        """Parts that will never change any more."""

    def changes(self, content: Content) -> Iterator[tuple[str, bytes]]:
        """The parts that are not as the file has them, each with its key."""
        said, hashes = memoryview(_ordered(content)).cast("B"), self._hashes
        start = self._whole if self._grows else 0
        for place in range(start, -(-len(said) // PART)):
            part = bytes(said[place * PART : (place + 1) * PART])
            if place == len(hashes):
                hashes.append(0)
            elif hash(part) == hashes[place]:
                continue
            hashes[place] = hash(part)
            yield str(place), part
        self._whole = len(said) // PART

    @property
    def parts(self) -> int:
        """How many the file has."""
        return len(self._hashes)


def _ordered(content: Content) -> Content:
    """The lowest byte of a number first."""
    if sys.byteorder == "big" and isinstance(content, array):
        content = content[:]
        content.byteswap()
    return content


def joined(parts: Mapping[str, bytes]) -> bytes:
    """A column again, by the keys of its parts."""
    return b"".join(parts[key] for key in sorted(parts, key=int))
