"""How a snapshot lies in its JSON."""

from typing import Any

import msgspec
import orjson
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.snapshot_form import KeptAccount, Snapshot
from mockserver.world.snapshot_layout import CHUNK, OPEN, chunks, laid

names = st.sampled_from(["at", "messages", "attempts", "x", *OPEN]) | st.text(max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(names, values, max_size=6))
def test_it_is_the_same_document(document: dict[str, Any]) -> None:
    """Whatever is laid is JSON of the same."""
    assert orjson.loads(b"".join(laid(document))) == document


def test_each_record_has_a_line() -> None:
    """And each field that holds none."""
    snapshot = Snapshot(1, [KeptAccount(), KeptAccount("AC2")], repeats={"SM1": 2})
    lines = b"".join(laid(snapshot)).split(b"\n")
    assert lines[:3] == [b"{", b'"at":1,', b'"accounts":[']
    assert [orjson.loads(line.rstrip(b","))["sid"] for line in lines[3:5]] == ["", "AC2"]
    assert lines[5] == b"],"
    assert lines[(place := lines.index(b'"repeats":{')) : place + 3] == [
        b'"repeats":{',
        b'"SM1":2',
        b"},",
    ]
    assert orjson.loads(b"".join(laid(snapshot))) == orjson.loads(msgspec.json.encode(snapshot))


def test_what_is_open_has_its_own_lines() -> None:
    """A store's blocks, an operation's columns, all that Notify has."""
    document = {
        "notify": {"users": [1, 2]},
        "stores": [{"id": "s", "blocks": [1, 2]}],
        "operations": [{"send": {"a": [1]}, "attempts": {"place": "", "courses": [3]}}],
    }
    lines = b"".join(laid(document)).decode().split("\n")
    assert lines == [
        *("{", '"notify":{', '"users":[', "1,", "2", "]", "},"),
        *('"stores":[', "{", '"id":"s",', '"blocks":[', "1,", "2", "]", "}", "],"),
        *('"operations":[', "{", '"send":{"a":[1]},', '"attempts":{', '"place":"",'),
        *('"courses":[', "3", "]", "}", "}", "]", "}", ""),
    ]


def test_lines_go_together() -> None:
    """In chunks, none of them large unless a line is; none is lost."""
    lines = [bytes([65 + place % 26]) * 1_000 for place in range(600)]
    lines[300:300] = [long := b"x" * (2 * CHUNK)]
    parts = list(chunks(lines))
    assert b"".join(parts) == b"".join(lines)
    assert [part is long for part in parts] == [False, False, True, False, False]
    assert all(len(part) <= CHUNK for part in parts if part is not long)


def test_a_long_value_is_not_put_together() -> None:
    """It takes as long as the rest of its line takes no time."""
    document = {"media_contents": {"a": "x" * CHUNK, "b": ""}}
    assert [len(part) for part in laid(document)][2:5] == [len('"a":'), CHUNK + 2, len(",\n")]
    assert orjson.loads(b"".join(laid(document))) == document
