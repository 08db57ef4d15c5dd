"""Records of one service in order of creation, by SID and by place.

What is deleted leaves its place behind, since page tokens may still name it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Generic, Protocol, Self, TypeVar

from mockserver.domain.errors import INVALID_PAGE_TOKEN, TwilioError
from mockserver.domain.paging import PageAsk


class Record(Protocol):
    """What has a SID."""

    @property
    def sid(self) -> str: ...


R = TypeVar("R", bound=Record)


class Rows(Generic[R]):
    """A table whose places only grow."""

    __slots__ = ("_empty", "_places", "_records")

    def __init__(self) -> None:
        self._records: list[R | None] = []
        """By place; nothing where one was deleted."""
        self._places: dict[str, int] = {}
        """By SID, of deleted ones too."""
        self._empty = 0
        """How many places have no record any more."""

    def write_in(self, kind: Callable[[list[R | None]], list[R | None]]) -> None:
        """Keep the records in a list of another kind."""
        self._records = kind(self._records)

    @property
    def records(self) -> list[R | None]:
        """By place, in that list; nothing where one was deleted."""
        return self._records

    def __iter__(self) -> Iterator[R]:
        """Oldest first."""
        return (record for record in self._records if record is not None)

    def every(self) -> Sequence[int]:
        """Ascending places of all of them."""
        if not self._empty:
            return range(len(self._records))
        return [place for place, record in enumerate(self._records) if record is not None]

    @property
    def next_place(self) -> int:
        return len(self._records)

    def at(self, place: int) -> R | None:
        """The record at a place that there is."""
        return self._records[place]

    def find(self, sid: str) -> R | None:
        place = self._places.get(sid)
        return None if place is None else self._records[place]

    def place(self, sid: str) -> int:
        """Of a record that is, or was, there; raise `KeyError` for others."""
        return self._places[sid]

    def free(self, mint: Callable[[int], str]) -> str:
        """The first SID that no record has or had, of those minted for this place and others."""
        sids = map(mint, count(len(self._records)))
        return next(sid for sid in sids if sid not in self._places)

    def put(self, record: R) -> int:
        """Keep a record, in its place where one with its SID is, or was, there; that place."""
        place = self._places.setdefault(record.sid, len(self._records))
        if place == len(self._records):
            self._records.append(record)
        else:
            self._empty -= self._records[place] is None
            self._records[place] = record
        return place

    def remove(self, sid: str) -> int:
        """Forget a record but for its place, which is given back."""
        place = self._places[sid]
        self._empty += self._records[place] is not None
        self._records[place] = None
        return place

    def leave_out(self, sid: str) -> None:
        """Keep the next place for a record that was deleted elsewhere."""
        self._places[sid] = len(self._records)
        self._records.append(None)
        self._empty += 1

    @property
    def gone(self) -> Mapping[str, int]:
        """The places of deleted records, by SID."""
        return {sid: place for sid, place in self._places.items() if self._records[place] is None}

    def copied(self) -> Self:
        """As it is now, for a snapshot: without indexes."""
        copy = type(self)()
        copy._records, copy._places = list(self._records), dict(self._places)
        copy._empty = self._empty
        return copy

    def page(
        self, ask: PageAsk, places: Sequence[int] | None, fits: Callable[[R], bool]
    ) -> tuple[list[R], bool]:
        """A page of the records that fit, newest first, and whether more are behind it.

        Of those at ascending `places`, where they are given. Raise `TwilioError` 21481 for a token
        that names no record.
        """
        pivot = ask.after or ask.before
        if pivot and pivot not in self._places:
            raise TwilioError(INVALID_PAGE_TOKEN)
        within = range(len(self._records)) if places is None else places
        if ask.before:
            newer = self._fitting(_above(within, self._places[pivot]), fits)
            found = list(islice(newer, ask.size))
            end = self._places[found[0].sid] if found else 0
            return found[::-1], any(self._fitting(_below(within, end), fits))
        end = self._places[pivot] if pivot else len(self._records)
        older = self._fitting(_below(within, end), fits)
        found = list(islice(older, ask.skipped, ask.skipped + ask.size + 1))
        return found[: ask.size], len(found) > ask.size

    def _fitting(self, places: Iterable[int], fits: Callable[[R], bool]) -> Iterator[R]:
        records = (self._records[place] for place in places)
        return (record for record in records if record is not None and fits(record))

    def shed(self, most: int) -> bool:
        """Free some records of a table that nobody uses any more; whether any are left."""
        del self._records[max(0, len(self._records) - most) :]
        while self._places and most > 0:
            self._places.popitem()
            most -= 1
        return bool(self._records or self._places)


def _below(places: Sequence[int], end: int) -> Iterator[int]:
    """Those before `end`, the last first."""
    return (places[n] for n in range(bisect_left(places, end) - 1, -1, -1))


def _above(places: Sequence[int], start: int) -> Iterator[int]:
    """Those behind `start`, the first first."""
    return (places[n] for n in range(bisect_right(places, start), len(places)))
