"""Records of a service: places, pages, and what is left of what goes."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.domain.paging import PageAsk
from mockserver.world.notify.rows import Rows


class Thing(msgspec.Struct, frozen=True):
    sid: str
    color: str = ""


def sid(number: int) -> str:
    return f"BS{number:032x}"


def rows(count: int) -> Rows[Thing]:
    made: Rows[Thing] = Rows()
    for number in range(count):
        assert made.put(Thing(sid(number))) == number
    return made


def page(
    rows: Rows[Thing], places: list[int] | None = None, **asked: str | int
) -> tuple[list[int], bool]:
    """Numbers of a page of two, and whether more are behind it."""
    ask = msgspec.convert({"size": 2, **asked}, PageAsk)
    found, more = rows.page(ask, places, lambda each: each.color != "red")
    return [int(each.sid[2:], 16) for each in found], more


def test_a_record_keeps_its_place() -> None:
    """Also when it is replaced; a deleted one leaves its place behind."""
    made = rows(3)
    assert made.put(Thing(sid(1), "blue")) == 1
    assert made.find(sid(1)) == Thing(sid(1), "blue")
    assert made.remove(sid(1)) == 1
    assert (made.find(sid(1)), made.place(sid(1)), made.at(1)) == (None, 1, None)
    assert made.put(Thing(sid(9))) == 3
    assert [each.sid for each in made] == [sid(0), sid(2), sid(9)]
    assert made.gone == {sid(1): 1}
    assert list(made.every()) == [0, 2, 3]
    assert made.find("nobody") is None
    with pytest.raises(KeyError):
        made.place("nobody")


def test_places_of_all() -> None:
    """Whether any are empty or not, and filled again."""
    made = rows(3)
    assert made.every() == range(3)
    made.remove(sid(0))
    made.remove(sid(0))
    made.leave_out(sid(7))
    assert list(made.every()) == [1, 2]
    made.put(Thing(sid(7)))
    made.put(Thing(sid(0)))
    assert made.every() == range(4)


def test_sids_are_not_used_again() -> None:
    """Whoever has, or had, the one that comes next."""
    made = rows(3)
    made.remove(sid(2))
    assert made.free(lambda number: sid(number - 2)) == sid(3)


def test_pages_there_and_back() -> None:
    """Newest first; the last page says that nothing is behind it."""
    made = rows(5)
    assert page(made) == ([4, 3], True)
    assert page(made, after=sid(3)) == ([2, 1], True)
    assert page(made, after=sid(1)) == ([0], False)
    assert page(made, before=sid(0)) == ([2, 1], True)
    assert page(made, before=sid(2)) == ([4, 3], True)
    assert page(made, before=sid(4)) == ([], False)


def test_a_page_by_its_number() -> None:
    """Where there is no token; behind the last page is nothing."""
    made = rows(5)
    assert page(made, number=1) == ([2, 1], True)
    assert page(made, number=2) == ([0], False)
    assert page(made, number=1 << 60) == ([], False)
    assert page(made, number=3, after=sid(4)) == ([3, 2], True)


def test_only_what_fits() -> None:
    """And what stands at the places that are asked for."""
    made = rows(6)
    made.put(Thing(sid(3), "red"))
    assert page(made, [0, 1, 3, 5]) == ([5, 1], True)
    assert page(made, [0, 1, 3, 5], after=sid(1)) == ([0], False)
    assert page(made, [0, 1, 3, 5], after=sid(4)) == ([1, 0], False)
    assert page(made, [0, 1, 3, 5], before=sid(2)) == ([5], True)
    assert page(made, []) == ([], False)
    assert page(made, [5], before=sid(4)) == ([5], False)


def test_a_token_may_name_what_was_deleted() -> None:
    """But nothing that never was there: 21481."""
    made = rows(4)
    made.remove(sid(2))
    assert page(made, after=sid(2)) == ([1, 0], False)
    assert page(made, before=sid(2)) == ([3], True)
    for ask in (PageAsk(after=sid(7)), PageAsk(before=sid(7))):
        with pytest.raises(TwilioError) as refused:
            made.page(ask, None, lambda _: True)
        assert refused.value.code == 21481


@given(st.sets(st.integers(0, 11)), st.integers(1, 4))
def test_pages_hold_everything_once(gone: set[int], size: int) -> None:
    """Whatever was deleted; going back shows the same pages."""
    made = rows(12)
    for number in gone:
        made.remove(sid(number))
    pages: list[list[Thing]] = []
    more, after = True, ""
    while more:
        found, more = made.page(PageAsk(0, size, after), None, lambda _: True)
        pages.append(found)
        after = found[-1].sid if found else ""
    assert [each for found in pages for each in found] == list(made)[::-1]
    for here, there in pairwise(pages):
        back = PageAsk(0, size, "", there[0].sid)
        assert made.page(back, None, lambda _: True) == (here, True)


def test_shed() -> None:
    """A slice at a time, until nothing is left."""
    made = rows(5)
    turns = 0
    while made.shed(2):
        turns += 1
    assert 0 < turns < 6
    assert (list(made), made.next_place) == ([], 0)
