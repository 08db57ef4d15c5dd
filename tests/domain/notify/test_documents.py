"""JSON in parameters: what is read, and how one document is put over another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.notify.documents import merged, read_object, size
from mockserver.domain.notify.limits import DEPTH

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@given(DOCUMENTS)
def test_an_object_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    """With blanks or without, every client writes the same."""
    assert read_object(json.dumps(document)) == document
    assert read_object(json.dumps(document, separators=(",", ":"), indent=1)) == document


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", "nonsense", "[]", '"a"', "1", "null", "true", '{"a":1} b', "{'a':1}"),
        *('{"a":NaN}', '{"a":Infinity}', '{"a":1e999}', '{"a":"\\ud800"}', "{a:1}", '{"a":1,}'),
        *(nested(100_000), '{"a":' + "[" * 100_000),
    ],
)
def test_all_else_is_not_read(text: str) -> None:
    """Neither what is no JSON, nor what is no object, nor what no other program could read."""
    assert read_object(text) is None


def test_the_deepest() -> None:
    """So many levels are read, and not one more; lists count as well."""
    assert read_object(nested(DEPTH)) is not None
    assert read_object(nested(DEPTH + 1)) is None
    assert read_object('{"a":' + "[" * DEPTH + "]" * DEPTH + "}") is None


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    """As in any JSON parser."""
    assert read_object('{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({}, {"a": None}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3, "d": 4}}, {"a": {"b": 1, "c": 3, "d": 4}}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": "text"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": None}}}, {"a": {"b": {"c": 1}}}),
    ],
)
def test_one_over_another(
    base: dict[str, Any], over: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Objects are merged, all else is replaced; a null takes nothing away."""
    assert merged(base, over) == expected


@given(DOCUMENTS, DOCUMENTS)
def test_nothing_is_taken_away(base: dict[str, Any], over: dict[str, Any]) -> None:
    """Every key of both is there, and neither document changes."""
    before = json.dumps([base, over])
    made = merged(base, over)
    assert made.keys() == base.keys() | over.keys()
    assert json.dumps([base, over]) == before
    assert merged(made, over) == made


def test_size_is_that_of_the_shortest_json() -> None:
    """In bytes of UTF-8."""
    assert size({"a": "é", "b": [1, 2]}) == len('{"a":"é","b":[1,2]}'.encode())
