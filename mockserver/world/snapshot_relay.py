"""Lays anew what lies otherwise: any JSON in, the lines of a snapshot out.

As a process of its own (JSON on standard input, lines on standard output), since a library reads a
large document in one go, while nobody else would get a turn.
"""

import sys
from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.world.snapshot_layout import chunks, laid


def relaid(content: bytes) -> Iterator[bytes]:
    """An outline of a document, then its lines; raise `ValueError` for what is not JSON."""
    document: object = orjson.loads(content) if content.strip() else {}
    yield orjson.dumps(_outline(document)) + b"\n"
    if isinstance(document, dict):
        yield from laid(document)


def _outline(document: object) -> object:
    """The document with no more in it than tells of what kinds its parts are."""
    if not isinstance(document, dict):
        return _bare(document)
    return {name: _outlined(value) for name, value in document.items()}


def _outlined(value: Any) -> Any:
    """Of a list or an object one item, unless they are of several kinds."""
    if isinstance(value, list):
        alike = len(set(map(type, value))) < 2
        return [_bare(each) for each in (value[:1] if alike else value)]
    if isinstance(value, dict):
        alike = len(set(map(type, value.values()))) < 2
        items = list(value.items())
        return {name: _bare(each) for name, each in (items[:1] if alike else items)}
    return value


def _bare(value: object) -> object:
    """A list, object or text with nothing in it."""
    return type(value)() if isinstance(value, list | dict | str) else value


def main() -> None:
    """End with status 1 and the reason on standard error for what is not JSON."""
    try:
        for chunk in chunks(relaid(sys.stdin.buffer.read())):
            sys.stdout.buffer.write(chunk)
    except (ValueError, RecursionError) as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
