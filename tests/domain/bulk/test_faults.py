"""Paths, as they are written and ordered."""

from typing import Any

import pytest

from mockserver.domain.bulk.faults import MOST, Found, in_order, merged, written
from mockserver.domain.json_faults import NOWHERE, Fault


def test_paths_are_written_as_json_paths() -> None:
    """Plain names with a dot, others quoted, places in brackets; long names are cut."""
    assert written(()) == "$"
    assert written(("to", 3, "addresses", 0, "address")) == "$.to[3].addresses[0].address"
    assert written(("variables", "first name")) == "$.variables['first name']"
    assert written(("variables", "1")) == "$.variables['1']"
    assert written(("variables", "it's \\")) == "$.variables['it\\'s \\\\']"
    assert len(written(("variables", "x" * 10_000))) < 200


def test_order_is_that_of_the_document() -> None:
    """Not of the alphabet; the lowest code counts where a place has two faults."""
    document = {"to": [{"channel": 1, "address": 2}], "from": 1}
    found = [
        Found(("content",), 20001),
        Found(("from",), 21606),
        Found(("from",), 20001),
        Found(("to", 0, "address"), 21614),
        Found(("to", 0, "channel"), 20001),
        Found(("to", 0), 20001),
    ]
    assert [(one.path, one.code) for one in in_order(found, document)] == [
        (("to", 0), 20001),
        (("to", 0, "channel"), 20001),
        (("to", 0, "address"), 21614),
        (("from",), 20001),
        (("content",), 20001),
    ]


def test_order_takes_one_look_at_each_owner() -> None:
    """A hundred faults at the end of an object of a million names are told as soon as any."""

    class Counted(dict[str, Any]):
        looks = 0

        def __iter__(self) -> Any:
            Counted.looks += 1
            return super().__iter__()

    document = Counted({str(number): 1 for number in range(1_000)})
    found = [Found((str(number),), 20001) for number in reversed(range(900, 1_000))]
    assert [one.path for one in in_order(found, document)] == [
        (str(number),) for number in range(900, 1_000)
    ]
    assert Counted.looks == 1


def test_what_is_missing_stands_where_its_owner_ends() -> None:
    """And a step into something that is no object, or not that long, breaks nothing."""
    document = {"to": [{"channel": 1}], "from": "me"}
    paths = [("content",), ("from", "z"), ("from", "a"), ("to", 7, "x"), ("to", 0, "address")]
    found = [Found(path, 20001) for path in paths]
    assert [one.path for one in in_order(found, document)] == [
        ("to", 0, "address"),
        ("to", 7, "x"),
        ("from", "a"),
        ("from", "z"),
        ("content",),
    ]


@pytest.mark.parametrize(
    "path",
    [
        ("to", 3, "addresses", 0, "address"),
        ("variables", "first name"),
        ("variables", "1"),
        ("variables", "it's \\ [0].x"),
        ("variables", ""),
    ],
)
def test_faults_of_several_checks_are_merged(path: tuple[str | int, ...]) -> None:
    """By the paths that they were written with; the first of a place counts."""
    document: dict[str, Any] = {"content": {"text": 1}, str(path[0]): _deep(path[1:])}
    here, last = Fault(20001, "here", written(path)), Fault(20001, "last", "$.zzz")
    text, nowhere = Fault(21617, "text", "$.content.text"), Fault(20001, "nowhere", NOWHERE)
    again = Fault(20002, "again", written(path))
    assert merged([last, here, text, again, nowhere], document) == (nowhere, text, here, last)


def _deep(path: tuple[str | int, ...]) -> Any:
    """Something in which the path leads somewhere."""
    if not path:
        return 1
    return [0, 0, 0, _deep(path[1:])] if path[0] == 3 else {path[0]: _deep(path[1:])}


def test_merged_faults_are_not_too_many() -> None:
    """As many as one answer has."""
    faults = [Fault(20001, "", f"$.to[{number}]") for number in reversed(range(500))]
    told = merged(faults, {"to": [1] * 500})
    assert [one.context for one in told] == [f"$.to[{number}]" for number in range(MOST)]
