"""What pages notice."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.notify.rows import Rows
from mockserver.world.state.pages import GONE, Folders, Page, PageList, PageSet

KEYS = st.sampled_from("abcd")
DEEDS = st.one_of(
    st.tuples(st.just("put"), KEYS, st.integers()),
    st.tuples(st.sampled_from(("del", "pop", "setdefault")), KEYS, st.integers()),
    st.tuples(st.sampled_from(("clear", "update", "or", "look")), KEYS, st.integers()),
)


def do(page: dict[str, Any], deed: str, key: str, value: int) -> None:
    """One of the things that are done to a table."""
    match deed:
        case "put":
            page[key] = value
        case "del" if key in page:
            del page[key]
        case "pop":
            page.pop(key, None)
        case "setdefault":
            page.setdefault(key, value)
        case "clear":
            page.clear()
        case "update":
            page.update({key: value}, d=value)
        case "or":
            page |= {key: value}


def heed(file: dict[str, Any], page: Page) -> None:
    """Do to what the file has what changed on the page."""
    for key, record, fresh in page.changes():
        if record is GONE or fresh:
            file.pop(key, None)
        if record is not GONE:
            file[key] = record


@given(st.lists(DEEDS))
def test_a_page_says_all_that_changed(deeds: list[tuple[str, str, int]]) -> None:
    """Who heeds it has the same keys, in the same order, however often it looks."""
    page, file = Page(), dict[str, Any]()
    plain: dict[str, Any] = {}
    for deed, key, value in deeds:
        do(page, deed, key, value)
        do(plain, deed, key, value)
        if deed == "look":
            heed(file, page)
            assert not page.changed
    heed(file, page)
    assert list(page.items()) == list(plain.items()) == list(file.items())


def test_a_page_is_a_dictionary() -> None:
    """It answers as one."""
    page = Page()
    assert page.setdefault("a", 1) == 1
    assert page.setdefault("a", 2) == 1
    assert page.pop("a") == 1
    assert page.pop("a", None) is None
    with pytest.raises(KeyError):
        page.pop("a")


def test_who_frees_a_table_is_not_noted() -> None:
    """It may have millions of records, of which the file is rid at once."""
    page = Page()
    page["a"] = 1
    list(page.changes())
    page.popitem()
    assert not page.changed


def test_a_set() -> None:
    """It says what was added."""
    page = PageSet()
    page.add("a")
    page.update(["b", "a"], ["c"])
    assert [change.key for change in page.changes()] == ["a", "b", "c"]
    assert not page.changed
    assert page == {"a", "b", "c"}


class Row(msgspec.Struct, frozen=True):
    """A record."""

    sid: str
    text: str = ""


def told(page: PageList) -> list[tuple[str, Any]]:
    return [(key, record) for key, record, _ in page.changes()]


def test_a_list_says_what_went() -> None:
    """By its SID, which page tokens may still name."""
    page = PageList([Row("A")])
    page += [Row("B")]
    page.append(Row("C"))
    assert told(page) == [("0", Row("A")), ("1", Row("B")), ("2", Row("C"))]
    page[1] = None
    page[0] = Row("A", "other")
    assert told(page) == [("0", Row("A", "other")), ("1", "B")]
    assert told(page) == []


def test_folders_of_dictionaries() -> None:
    """Each is a page from the moment on when it is there; one that goes goes with its keys."""
    folders = Folders()
    folder = folders.setdefault("one", {})
    folder["a"] = 1
    assert folders.setdefault("one", {}) is folder
    folders["two"] = {"b": 2}
    assert folders.changed
    assert [(name, change[:2]) for name, change in folders.changes()] == [
        ("one", ("a", 1)),
        ("two", ("b", 2)),
    ]
    assert list(folders.changes()) == []
    folders.pop("one")
    assert folders.pop("one", None) is None
    assert [(name, change[:2]) for name, change in folders.changes()] == [("one", ("a", GONE))]


def test_folders_of_rows() -> None:
    """The tables of Notify's services."""
    folders = Folders()
    table: Rows[Row] = folders.setdefault("IS1", Rows())
    table.put(Row("A"))
    table.put(Row("B"))
    table.remove("A")
    assert [(name, change[:2]) for name, change in folders.changes()] == [
        ("IS1", ("0", "A")),
        ("IS1", ("1", Row("B"))),
    ]
    table.leave_out("C")
    assert [change[:2] for _, change in folders.changes()] == [("2", "C")]
    table.put(Row("B", "other"))
    assert [change[:2] for _, change in folders.changes()] == [("1", Row("B", "other"))]
