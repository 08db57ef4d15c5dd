"""Going through a million numbers without holding everybody up.

A library's call on all of them at once would keep the interpreter for tens of milliseconds. So
these go piece by piece, beside the event loop.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from operator import lt
from typing import Final, TypeAlias

PIECE: Final = 50_000
"""Numbers that are looked at in one call: a millisecond."""

Column: TypeAlias = "bytearray | array[int]"


def pieces(column: Column, more: int = 0) -> Iterator[Sequence[int]]:
    """All of it; each piece has the first `more` numbers of the next one, too."""
    for start in range(0, len(column), PIECE):
        yield column[start : start + PIECE + more]


def most(column: Column, least: int = -1) -> int:
    """The largest of the numbers and `least`."""
    return max(map(max, pieces(column)), default=least)


def within(column: Column, latest: int) -> bool:
    """Whether all numbers are from 0 to `latest`."""
    return all(min(piece) >= 0 and max(piece) <= latest for piece in pieces(column))


def ascend(column: Column) -> bool:
    """Whether each is larger than the one before."""
    return all(all(map(lt, piece, piece[1:])) for piece in pieces(column, 1))


def different(*columns: Column) -> set[tuple[int, ...]]:
    """What stands side by side in columns of one length."""
    found = set[tuple[int, ...]]()
    for parts in zip(*map(pieces, columns), strict=True):
        found |= set(zip(*parts, strict=True))
    return found


def marked(numbers: Iterable[int], count: int) -> bytearray | None:
    """A 1 at the place of each number; nothing where one is there twice, or not below `count`."""
    marks = bytearray(count)
    for number in numbers:
        if not 0 <= number < count or marks[number]:
            return None
        marks[number] = 1
    return marks
