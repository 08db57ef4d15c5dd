"""How a snapshot lies in its JSON: whatever may be many, or large, on a line of its own.

So it is written and read in pieces, and is JSON like any other. Open is the whole, and what `OPEN`
names. A list that is a field of what is open has a line for each of its items, and so has an object
that is a field of the whole.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

Openness = Mapping[str, Any]

T = TypeVar("T")

OPEN: Final[Openness] = {"notify": {}, "stores": {}, "operations": {"attempts": {}}}
"""Fields whose values, or whose items, are open themselves."""

CHUNK: Final = 1 << 18
"""Bytes that go over the wire together."""

_encode: Final = msgspec.json.Encoder().encode


def laid(snapshot: object) -> Iterator[bytes]:
    """The lines of a snapshot, or of the same as a plain document; long ones in parts."""
    return _open(b"", snapshot, b"\n", OPEN)


def chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Some lines at a time; what is long alone."""
    kept, size = list[bytes](), 0
    for line in lines:
        if kept and size + len(line) > CHUNK:
            yield kept[0] if len(kept) == 1 else b"".join(kept)
            kept, size = [], 0
        kept.append(line)
        size += len(line)
    yield kept[0] if len(kept) == 1 else b"".join(kept)


def _open(head: bytes, value: Any, end: bytes, openness: Openness) -> Iterator[bytes]:
    """What is open, behind `head` and before `end`."""
    if not isinstance(value, dict | msgspec.Struct) or not _fields(value):
        yield from _whole(head, value, end)
        return
    yield head + b"{\n"
    whole = openness is OPEN
    for (name, each), comma in _with_commas(_fields(value)):
        head = _encode(name) + b":"
        if whole and isinstance(each, dict) and each and name not in openness:
            yield from _entries(head, each, comma)
        else:
            yield from _field(head, each, comma, openness.get(name))
    yield b"}" + end


def _field(head: bytes, value: Any, end: bytes, openness: Openness | None) -> Iterator[bytes]:
    """A field of what is open; `openness` is none where its items are not open themselves."""
    if isinstance(value, list | tuple) and value:
        yield head + b"[\n"
        for each, comma in _with_commas(value):
            if openness is None:
                yield from _whole(b"", each, comma)
            else:
                yield from _open(b"", each, comma, openness)
        yield b"]" + end
    elif openness is not None:
        yield from _open(head, value, end, openness)
    else:
        yield from _whole(head, value, end)


def _entries(head: bytes, value: dict[str, Any], end: bytes) -> Iterator[bytes]:
    yield head + b"{\n"
    for (name, each), comma in _with_commas(value.items()):
        yield from _whole(_encode(name) + b":", each, comma)
    yield b"}" + end


def _whole(head: bytes, value: object, end: bytes) -> Iterator[bytes]:
    """A line; a long one in parts, since it takes long to put together."""
    text = _encode(value)
    if len(text) < CHUNK:
        yield head + text + end
    else:
        yield from (head, text, end)


def _fields(value: "dict[str, Any] | msgspec.Struct") -> Collection[tuple[str, Any]]:
    if isinstance(value, dict):
        return value.items()
    return [(name, getattr(value, name)) for name in value.__struct_fields__]


def _with_commas(items: Collection[T]) -> Iterator[tuple[T, bytes]]:
    """Each with the end of its line."""
    last = len(items) - 1
    for place, each in enumerate(items):
        yield each, b"\n" if place == last else b",\n"
