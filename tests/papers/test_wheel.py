"""The wheel has what it needs, and what it has works away from the checkout."""

import json
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Mapping, Set
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout as it is now."""
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents installed, without its dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    run(*f"-m pip install --quiet --no-deps --no-index --target {folder} {wheel}".split())
    return folder


def run(*words: str, cwd: Path | None = None) -> str:
    """Run Python; its standard output."""
    done = subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder: str) -> Set[str]:
    """What the checkout has in a folder, as paths from its root; no bytecode."""
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_holds_the_package_and_its_data(wheel: Path) -> None:
    """Every module, `py.typed`, all schemas and scenarios; no tests, no benchmarks."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert files("mockserver") <= names
    assert {f"mockserver/{name}" for name in files("schemas") | files("scenarios")} <= names
    assert "mockserver/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mockserver"}


def test_the_wheel_says_who_it_is(wheel: Path) -> None:
    """Licence, command, pytest plugin, Python version and the bounds on aiohttp."""
    archive = zipfile.ZipFile(wheel)
    about = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
    assert b"MIT License" in archive.read(about["licenses/LICENSE"])
    entries = archive.read(about["entry_points.txt"]).decode()
    assert "[console_scripts]\ntwilio-mockserver = mockserver.cli:main" in entries
    assert "[pytest11]\ntwilio-mockserver = mockserver.pytest_plugin" in entries
    metadata = archive.read(about["METADATA"]).decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "Requires-Dist: aiohttp<4,>=" in metadata


def test_an_installed_wheel_serves(
    installed: Path,
    tmp_path: Path,
    running: Callable[[Path, Path], AbstractContextManager[str]],
    post: Callable[[str, Mapping[str, str]], bytes],
) -> None:
    """Away from the checkout the server starts, is well, and takes a message."""
    with running(installed, tmp_path) as base_url:
        with urllib.request.urlopen(f"{base_url}/_mock/health", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        message = json.loads(
            post(base_url, {"To": "+14155550100", "From": "+14155550123", "Body": "Hi"})
        )
    assert (message["status"], message["body"]) == ("queued", "Hi")


def places(packages: Path, directory: Path) -> list[Path]:
    """Where a Python that looks into `packages` first finds the package and its data."""
    script = (
        f"import sys; sys.path.insert(0, {str(packages)!r})\n"
        "import mockserver; from mockserver.world.schema_files import folder\n"
        "print(mockserver.__file__, folder('schemas'), folder('scenarios'), sep='\\n')"
    )
    return [Path(line) for line in run("-c", script, cwd=directory).splitlines()]


def test_the_installed_wheel_is_what_ran(installed: Path, tmp_path: Path) -> None:
    """The test above would be worth nothing if the checkout answered for the wheel."""
    package = installed / "mockserver"
    found = places(installed, tmp_path)
    assert found == [package / "__init__.py", package / "schemas", package / "scenarios"]


def test_a_checkout_uses_its_own_data(tmp_path: Path) -> None:
    """From a checkout or an editable install, an edit of `schemas/` or `scenarios/` is seen."""
    found = places(ROOT, tmp_path)
    assert found == [ROOT / "mockserver/__init__.py", ROOT / "schemas", ROOT / "scenarios"]
