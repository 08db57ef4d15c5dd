"""What is wrong with a request, and where: many at once, in the document's order."""

import re
from collections.abc import Iterable
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
    ranked = sorted((_position(one.path, document), one.path, one.code, one.said) for one in found)
    first: dict[Path, Found] = {}
    for _, path, code, said in ranked:
        first.setdefault(path, Found(path, code, said))
    return list(first.values())


def _position(path: Path, document: Any) -> tuple[int, ...]:
    """Which child it is at each step."""
    places: list[int] = []
    for step in path:
        places.append(_place(step, document))
        document = _child(step, document)
    return tuple(places)


def _place(step: str | int, owner: Any) -> int:
    if isinstance(step, int):
        return step
    if not isinstance(owner, dict) or step not in owner:
        return len(owner) if isinstance(owner, dict) else 0
    return next(place for place, key in enumerate(owner) if key == step)


def _child(step: str | int, owner: Any) -> Any:
    if isinstance(owner, dict):
        return owner.get(step)
    inside = isinstance(owner, list) and isinstance(step, int) and step < len(owner)
    return owner[step] if inside else None
