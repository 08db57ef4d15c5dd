"""Rows of profiles out of bytes that come piece by piece: CSV, or an object of JSON on each line.

Whoever feeds one gets the rows that are whole by then, each with the number of its first line.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

import msgspec

from mockserver.domain.audiences.profiles import LONGEST

Row = tuple[int, object]
"""A line's number, from 1, and what `profiles.read` reads."""

_ADDRESSES: Final = frozenset({"phone", "contact.phone", "whatsapp", "contact.whatsapp"})

_MARK: Final = b"\xef\xbb\xbf"
"""With which spreadsheets begin UTF-8."""


class BadRow(ValueError):
    """A row that cannot be used."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line, self.reason = line, reason


class Rows(Protocol):
    """A reader of one kind of file. Both raise `BadRow`."""

    def feed(self, data: bytes) -> Iterator[Row]:
        """The rows that are whole with this piece; to be gone through before the next one."""

    def end(self) -> Iterator[Row]:
        """The last one, where no line ends behind it."""


class _Lines:
    """Bytes into lines, whatever pieces they come in."""

    def __init__(self) -> None:
        self._rest = b""
        self.number = 0
        """Of the latest one."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield self._next(line)
        if len(self._rest) > LONGEST:
            raise BadRow(self.number + 1, f"is longer than {LONGEST} bytes")

    def end(self) -> Iterator[bytes]:
        line, self._rest = self._rest, b""
        if line:
            yield self._next(line)

    def _next(self, line: bytes) -> bytes:
        self.number += 1
        return line if self.number > 1 else line.removeprefix(_MARK)


class JsonRows:
    """An object on each line; empty lines count for nothing."""

    def __init__(self) -> None:
        self._lines = _Lines()

    def feed(self, data: bytes) -> Iterator[Row]:
        return self._read(self._lines.feed(data))

    def end(self) -> Iterator[Row]:
        return self._read(self._lines.end())

    def _read(self, lines: Iterator[bytes]) -> Iterator[Row]:
        for line in lines:
            if line := line.strip():
                yield self._lines.number, _object(line, self._lines.number)


def _object(line: bytes, number: int) -> object:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        if line[:1] == b"[" and number == 1:
            raise BadRow(number, "is a list; write one object on each line") from None
        raise BadRow(number, f"is not JSON: {wrong}") from None
    except RecursionError:
        raise BadRow(number, "is nested too deeply") from None


class CsvRows:
    """Columns by the names in the first line; a cell with nothing in it is no trait.

    `id` is the profile's, `contact.phone` the trait `phone` of the group `contact`, and so on.
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        self._open: list[bytes] = []
        """Lines of a row in which a quoted cell goes on."""
        self._size = 0
        self._make: Callable[[list[str]], dict[str, Any]] | None = None
        self._width = 0

    def feed(self, data: bytes) -> Iterator[Row]:
        for line in self._lines.feed(data):
            yield from self._line(line)

    def end(self) -> Iterator[Row]:
        for line in self._lines.end():
            yield from self._line(line)
        if self._open:
            raise BadRow(self._first, "has a quote that is not closed")
        if self._make is None:
            raise BadRow(1, "must name the columns, such as phone,firstName")

    @property
    def _first(self) -> int:
        """The number of the row's first line."""
        return self._lines.number - len(self._open) + 1

    def _line(self, line: bytes) -> Iterator[Row]:
        odd = line.count(b'"') & 1
        if not (odd or self._open):
            yield from self._row(line, self._lines.number)
            return
        self._size += len(line)
        self._open.append(line)
        if self._size > LONGEST:
            raise BadRow(self._first, f"is longer than {LONGEST} bytes, or a quote is not closed")
        if odd and len(self._open) > 1:
            whole, number = b"\n".join(self._open), self._first
            self._open, self._size = [], 0
            yield from self._row(whole, number)

    def _row(self, line: bytes, number: int) -> Iterator[Row]:
        cells = _cells(line.rstrip(b"\r"), number)
        if self._make is None:
            self._make, self._width = _columns(cells, number), len(cells)
        elif len(cells) == self._width:
            yield number, self._make(cells)
        elif cells:
            raise BadRow(number, f"has {len(cells)} cells, not {self._width}")


def _cells(line: bytes, number: int) -> list[str]:
    try:
        text = line.decode()
        if '"' not in text:
            return text.split(",") if text else []
        return next(csv.reader((text,), strict=True))
    except UnicodeDecodeError:
        raise BadRow(number, "is not UTF-8") from None
    except csv.Error as wrong:
        raise BadRow(number, f"is not CSV: {wrong}") from None


def _columns(cells: list[str], number: int) -> Callable[[list[str]], dict[str, Any]]:
    """What makes a row of cells, by the names of the columns."""
    names = [cell.strip() for cell in cells]
    if not _ADDRESSES.intersection(names):
        told = ", ".join(names)[:100]
        raise BadRow(number, f"no column is called phone or contact.phone, but {told!r}")
    paths = [tuple(name.split(".")) for name in names]
    for path in paths:
        if not all(path):
            raise BadRow(number, f"a column is called {'.'.join(path)!r}")
        if sum(path == other[: len(path)] for other in paths) > 1:
            raise BadRow(number, f"{'.'.join(path)} is there twice, or is a group as well")
    return _maker(paths)


def _maker(paths: list[tuple[str, ...]]) -> Callable[[list[str]], dict[str, Any]]:
    flat = [
        (place, path[0]) for place, path in enumerate(paths) if path != ("id",) and not path[1:]
    ]
    deep = [(place, path) for place, path in enumerate(paths) if path[1:]]
    id_ = paths.index(("id",)) if ("id",) in paths else None

    def make(cells: list[str]) -> dict[str, Any]:
        traits: dict[str, Any] = {name: cells[place] for place, name in flat if cells[place]}
        for place, path in deep:
            if cells[place]:
                _put(traits, path, cells[place])
        return {"id": cells[id_] if id_ is not None else None, "traits": traits}

    return make


def _put(traits: dict[str, Any], path: tuple[str, ...], cell: str) -> None:
    *groups, name = path
    for group in groups:
        traits = traits.setdefault(group, {})
    traits[name] = cell


KINDS: Final[Mapping[str, Callable[[], Rows]]] = {
    "text/csv": CsvRows,
    "application/csv": CsvRows,
    "application/x-ndjson": JsonRows,
    "application/ndjson": JsonRows,
    "application/jsonl": JsonRows,
    "application/x-jsonlines": JsonRows,
}
"""By content type."""

SUFFIXES: Final[Mapping[str, Callable[[], Rows]]] = {
    ".csv": CsvRows,
    ".jsonl": JsonRows,
    ".ndjson": JsonRows,
}
"""By the end of a file's name."""
