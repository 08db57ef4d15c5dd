"""The list of every error of creating and delivering: none is forgotten, none is only claimed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage

HOME = Path(__file__).parents[2]
ROWS_FILE = Path(__file__).with_name("rows") / "rows.json"
GENERATE = ROWS_FILE.with_name("generate.py")
FACTS = HOME.parent / "shared/facts/messaging.md"

ROWS: list[dict[str, Any]] = json.loads(ROWS_FILE.read_text("utf-8"))


def told(row: dict[str, Any]) -> str:
    return f"{row['section']}/{row['code']}"


def test_the_list_is_that_of_the_facts() -> None:
    """Made again, it is the same; what is new in the facts has to be judged."""
    if not FACTS.exists():
        pytest.skip(f"the facts are not here: {FACTS.name}")
    made = subprocess.run(
        [sys.executable, str(GENERATE), "--check"], capture_output=True, text=True, check=False
    )
    assert (made.stdout, made.stderr, made.returncode) == ("", "", 0)


def test_a_row_is_there_once() -> None:
    """By its section and code."""
    names = [told(row) for row in ROWS]
    assert len(names) > 150
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", ROWS, ids=told)
def test_a_row_is_shown_or_explained(row: dict[str, Any]) -> None:
    """What a client can cause has tests, what none can has a reason; and nothing has both."""
    assert row["client"] is not None, "whether a client can cause it has to be judged"
    if row["client"]:
        assert row["tests"], "a test has to show it"
        assert not row["reason"]
    else:
        assert row["reason"], "why no client can cause it has to be said"
        assert not row["tests"]


def _claimed() -> Iterator[str]:
    for row in ROWS:
        yield from row["tests"]


def test_the_tests_exist() -> None:
    """Every id that the list names is one that pytest collects, and is about its row's code."""
    files = sorted({name.partition("::")[0] for name in _claimed()})
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    made = subprocess.run([*asked, *files], cwd=HOME, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    collected = set(made.stdout.splitlines())
    assert [name for name in _claimed() if name not in collected] == []
    strays = [(told(row), name) for row in ROWS for name in row["tests"]]
    assert [each for each in strays if each[0][4:] not in each[1]] == []


OTHERS = [row for row in ROWS if row["section"] == "3.4" and not row["client"]]


@pytest.mark.parametrize("row", OTHERS, ids=told)
def test_what_no_client_can_cause(stage: "MakeStage", row: dict[str, Any]) -> None:
    """A fault rule answers with it all the same: its code, its status, the text that is wanted."""
    on = stage({"faults": [{"then": {"error": row["code"], "message": "As arranged"}}]})
    with pytest.raises(TwilioRestException) as refused:
        on.client.messages.create(to="+14155552671", from_="+15017122661", body="Ahoy")
    assert (refused.value.code, refused.value.status) == (row["code"], row["answers"])
    assert refused.value.msg == "Unable to create record: As arranged"
    assert on.control("GET", "/messages")["total"] == 0
