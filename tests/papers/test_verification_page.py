"""`docs/verification.md` keeps its word."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.handles.filters import Invariants
from mockserver.world.scenarios.checking import complaints
from mockserver.world.verifying.reading import KINDS, read

PAGE: Final = (Path(__file__).parents[2] / "docs" / "verification.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_examples() -> None:
    """So that the next tests cannot pass by running none."""
    assert "invariants" in blocks("python")[0]
    assert len(blocks("json")) == 4


@pytest.mark.parametrize("example", blocks("python"))
def test_examples_work(example: str, tmp_path: Path) -> None:
    """Each runs as it stands, from anywhere, without a word."""
    ran = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("example", blocks("json"))
def test_requests_are_requests(example: str) -> None:
    """By the schema, and by what they say."""
    document: Any = json.loads(example)
    assert complaints(document, "control/Verify") == []
    assert read(document, 0)


def test_every_check_is_there() -> None:
    """And every switch of the invariants."""
    rows = re.findall(r"^\| `([a-z_]+): ", PAGE, re.MULTILINE)
    assert set(rows) == set(KINDS)
    switches = PAGE.partition("## Invariants")[2]
    missing = [name for name in Invariants.__annotations__ if f"`{name}" not in switches]
    assert missing == []
