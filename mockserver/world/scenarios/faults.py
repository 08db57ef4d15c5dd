"""What is wrong with a document, and where."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

SHOWN: Final = 100
"""Things that are wrong with a document, of which each is told; ours."""

Path = tuple[str | int, ...]
"""The way to a value: keys, and places in lists."""


class Place(NamedTuple):
    """Line and column, from 1; 0 where there are none, as in JSON that came over the wire."""

    line: int = 0
    column: int = 0


class Complaint(NamedTuple):
    """Something wrong at a path, before anybody asks for its line."""

    path: Path
    message: str
    hint: str = ""
    """What was probably meant."""
    at_key: bool = False
    """The key itself is wrong, not its value."""


class Misfit(ValueError):
    """A value that its neighbours or the catalogues contradict; the path is relative."""

    def __init__(self, path: Path, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint

    def under(self, path: Path) -> Complaint:
        """The complaint, for a document that has the value's owner at `path`."""
        return Complaint((*path, *self.path), self.message, self.hint)


class Places(msgspec.Struct, frozen=True):
    """Where a document's keys and values stand in its text."""

    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]

    def of(self, complaint: Complaint) -> Place:
        """Where to point: at the value, at its key where that is wrong, else at what holds it."""
        path = complaint.path
        if complaint.at_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place())


NOWHERE = Places({}, {})


class ScenarioFault(msgspec.Struct, frozen=True):
    """One thing wrong with a scenario, ready to be shown."""

    path: str
    """As `delivery[0].outcome`; "" for the document as a whole."""
    line: int
    """From 1; 0 where the document has no lines."""
    column: int
    message: str
    hint: str = ""
    """What was probably meant; "" where nothing comes near."""

    def rendered(self, source: str) -> str:
        """`bad.yaml:12:5: delivery[0].outcom: unknown key; did you mean 'outcome'?`."""
        where = f"{source}:{self.line}:{self.column}" if self.line else source
        meant = f"; did you mean {self.hint!r}?" if self.hint else ""
        return ": ".join(part for part in (where, self.path, self.message + meant) if part)


class ScenarioError(ValueError):
    """A scenario cannot be used; says all that is wrong with it, one a line."""

    def __init__(self, source: str, faults: Iterable[ScenarioFault]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.rendered(source) for fault in self.faults))


class UnknownScenario(ScenarioError):
    """There is none of that name."""


def error(source: str, complaints: Iterable[Complaint], places: Places = NOWHERE) -> ScenarioError:
    """The complaints with their places, in the order of the text."""
    faults = (
        ScenarioFault(dotted(each.path), *places.of(each), each.message, each.hint)
        for each in complaints
    )
    ordered = sorted(faults, key=lambda fault: (fault.line, fault.column))
    more = len(ordered) - SHOWN
    rest = [ScenarioFault("", 0, 0, f"and {more} more")] if more > 0 else []
    return ScenarioError(source, [*ordered[:SHOWN], *rest])


def dotted(path: Path) -> str:
    """`delivery[0].outcome`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
