"""Going through many numbers piece by piece is as going through them at once."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world import pieces
from mockserver.world.pieces import PIECE, ascend, different, marked, most, within

numbers = st.lists(st.integers(-5, 5) | st.integers(-(1 << 40), 1 << 40), max_size=40)
"""Few; what is long is below."""


def long(*changes: tuple[int, int]) -> "array[int]":
    """Ascending numbers in several pieces, but for what is changed."""
    column = array("q", range(2 * PIECE + 7))
    for place, number in changes:
        column[place] = number
    return column


@given(numbers)
def test_as_at_once(found: list[int]) -> None:
    """The largest, the range, and whether they ascend."""
    column = array("q", found)
    assert most(column) == max(found, default=-1)
    assert within(column, 3) == all(0 <= number <= 3 for number in found)
    assert ascend(column) == (found == sorted(set(found)))


@pytest.mark.parametrize("place", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 6])
def test_across_pieces(place: int) -> None:
    """A number out of place is found wherever it is."""
    assert ascend(long())
    assert within(long(), 2 * PIECE + 6)
    spoilt = long((place, -1 if place else 1 << 40))
    assert not ascend(spoilt)
    assert not within(spoilt, 2 * PIECE + 6)
    assert most(long((place, 1 << 40))) == 1 << 40


def test_all_of_a_column() -> None:
    """Each piece may have the first numbers of the next one."""
    column = long()
    assert [*map(len, pieces.pieces(column))] == [PIECE, PIECE, 7]
    assert [*map(len, pieces.pieces(column, 1))] == [PIECE + 1, PIECE + 1, 7]


def test_what_stands_side_by_side() -> None:
    """Each pair once, from all pieces."""
    left, right = bytearray(PIECE) + b"\1", bytearray(PIECE) + b"\2"
    assert different(left, right) == {(0, 0), (1, 2)}
    assert different(array("H")) == set()


@given(st.lists(st.integers(-1, 6) | st.just(1 << 70)), st.integers(0, 6))
def test_marks(found: list[int], count: int) -> None:
    """A mark for each, unless one is there twice or out of range."""
    marks = marked(found, count)
    fits = len(set(found)) == len(found) and all(0 <= each < count for each in found)
    assert (marks is not None) == fits
    if marks is not None:
        assert [place for place, mark in enumerate(marks) if mark] == sorted(found)
