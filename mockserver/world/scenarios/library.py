"""Scenarios by name, from folders of files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from mockserver.domain.faults import Scenario
from mockserver.domain.matching import near
from mockserver.world.scenarios.faults import Complaint, ScenarioError, UnknownScenario, error
from mockserver.world.scenarios.reading import parse

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""JSON is read as YAML, which has lines."""


class _Kept(NamedTuple):
    stamp: tuple[int, int]
    scenario: Scenario


def read_file(path: Path) -> Scenario:
    """The scenario in a file, called after it unless it says otherwise; raise `ScenarioError`."""
    try:
        return parse(path.read_text("utf-8"), str(path))
    except OSError as wrong:
        complaint = Complaint((), f"cannot be read: {wrong.strerror}")
        raise error(str(path), [complaint]) from wrong
    except UnicodeDecodeError as wrong:
        complaint = Complaint((), f"is not UTF-8, from byte {wrong.start} on")
        raise error(str(path), [complaint]) from wrong


def _stamp(path: Path) -> tuple[int, int]:
    """What changes with the file; nothing for one that is gone, which reading it then reports."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


class Library:
    """The scenarios in some folders; a later folder's win over an earlier one's of the same name.

    A scenario's name is that of its file. Files are read when they are asked for, and again once
    they have changed, so a broken one troubles only those who ask for it.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._kept: dict[Path, _Kept] = {}

    def names(self) -> list[str]:
        """In alphabetical order."""
        return sorted(self._files())

    def summaries(self) -> list[tuple[str, str]]:
        """Names with their sentences; for a broken file, what is wrong with it."""
        return [(name, self._summary(path)) for name, path in sorted(self._files().items())]

    def get(self, name: str) -> Scenario:
        """The scenario; raise `UnknownScenario` with the nearest name, or `ScenarioError`."""
        files = self._files()
        if name not in files:
            complaint = Complaint((), f"there is no scenario {name!r}", near(name, files))
            raise UnknownScenario("scenarios", error("", [complaint]).faults)
        return self._read(files[name])

    def find(self, text: str) -> Scenario:
        """The scenario that `--scenario` means: a file when `text` looks like one, else a name."""
        path = Path(text)
        looks_like_a_file = path.suffix in SUFFIXES or path.name != text
        return read_file(path) if looks_like_a_file else self.get(text)

    def check(self) -> list[ScenarioError]:
        """What is wrong with the files, one error for each broken one."""
        return [wrong for path in self._files().values() if (wrong := self._trouble(path))]

    def _files(self) -> dict[str, Path]:
        return {
            path.stem: path
            for folder in self._folders
            if folder.is_dir()
            for path in sorted(folder.iterdir())
            if path.suffix in SUFFIXES
        }

    def _read(self, path: Path) -> Scenario:
        stamp = _stamp(path)
        kept = self._kept.get(path)
        if kept is None or kept.stamp != stamp:
            kept = _Kept(stamp, replace(read_file(path), name=path.stem))
            self._kept[path] = kept
        return kept.scenario

    def _trouble(self, path: Path) -> ScenarioError | None:
        try:
            self._read(path)
        except ScenarioError as wrong:
            return wrong
        return None

    def _summary(self, path: Path) -> str:
        try:
            return self._read(path).summary
        except ScenarioError as wrong:
            return f"broken: {wrong.faults[0].rendered(path.name)}"
