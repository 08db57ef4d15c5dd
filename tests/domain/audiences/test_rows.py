"""Rows out of files that come in pieces."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.audiences.profiles import LONGEST
from mockserver.domain.audiences.rows import BadRow, CsvRows, JsonRows, Rows

PIECES = st.lists(st.integers(1, 40), min_size=1, max_size=20)
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The bytes in pieces of these sizes, and what is left."""
    for size in sizes:
        piece, data = data[:size], data[size:]
        yield piece
    yield data


def rows_of(rows: Rows, *pieces: bytes) -> list[tuple[int, Any]]:
    found = [row for piece in pieces for row in rows.feed(piece)]
    return [*found, *rows.end()]


def of_csv(text: str) -> list[tuple[int, Any]]:
    return rows_of(CsvRows(), text.encode())


def bad(rows: Rows, data: bytes) -> str:
    with pytest.raises(BadRow) as caught:
        rows_of(rows, data)
    assert str(caught.value) == f"line {caught.value.line}: {caught.value.reason}"
    return str(caught.value)


# CSV


def test_columns_are_traits_by_the_names_in_the_first_line() -> None:
    """A dot leads into a group; a cell with nothing in it is no trait; rows know their lines."""
    text = "contact.phone,firstName,contact.name\n+14155550123,Ada,Ada L.\n+14155550124,,\n"
    assert of_csv(text) == [
        (
            2,
            {
                "id": None,
                "traits": {
                    "firstName": "Ada",
                    "contact": {"phone": "+14155550123", "name": "Ada L."},
                },
            },
        ),
        (3, {"id": None, "traits": {"contact": {"phone": "+14155550124"}}}),
    ]


def test_a_column_may_be_the_profiles_id() -> None:
    """Which is no trait; nor is it needed."""
    found = of_csv("id,phone\nmem_profile_x,+1\n,+2\n")
    assert [row["id"] for _, row in found] == ["mem_profile_x", ""]
    assert [row["traits"] for _, row in found] == [{"phone": "+1"}, {"phone": "+2"}]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_as_they_do_anywhere(end: str) -> None:
    """The last one need not end at all, and empty ones count for nothing but their number."""
    text = end.join(["phone,name", "+1,Ada", "", "+2,Bob"])
    found = [(line, row["traits"]["name"]) for line, row in of_csv(text)]
    assert found == [(2, "Ada"), (4, "Bob")]


def test_the_mark_of_spreadsheets_is_no_part_of_a_name() -> None:
    """Excel begins UTF-8 with three bytes."""
    assert of_csv("\ufeffphone\n+1\n") == [(2, {"id": None, "traits": {"phone": "+1"}})]


def test_a_quoted_cell_may_have_commas_quotes_and_lines() -> None:
    """The row's line is the one that it begins on."""
    text = 'phone,note\n+1,"a, ""b""\nc"\n+2,d\n'
    found = [(line, row["traits"]["note"]) for line, row in of_csv(text)]
    assert found == [(2, 'a, "b"\nc'), (4, "d")]


@given(st.lists(st.tuples(CELLS, CELLS), max_size=12), PIECES)
def test_any_table_is_read_as_the_library_reads_it(
    table: list[tuple[str, str]], sizes: list[int]
) -> None:
    """Whatever pieces it comes in, in the middle of characters too."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("phone", "note"))
    writer.writerows(table)
    found = rows_of(CsvRows(), *cut(out.getvalue().encode(), sizes))
    wanted = [
        {name: cell for name, cell in (("phone", phone), ("note", note)) if cell}
        for phone, note in table
    ]
    assert [row["traits"] for _, row in found] == wanted


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: must name the columns, such as phone,firstName"),
        (b"name\nAda\n", "line 1: no column is called phone or contact.phone, but 'name'"),
        (b"phone;name\n", "line 1: no column is called phone or contact.phone, but 'phone;name'"),
        (b"+14155550123\n", "line 1: no column is called phone or contact.phone, but '+141555501"),
        (b"phone,\n", "line 1: a column is called ''"),
        (b"phone,a..b\n", "line 1: a column is called 'a..b'"),
        (b"phone,a,a\n", "line 1: a is there twice, or is a group as well"),
        (b"contact,contact.phone\n", "line 1: contact is there twice, or is a group as well"),
        (b"phone,name\n+1\n", "line 2: has 1 cells, not 2"),
        (b"phone,name\n+1,Ada,Bob\n", "line 2: has 3 cells, not 2"),
        (b"phone\n\xff\n", "line 2: is not UTF-8"),
        (b'phone,name\n+1,"Ada"x\n', "line 2: is not CSV: ',' expected after '\"'"),
        (b'phone,name\n+1,"Ada\n+2,Bob\n', "line 2: has a quote that is not closed"),
    ],
)
def test_what_is_no_table_is_told_with_its_line(data: bytes, said: str) -> None:
    """So that whoever made the file finds it."""
    assert bad(CsvRows(), data).startswith(said)


def test_an_endless_line_is_not_waited_for() -> None:
    """Nor a quote that is never closed: neither may fill the memory."""
    rows = CsvRows()
    list(rows.feed(b"phone,name\n+1,"))
    with pytest.raises(BadRow, match="line 2: is longer than"):
        list(rows.feed(b"x" * (LONGEST + 1)))
    quoted = b'phone,name\n+1,"' + b"Ada\n" * LONGEST
    assert bad(CsvRows(), quoted) == (
        f"line 2: is longer than {LONGEST} bytes, or a quote is not closed"
    )


# JSON Lines


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none())), PIECES)
def test_each_line_is_an_object(documents: list[dict[str, Any]], sizes: list[int]) -> None:
    """Whatever pieces they come in; the last line need not end."""
    data = "\n".join(json.dumps(each) for each in documents).encode()
    found = rows_of(JsonRows(), *cut(data, sizes))
    assert found == list(enumerate(documents, 1))


def test_empty_lines_count_for_nothing_but_their_number() -> None:
    """So do the mark of spreadsheets and what Windows ends lines with."""
    data = b'\xef\xbb\xbf{"phone":"+1"}\r\n\r\n  \n{"phone":"+2"}\n'
    assert rows_of(JsonRows(), data) == [(1, {"phone": "+1"}), (4, {"phone": "+2"})]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a":1}\n{"a":', "line 2: is not JSON: "),
        (b"phone,name\n", "line 1: is not JSON: "),
        (b'[{"a":1},\n', "line 1: is a list; write one object on each line"),
        (b'{"a":"\xff"}\n', "line 1: is not JSON: "),
        (b"[" * 60_000 + b"\n", "line 1: is nested too deeply"),
        (b"x" * (LONGEST + 1), "line 1: is longer than"),
    ],
)
def test_what_is_no_json_is_told_with_its_line(data: bytes, said: str) -> None:
    """A list of objects in one document is a frequent slip."""
    assert bad(JsonRows(), data).startswith(said)


def reason(rows: Rows, pieces: Iterator[bytes]) -> str:
    """Why they cannot be read, if that is so."""
    try:
        rows_of(rows, *pieces)
    except BadRow as wrong:
        return str(wrong)
    return ""


@given(st.binary(max_size=200), PIECES)
def test_any_bytes_give_rows_or_a_reason(data: bytes, sizes: list[int]) -> None:
    """Of either kind; never another exception."""
    for rows in (CsvRows(), JsonRows()):
        said = reason(rows, cut(data, sizes))
        assert not said or said.startswith("line ")
