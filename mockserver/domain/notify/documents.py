"""JSON in parameters: read without surprises, and put over one another."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.notify.limits import DEPTH

Document = dict[str, Any]

_OBJECT: Final = msgspec.json.Decoder(Document)


def read_object(text: str) -> Document | None:
    """A JSON object; `None` for anything else, and for one that is nested too deeply."""
    try:
        document = _OBJECT.decode(text)
    except (ValueError, RecursionError):  # msgspec's errors are of the first
        return None
    return document if is_shallow(document) else None


def is_shallow(document: Document) -> bool:
    """Whether it is nested no deeper than what may be sent, so that it can be merged."""
    return _within(document, DEPTH)


def _within(value: object, levels: int) -> bool:
    """Whether a value has at most so many levels of objects and lists."""
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_within(part, levels - 1) for part in parts)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Document:
    """`base` with `over` on it: objects are merged, all else is replaced, nothing is taken away.

    A null replaces nothing, since overrides only add and replace.
    """
    made = dict(base)
    for name, value in over.items():
        present = made.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            made[name] = merged(present, value)
        elif value is not None or name not in made:
            made[name] = value
    return made


def size(document: Mapping[str, Any]) -> int:
    """Bytes of its shortest JSON."""
    return len(msgspec.json.encode(document))
