"""README keeps its word: what it shows is run here."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NoReturn

import pytest
import yaml

from mockserver.domain.faults import SECTIONS
from mockserver.world.scenarios import parse
from mockserver.world.schema_files import folder

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")

SEND_CODE: Final = """
def send_code(client, to):
    client.messages.create(to=to, from_="+15017122661", body="Your code is 123456")
"""
"""What README calls "your code"."""


def blocks(language: str, paper: str = README) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", paper, re.DOTALL)


@pytest.mark.parametrize(
    "paper",
    [
        *("README.md", "docs/python.md", "docs/webhooks.md", "docs/weather.md"),
        *("docs/comms.md", "docs/events.md"),
    ],
)
def test_the_first_example_works(paper: str, tmp_path: Path) -> None:
    """The first Python block runs as it stands, from anywhere."""
    ran = subprocess.run(
        [sys.executable, "-c", blocks("python", (ROOT / paper).read_text(encoding="utf-8"))[0]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_example_of_forks_works(tmp_path: Path) -> None:
    """As it stands, too."""
    _, example = blocks("python", (ROOT / "docs/python.md").read_text(encoding="utf-8"))
    ran = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_bulk_example_works(tmp_path: Path) -> None:
    """Ten thousand recipients, one of whom gets nothing."""
    [example] = [block for block in blocks("python") if "comms" in block]
    ran = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_example_stands_on_the_first_screen() -> None:
    """Somebody who opens README sees what it is, how to install it and how to use it."""
    screen = README.splitlines()[:30]
    assert any("pip install" in line for line in screen)
    assert "```python" in screen


def test_the_pytest_examples_pass(pytester: pytest.Pytester) -> None:
    """The block about pytest passes with somebody's application in front of it."""
    pytester.makepyfile(SEND_CODE + blocks("python")[1])
    ran = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    ran.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/2010-04-01/", ('"status": "queued"', '"body":"Hello"')),
        ("/comms/v1/", ('"operationId":"comms_operation_', '"recipients":2')),
    ],
)
def test_the_shell_examples_work(
    path: str,
    said: tuple[str, ...],
    running: Callable[[Path, Path], AbstractContextManager[str]],
    tmp_path: Path,
    missing: Callable[[str, str], NoReturn],
) -> None:
    """The `curl` lines send messages to a running server, and find them there."""
    if shutil.which("curl") is None:
        missing("curl", "the examples need it")
    [commands] = [block for block in blocks("console") if "curl" in block and path in block]
    script = re.sub(r"^\$ ", "", commands, flags=re.MULTILINE)
    with running(tmp_path, tmp_path) as url:
        ran = subprocess.run(
            ["sh", "-e", "-c", script.replace("http://localhost:2010", url)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert all(each in ran.stdout for each in said)


def test_the_scenario_is_one(tmp_path: Path) -> None:
    """The YAML block is a scenario without a mistake."""
    scenario = parse(blocks("yaml")[0], "README.md")
    sizes = {name: len(scenario.rules(name)) for name in SECTIONS}
    assert scenario.name == "bad-tuesday"
    assert sizes == {"delivery": 1, "faults": 2, "weather": 1, "handsets": 1}
    assert len(scenario.steps) == 2


def test_the_audiences_are_a_scenario(tmp_path: Path) -> None:
    """Stores and cohorts as `docs/comms.md` has them, with the file that they name."""
    (tmp_path / "people.csv").write_text("phone,firstName\n+14155552671,Bob\n", encoding="utf-8")
    paper = (ROOT / "docs" / "comms.md").read_text(encoding="utf-8")
    given = parse(blocks("yaml", paper)[0], str(tmp_path / "campaign.yaml")).given
    assert [each.name for each in given.stores] == ["customers"]
    assert [each.name for each in given.cohorts] == ["vips", "testers", "crowd", "imported"]


def test_every_ready_made_scenario_has_a_row() -> None:
    """The table names those that there are, each with the parameters that it has."""
    row = re.compile(r"^\| `([a-z-]+)` \| (.+) \|$", re.MULTILINE)
    section = README.partition("\n## Scenarios\n")[2].partition("\n## ")[0]
    told = {name: _parameters(text) for name, text in row.findall(section)}
    files = folder("scenarios").glob("*.yaml")
    texts = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    assert told == {name: list(text.get("parameters", ())) for name, text in texts.items()}


def _parameters(text: str) -> list[str]:
    """What stands in brackets at the end."""
    last = re.search(r"\(([^()]*)\)$", text)
    return re.findall(r"`([a-z0-9_]+)`", last[1]) if last else []


@pytest.mark.parametrize("target", ["run", "test", "bench"])
def test_the_make_targets_exist(target: str) -> None:
    """README names `make run`, `make test` and `make bench`."""
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_no_internal_path_is_named_that_is_not_there() -> None:
    """Files that the papers point at exist."""
    papers = README + (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    for named in re.findall(r"`((?:mockserver|docs|tests)/[\w/.]+)`", papers):
        assert (ROOT / named).exists(), named
