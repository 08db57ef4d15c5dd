"""Scenarios by name, from folders of files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from mockserver.domain.faults import Scenario
from mockserver.domain.matching import near
from mockserver.world.scenarios.faults import Complaint, ScenarioError, UnknownScenario, error
from mockserver.world.scenarios.parameters import Values, spelt
from mockserver.world.scenarios.reading import NONE_CHOSEN, from_document, parse

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""JSON is read as YAML, which has lines."""


Stamp = tuple[int, int]


class _Kept(NamedTuple):
    stamps: dict[Path, Stamp]
    """Of its file, and of those that it builds upon."""
    scenario: Scenario


class _Shelf(NamedTuple):
    """Where a file's bases are looked for: beside it, then in folders, the last one first."""

    folders: tuple[Path, ...]
    chain: tuple[Path, ...]
    """The file, and those that are read because of it."""
    stamps: dict[Path, Stamp]

    def find(self, name: str, chosen: Values) -> Scenario:
        """As `Bases` has it. A file is never its own base: one of that name further on is."""
        files = [path for folder in reversed(self.folders) for path in _named(folder, name)]
        for path in files:
            if path.resolve() not in self.chain:
                return self.read(path, chosen)
        if files:
            told = " → ".join(path.stem for path in (*self.chain, files[0]))
            raise error("", [Complaint((), f"goes round in a circle: {told}")])
        known = [path.stem for folder in self.folders for path in _files(folder)]
        path = Path(name)
        bare = path.stem if path.suffix in SUFFIXES else path.name
        fix = "" if bare == name else ": name it without folder and suffix, as one beside this file"
        raise error("", [Complaint((), f"there is no scenario {name!r}{fix}", near(bare, known))])

    def read(self, path: Path, chosen: Values) -> Scenario:
        """The scenario in a file; raise `ScenarioError`."""
        self.stamps[path] = _stamp(path)
        folders = (*self.folders, path.parent)
        shelf = _Shelf(folders, (*self.chain, path.resolve()), self.stamps)
        return parse(_text(path), str(path), chosen, shelf)


def read_file(path: Path, chosen: Values = NONE_CHOSEN, folders: Iterable[Path] = ()) -> Scenario:
    """The scenario in a file, called after it unless it says otherwise; raise `ScenarioError`.

    What it builds upon is beside it, or in `folders`.
    """
    return _Shelf(tuple(folders), (), {}).read(path, chosen)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as wrong:
        complaint = Complaint((), f"cannot be read: {wrong.strerror}")
        raise error(str(path), [complaint]) from wrong
    except UnicodeDecodeError as wrong:
        complaint = Complaint((), f"is not UTF-8, from byte {wrong.start} on")
        raise error(str(path), [complaint]) from wrong


def _files(folder: Path) -> list[Path]:
    """The scenarios in a folder."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]


def _named(folder: Path, name: str) -> list[Path]:
    return [path for path in _files(folder) if path.stem == name]


def _stamp(path: Path) -> Stamp:
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

    def get(self, name: str, chosen: Values = NONE_CHOSEN) -> Scenario:
        """The scenario; raise `UnknownScenario` with the nearest name, or `ScenarioError`.

        `chosen` are values for its parameters.
        """
        files = self._files()
        if name not in files:
            meant = near(name, files)
            told = "" if meant else ": `twilio-mockserver scenarios` lists those that there are"
            complaint = Complaint((), f"there is no scenario {name!r}{told}", meant)
            raise UnknownScenario("scenarios", error("", [complaint]).faults)
        return self._read(files[name], chosen)

    def find(self, text: str) -> Scenario:
        """The scenario that `--scenario` means: a file when `text` looks like one, else a name.

        Values for its parameters may follow, as in `flaky-api:share=0.5`.
        """
        name, chosen = spelt(text)
        path = Path(name)
        looks_like_a_file = path.suffix in SUFFIXES or path.name != name
        if looks_like_a_file:
            return read_file(path, chosen, self._folders)
        return self.get(name, chosen)

    def read(self, document: object, chosen: Values = NONE_CHOSEN) -> Scenario:
        """A scenario that came as JSON, upon those that are here; raise `ScenarioError`."""
        return from_document(document, chosen, _Shelf(self._folders, (), {}))

    def _files(self) -> dict[str, Path]:
        return {path.stem: path for folder in self._folders for path in _files(folder)}

    def _read(self, path: Path, chosen: Values = NONE_CHOSEN) -> Scenario:
        if chosen:
            return self._fresh(path, chosen).scenario
        kept = self._kept.get(path)
        if kept is None or any(_stamp(file) != stamp for file, stamp in kept.stamps.items()):
            kept = self._kept[path] = self._fresh(path, chosen)
        return kept.scenario

    def _fresh(self, path: Path, chosen: Values) -> _Kept:
        shelf = _Shelf(self._folders, (), {})
        return _Kept(shelf.stamps, replace(shelf.read(path, chosen), name=path.stem))

    def _summary(self, path: Path) -> str:
        try:
            return self._read(path).summary
        except ScenarioError as wrong:
            return f"broken: {wrong.faults[0].rendered(path.name)}"
