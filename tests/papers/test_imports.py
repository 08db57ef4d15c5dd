"""What a user's process pays for importing us."""

import subprocess
import sys
from collections.abc import Set
from pathlib import Path

import pytest

HEAVY = {
    *("aiohttp", "orjson", "msgspec", "yaml", "jsonschema", "jsonschema_rs", "uvloop"),
    *("twilio", "phonenumbers", "defusedxml", "liquid", "faker", "requests", "httpx"),
}


def loaded(statement: str, directory: Path) -> Set[str]:
    """Modules that a fresh interpreter has after `statement`, beyond what it had before."""
    script = (
        "import sys; before = set(sys.modules)\n"
        f"{statement}\n"
        "print('\\n'.join(set(sys.modules) - before))"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    answer = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


@pytest.mark.parametrize("module", ["mockserver", "mockserver.pytest_plugin", "mockserver.handle"])
def test_the_test_process_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    """The server runs in a child process; the test's own process needs none of its libraries."""
    names = loaded(f"import {module}", tmp_path)
    assert module in names
    assert not names & HEAVY


def test_the_package_alone_is_next_to_nothing(tmp_path: Path) -> None:
    """`import mockserver` loads itself and its version; the handles come when asked for."""
    names = loaded("import mockserver", tmp_path)
    own = {name for name in names if name.startswith("mockserver")}
    assert own == {"mockserver", "mockserver.domain", "mockserver.domain.version"}
    assert not names & HEAVY


def test_the_settings_are_light(tmp_path: Path) -> None:
    """Reading settings needs neither a parser of arguments, nor of files that are not there."""
    statement = (
        "from pathlib import Path\nfrom mockserver.config import load\nload({}, {}, Path.cwd())"
    )
    names = loaded(statement, tmp_path)
    assert "mockserver.config" in names
    heavy = HEAVY - {"msgspec"}  # what records are made of
    assert not names & (heavy | {"argparse", "asyncio", "difflib", "tomllib"})


def test_the_command_line_starts_without_the_server(tmp_path: Path) -> None:
    """`twilio-mockserver version` and `--help` answer without loading what serves."""
    names = loaded("from mockserver.cli import main\nmain(['--version'])", tmp_path)
    assert not names & ((HEAVY - {"msgspec"}) | {"asyncio", "tomllib", "urllib.request"})
