"""Reads the lines of a snapshot, as `snapshot_layout.py` lays them, into records."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

import msgspec

from mockserver.world.snapshot_form import BadSnapshot, Snapshot
from mockserver.world.snapshot_layout import OPEN, Openness

S = TypeVar("S", bound=msgspec.Struct)

_NAMED: Final = re.compile(rb'("(?:[^"\\]|\\.)*"):').match


class Unlaid(ValueError):
    """What is read does not lie as it should; it may be a snapshot nevertheless."""


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a body that came in chunks, without their ends."""
    kept = list[bytes]()
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        kept.append(first)
        for part in others:
            yield b"".join(kept)
            kept = [part]
    if last := b"".join(kept):
        yield last


def read(lines: Iterable[bytes]) -> Snapshot:
    """The snapshot in some lines, not yet checked; raise `BadSnapshot`, or `Unlaid`."""
    walk = _Walk(lines)
    walk.begin()
    found = _struct(walk, Snapshot, "$", OPEN)
    walk.end()
    return found


class _Walk:
    """Goes through the lines of what is open, and heeds the commas between them."""

    __slots__ = ("_comma", "_lines")

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._comma = False

    def begin(self) -> None:
        if next(self._lines, b"") != b"{":
            raise Unlaid("the first line opens nothing")

    def end(self) -> None:
        if self._comma or any(map(bytes.strip, self._lines)):
            raise Unlaid("there is more behind the end")

    def items(self, closer: bytes) -> Iterator[bytes]:
        """The lines of what was opened, without their commas, until it is closed.

        Who gets a line that opens something goes through that before the next.
        """
        first = True
        for line in self._lines:
            comma = line.endswith(b",")
            text = line[:-1] if comma else line
            if self._comma if first else self._comma == (text == closer):
                break
            self._comma, first = comma, False
            if text == closer:
                return
            yield text
        raise Unlaid("there is a comma too many, or too few")


def _struct(walk: _Walk, kind: type[S], path: str, openness: Openness) -> S:
    fields, values = _fields(kind), dict[str, Any]()
    for text in walk.items(b"}"):
        name, rest = _named(text)
        if name not in fields and not kind.__struct_config__.forbid_unknown_fields:
            continue
        if name not in fields:
            raise BadSnapshot(f"Object contains unknown field `{name}` - at `{path}`")
        place = f"{path}.{name}"
        values[name] = _field(walk, fields[name].type, rest, place, openness.get(name))
    for name, field in fields.items():
        if field.required and name not in values:
            raise BadSnapshot(f"Object missing required field `{name}` - at `{path}`")
    return kind(**values)


def _field(walk: _Walk, kind: Any, text: bytes, path: str, openness: Openness | None) -> Any:
    if text not in (b"[", b"{"):
        return _leaf(kind, text, path)
    kind = _without_none(kind)
    origin = get_origin(kind) or kind
    if text == b"[" and origin in (list, tuple):
        items = _items(walk, get_args(kind)[0], path, openness)
        return items if origin is list else tuple(items)
    if text == b"{" and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(walk, kind, path, openness or {})
    if text == b"{" and origin is dict:
        return _entries(walk, get_args(kind)[1], path)
    got, expected = ("array", "object") if text == b"[" else ("object", "array")
    raise BadSnapshot(f"Expected `{expected}`, got `{got}` - at `{path}`")


def _without_none(kind: Any) -> Any:
    """What is there where there may be nothing; a choice of more than one is left as it is."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    choices = [each for each in get_args(kind) if each is not NoneType]
    return choices[0] if len(choices) == 1 else kind


def _items(walk: _Walk, kind: Any, path: str, openness: Openness | None) -> list[Any]:
    found: list[Any] = []
    for text in walk.items(b"]"):
        place = f"{path}[{len(found)}]"
        if text == b"{" and openness is not None:
            found.append(_struct(walk, kind, place, openness))
        else:
            found.append(_leaf(kind, text, place))
    return found


def _entries(walk: _Walk, kind: Any, path: str) -> dict[str, Any]:
    found = {}
    for text in walk.items(b"}"):
        name, rest = _named(text)
        found[name] = _leaf(kind, rest, f"{path}[...]")
    return found


def _named(text: bytes) -> tuple[str, bytes]:
    if (found := _NAMED(text)) is None:
        raise Unlaid("a line has no name")
    return _leaf(str, found[1], ""), text[found.end() :]


def _leaf(kind: Any, text: bytes, path: str) -> Any:
    """A whole value."""
    try:
        return _decoder(kind).decode(text)
    except msgspec.ValidationError as wrong:
        said, _, place = str(wrong).partition(" - at `$")
        raise BadSnapshot(f"{said} - at `{path}{place.rstrip('`')}`") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Unlaid(str(wrong)) from None


@lru_cache(128)
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


@lru_cache(16)
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}
