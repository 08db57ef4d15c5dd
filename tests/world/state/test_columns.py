"""Long columns, of which what changed is written."""

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.state.columns import PART, Column, joined


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=9), max_size=9))
def test_one_that_grows(more: list[list[int]]) -> None:
    """Its parts make it again, after every step."""
    column, content, file = Column(grows=True), array("I"), dict[str, bytes]()
    for numbers in more:
        content.extend(numbers)
        file.update(column.changes(content))
        assert joined(file) == content.tobytes()
        assert column.parts == len(file)


def test_only_what_changed() -> None:
    """Of three parts the one in which something is another."""
    column, content = Column(grows=False), bytearray(PART * 2 + 5)
    assert [key for key, _ in column.changes(content)] == ["0", "1", "2"]
    assert list(column.changes(content)) == []
    content[PART + 3] = 9
    [(key, part)] = column.changes(content)
    assert (key, part) == ("1", bytes(content[PART : PART * 2]))


def test_what_is_full_is_looked_at_no_more() -> None:
    """Of a column that grows."""
    column, content = Column(grows=True), bytearray(PART + 1)
    list(column.changes(content))
    content[0] = content[PART] = 1
    assert [key for key, _ in column.changes(content)] == ["1"]


def test_numbers_are_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lowest byte comes first."""
    monkeypatch.setattr(sys, "byteorder", "big")
    [(_, part)] = Column(grows=True).changes(array("H", [1]))
    assert part == array("H", [256]).tobytes()


def test_nothing_is_no_part() -> None:
    """An empty column."""
    assert list(Column(grows=False).changes(b"")) == []
    assert joined({}) == b""
