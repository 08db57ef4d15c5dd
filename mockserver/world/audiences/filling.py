"""Fills blocks: with rows of a file or of a document, and with people who are made up.

A million take seconds. So the work is done in steps: a generator that yields after a few hundred
rows, which a caller on an event loop goes through with pauses.
"""

import asyncio
from collections.abc import AsyncIterable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeVar

from mockserver.domain.audiences.blocks import MOST as FULL
from mockserver.domain.audiences.blocks import Batch, Block, Columns
from mockserver.domain.audiences.profiles import BadProfile, Profile, read
from mockserver.domain.audiences.rows import SUFFIXES, BadRow, Row, Rows
from mockserver.world.audiences.stores import MOST

ROWS: Final = 200
"""Rows between two pauses: a millisecond or less."""

PIECE: Final = 1 << 16
"""Bytes of a file that are read at once."""

Steps = Generator[None, None, Batch]

T = TypeVar("T")


class TooMany(ValueError):
    """More profiles than a store, and so a cohort, may have."""

    def __init__(self, count: int | None = None) -> None:
        told = "" if count is None else f", not {count}"
        super().__init__(f"a store or cohort has at most {MOST} members{told}")


class Taken(Protocol):
    """Who is there already."""

    @property
    def count(self) -> int: ...

    def find(self, profile_id: str) -> int | None: ...


class Filling:
    """A batch in the making."""

    __slots__ = ("_blocks", "_columns", "_count", "_index", "_room", "_taken")

    def __init__(self, taken: Taken | None = None) -> None:
        """`taken` is the store that they are for, where there is one."""
        self._taken, self._room = taken, MOST - (taken.count if taken is not None else 0)
        self._columns = Columns()
        self._blocks: list[Block] = []
        self._count = 0
        self._index: dict[str, int] = {}

    def add(self, profile: Profile) -> None:
        """One more; raise `BadProfile` for an id that is there already, or `TooMany`."""
        if self._count >= self._room:
            raise TooMany
        if profile.id:
            self._note(profile.id)
        self._columns.add(profile)
        self._count += 1
        if len(self._columns) == FULL:
            self._close()

    def batch(self) -> Batch:
        """All of them; nobody can be added any more."""
        self._close()
        return Batch(tuple(self._blocks), self._index)

    def _close(self) -> None:
        if len(self._columns):
            self._blocks.append(self._columns.block())
            self._columns = Columns()

    def _note(self, id_: str) -> None:
        known = self._taken is not None and self._taken.find(id_) is not None
        if known or id_ in self._index:
            raise BadProfile(f"id: there is a profile {id_} already")
        self._index[id_] = self._count


def take(filling: Filling, rows: Iterable[Row]) -> Iterator[None]:
    """Add rows; raise `BadRow` for one that cannot be used, `TooMany`."""
    for number, (line, row) in enumerate(rows, 1):
        try:
            filling.add(read(row))
        except BadProfile as wrong:
            raise BadRow(line, str(wrong)) from None
        if not number % ROWS:
            yield


def of_file(path: Path, taken: Taken | None = None) -> Steps:
    """What is in a file; raise `BadRow`, `TooMany`, or `OSError`."""
    filling, rows = Filling(taken), reader_of(path)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield from take(filling, rows.feed(piece))
            yield
    yield from take(filling, rows.end())
    return filling.batch()


def reader_of(path: Path) -> Rows:
    """What reads a file, by its name; raise `KeyError` for a name that says nothing."""
    return SUFFIXES[path.suffix.lower()]()


async def of_pieces(pieces: AsyncIterable[bytes], rows: Rows, taken: Taken | None = None) -> Batch:
    """What comes piece by piece; raise `BadRow` or `TooMany`."""
    filling = Filling(taken)
    async for piece in pieces:
        for _ in take(filling, rows.feed(piece)):
            await asyncio.sleep(0)
    for _ in take(filling, rows.end()):
        await asyncio.sleep(0)
    return filling.batch()


def of_rows(rows: Iterable[Mapping[str, object]], taken: Taken | None = None) -> Steps:
    """What a document lists; raise `BadRow`, whose line is the place in the list, or `TooMany`."""
    filling = Filling(taken)
    yield from take(filling, enumerate(rows))
    return filling.batch()


def at_once(steps: Generator[None, None, T]) -> T:
    """Take all steps without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result


async def in_turns(steps: Generator[None, None, T]) -> T:
    """Take all steps, and give way to others between any two."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        await asyncio.sleep(0)
