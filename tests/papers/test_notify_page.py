"""`docs/notify.md` keeps its word."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import asdict

from mockserver.domain.options import USUAL
from mockserver.world.scenarios import from_document

PAGE: Final = (Path(__file__).parents[2] / "docs" / "notify.md").read_text(encoding="utf-8")
EXAMPLES: Final = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_examples() -> None:
    """So that the next test cannot pass by running none."""
    assert any("/twilionotify/" in example for example in EXAMPLES)
    assert any("push_deliveries" in example for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
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


def test_its_options_are_options() -> None:
    """Those that it names are keys of a scenario."""
    named = set(re.findall(r"`(murano_[a-z_]+)`", PAGE))
    values = {"murano_service_sid": "IS" + "a" * 32, "murano_strict_strings": True}
    assert named == values.keys()
    assert from_document({"name": "x", "options": values}).options == values


def test_its_settings_are_options_as_they_are_without_a_scenario() -> None:
    """Each row has an option of Notify and its default, and no option is left out."""
    rows = dict(re.findall(r"^\| `([a-z_]+): (\w+)` \|", PAGE, re.MULTILINE))
    ours = {name for name in asdict(USUAL) if name.startswith(("notify_", "push_"))}
    assert rows == {name: str(getattr(USUAL, name)) for name in ours}
