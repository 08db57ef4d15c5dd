"""What is wrong with a request, and where: many at once, in the document's order."""

import re
from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec

from mockserver.domain.json_faults import NOWHERE, Fault
from mockserver.domain.titles import TITLES

Path = tuple[str | int, ...]
"""Keys and places from the top of the document."""

MOST: Final = 100
"""Faults of one answer; ours."""

GENERAL: Final = 20001
"""The code of whatever has none of its own. Source: as Twilio's newer APIs answer."""

PHONE_CODE: Final = 21614
BAD_PHONE: Final = "The address specified in the request is not a valid phone number."

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_LONGEST_KEY: Final = 100
"""Characters of a caller's key that are shown."""


class Found(msgspec.Struct, frozen=True):
    """A fault with its path, before it is written down."""

    path: Path
    code: int
    said: str = ""
    """What `message` says after the field's name; "" for the text that the code has."""

    def fault(self) -> Fault:
        """As it is answered."""
        return Fault(self.code, self._message(), written(self.path))

    def _message(self) -> str:
        if self.code == PHONE_CODE:
            return BAD_PHONE
        field = next((step for step in reversed(self.path) if isinstance(step, str)), "body")
        said = f"{field[:_LONGEST_KEY]} {self.said}" if self.said else ""
        if self.code == GENERAL:
            return f"Invalid parameter: {said}."
        title = TITLES[self.code]
        return f"{title} ({said})" if said else title


NOT_JSON: Final = Fault(GENERAL, "Invalid parameter: body must be a JSON object.", NOWHERE)
"""The body cannot be read, or is no object."""


def written(path: Path) -> str:
    """The path as Twilio writes it."""
    return "$" + "".join(map(_step, path))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN(step):
        return f".{step[:_LONGEST_KEY]}"
    shown = step[:_LONGEST_KEY].replace("\\", "\\\\").replace("'", "\\'")
    return f"['{shown}']"


def in_order(found: Iterable[Found], document: Any) -> list[Found]:
    """One for each place, in the document's order; what is missing stands where its owner ends."""
    first: dict[Path, Found] = {}
    for one in sorted(found, key=lambda one: (one.code, one.said)):
        first.setdefault(one.path, one)
    return [first[path] for path in _sorted(list(first), document, 0)]


def merged(faults: Iterable[Fault], document: Any) -> tuple[Fault, ...]:
    """The same of faults that several checks have written down already, at most `MOST`."""
    first: dict[Path, Fault] = {}
    for one in faults:
        first.setdefault(_path(one.context), one)
    return tuple(first[path] for path in _sorted(list(first), document, 0)[:MOST])


_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]|\['((?:[^'\\]|\\.)*)'\]")


def _path(context: str) -> Path:
    """What `written` made the text of; of a key that was cut, what is left of it."""
    steps = (found.groups() for found in _STEP.finditer(context))
    return tuple(
        int(place) if place else name or re.sub(r"\\(.)", r"\1", quoted)
        for name, place, quoted in steps
    )


def _sorted(paths: list[Path], owner: Any, depth: int) -> list[Path]:
    """Paths whose first `depth` steps lead to `owner`, which is gone through once."""
    here = [path for path in paths if len(path) == depth]
    below: dict[str | int, list[Path]] = {}
    for path in paths:
        if len(path) > depth:
            below.setdefault(path[depth], []).append(path)
    for step in _by_place(below, owner):
        here += _sorted(below[step], _child(step, owner), depth + 1)
    return here


def _by_place(steps: Collection[str | int], owner: Any) -> list[str | int]:
    """The children of an owner as they stand in it, then those that are missing."""
    if len(steps) == 1:
        return list(steps)
    there = [key for key in owner if key in steps] if isinstance(owner, dict) else []
    missing = set(steps).difference(there)
    return there + sorted(missing, key=lambda step: (isinstance(step, str), step))


def _child(step: str | int, owner: Any) -> Any:
    if isinstance(owner, dict):
        return owner.get(step)
    inside = isinstance(owner, list) and isinstance(step, int) and step < len(owner)
    return owner[step] if inside else None
