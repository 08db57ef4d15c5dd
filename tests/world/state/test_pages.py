"""What pages notice."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.notify.rows import Rows
from mockserver.world.state.pages import GONE, Dirty, Folders, Page, PageList, PageSet

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
    for _, key, record, fresh in page.changes():
        if record is GONE or fresh:
            file.pop(key, None)
        if record is not GONE:
            file[key] = record


@given(st.lists(DEEDS))
def test_a_page_says_all_that_changed(deeds: list[tuple[str, str, int]]) -> None:
    """Who heeds it has the same keys, in the same order, however often it looks."""
    page, file = Page("page", []), dict[str, Any]()
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
    page = Page("page", [])
    assert page.setdefault("a", 1) == 1
    assert page.setdefault("a", 2) == 1
    assert page.pop("a") == 1
    assert page.pop("a", None) is None
    with pytest.raises(KeyError):
        page.pop("a")


def test_who_frees_a_table_is_not_noted() -> None:
    """It may have millions of records, of which the file is rid at once."""
    page = Page("page", [])
    page["a"] = 1
    list(page.changes())
    page.popitem()
    assert not page.changed


def test_a_set() -> None:
    """It says what was added."""
    page = PageSet("set", [])
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
    return [(change.key, change.record) for change in page.changes()]


def test_a_list_says_what_went() -> None:
    """By its SID, which page tokens may still name."""
    page = PageList([Row("A")], "list", [])
    page += [Row("B")]
    page.append(Row("C"))
    assert told(page) == [("0", Row("A")), ("1", Row("B")), ("2", Row("C"))]
    page[1] = None
    page[0] = Row("A", "other")
    assert told(page) == [("0", Row("A", "other")), ("1", "B")]
    assert told(page) == []


def looked(dirty: Dirty) -> list[tuple[str, str, Any]]:
    """What changed since the last look, on which page."""
    changed = dirty[:]
    dirty.clear()
    return [change[:3] for each in changed for change in each.changes()]


def test_what_changed_says_so_once() -> None:
    """However much did; and again after somebody looked."""
    dirty: Dirty = []
    page, other, kind = Page("page", dirty), Page("other", dirty), PageSet("set", dirty)
    page["a"] = 1
    page["b"] = 2
    page.touch("a")
    kind.add("x")
    kind.add("y")
    assert [each is page for each in dirty] == [True, False]

    assert len(looked(dirty)) == 4
    page.clear()
    other.touch("a")
    assert looked(dirty) == [
        ("page", "a", GONE),
        ("page", "b", GONE),
        ("other", "a", GONE),
    ]


def test_folders_of_dictionaries() -> None:
    """Each is a page from the moment on when it is there; one that goes goes with its keys."""
    dirty: Dirty = []
    folders = Folders("deleted", dirty)
    folder = folders.setdefault("one", {})
    folder["a"] = 1
    assert folders.setdefault("one", {}) is folder
    folders["two"] = {"b": 2}
    assert looked(dirty) == [("deleted/one", "a", 1), ("deleted/two", "b", 2)]
    folder["c"] = 3
    folders.pop("one")
    assert folders.pop("one", None) is None
    assert looked(dirty) == [("deleted/one", "a", GONE), ("deleted/one", "c", GONE)]
    assert looked(dirty) == []


def test_a_folder_that_another_one_replaces() -> None:
    """Only what is in the new one stays."""
    dirty: Dirty = []
    folders = Folders("deleted", dirty)
    folders["one"] = {"a": 1, "b": 2}
    looked(dirty)
    folders["one"]["a"] = 9
    folders["one"] = {"b": 3}
    assert looked(dirty) == [
        ("deleted/one", "a", GONE),
        ("deleted/one", "b", GONE),
        ("deleted/one", "b", 3),
    ]


def test_folders_of_rows() -> None:
    """The tables of Notify's services."""
    dirty: Dirty = []
    folders = Folders("rows", dirty)
    table: Rows[Row] = folders.setdefault("IS1", Rows())
    table.put(Row("A"))
    table.put(Row("B"))
    table.remove("A")
    assert looked(dirty) == [("rows/IS1", "0", "A"), ("rows/IS1", "1", Row("B"))]
    table.leave_out("C")
    assert looked(dirty) == [("rows/IS1", "2", "C")]
    table.put(Row("B", "other"))
    assert looked(dirty) == [("rows/IS1", "1", Row("B", "other"))]
    folders.pop("IS1")
    assert [key for _, key, _ in looked(dirty)] == ["0", "1", "2"]


def test_rows_that_were_there_before() -> None:
    """A table that is put with its rows."""
    dirty: Dirty = []
    folders, table = Folders("rows", dirty), Rows[Row]()
    table.put(Row("A"))
    table.leave_out("B")
    folders["IS1"] = table
    assert looked(dirty) == [("rows/IS1", "0", Row("A")), ("rows/IS1", "1", "B")]
