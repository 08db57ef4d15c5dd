"""Laying anew what lies otherwise."""

import subprocess
import sys
from typing import Any

import orjson
import pytest

from mockserver.world.snapshot_relay import relaid

RELAY = (sys.executable, "-m", "mockserver.world.snapshot_relay")


def outline(document: object) -> Any:
    return orjson.loads(next(relaid(orjson.dumps(document))))


def test_the_document_comes_after_its_outline() -> None:
    """Line by line; whatever its layout was."""
    document = {"at": 1, "accounts": [{}], "messages": [{"a": [1, 2]}, {"b": "ü"}]}
    for option in (0, orjson.OPT_INDENT_2):
        _, *lines = relaid(orjson.dumps(document, option=option))
        assert b'{"a":[1,2]},\n' in lines
        assert orjson.loads(b"".join(lines)) == document


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, 1),
        ([{"a": 1}, {"b": 2}], [{}]),
        ([{"a": 1}, "b", [3]], [{}, "", []]),
        ({"a": "b", "c": "d"}, {"a": ""}),
        ({"a": "b", "c": 1}, {"a": "", "c": 1}),
        ([], []),
    ],
)
def test_an_outline_tells_kinds(value: object, shown: object) -> None:
    """As much as a schema wants to see, and little else."""
    assert outline({"x": value}) == {"x": shown}


@pytest.mark.parametrize(("document", "shown"), [([1, 2], []), ("x", ""), (3, 3), (None, None)])
def test_what_is_no_object(document: object, shown: object) -> None:
    """Its outline says so, and nothing comes after it."""
    assert list(map(orjson.loads, relaid(orjson.dumps(document)))) == [shown]


def test_nothing_at_all() -> None:
    """Is an empty object, as for every call."""
    assert orjson.loads(next(relaid(b" \n"))) == {}


def test_as_a_process() -> None:
    """The same on standard output."""
    content = orjson.dumps({"at": 1, "numbers": [{"a": 1}, {"b": 2}]})
    done = subprocess.run(RELAY, input=content, capture_output=True, check=True)
    assert done.stdout == b"".join(relaid(content))


@pytest.mark.parametrize("content", [b"{", b'{"a": \xff}', b"[" * 5_000])
def test_a_process_ends_with_what_is_wrong(content: bytes) -> None:
    """Status 1, and a sentence."""
    done = subprocess.run(RELAY, input=content, capture_output=True, check=False)
    assert done.returncode == 1
    assert 0 < len(done.stderr.splitlines()) < 3
