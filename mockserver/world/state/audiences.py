"""Stores of profiles and cohorts on their way into the file, and out of it.

A store grows by blocks at its end, a cohort by places: only those that are new are written. A store
that is gone stays in the file for as long as operations write to its people, which is always.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.audiences.blocks import Block
from mockserver.world.audiences.keeping import (
    KeptAudience,
    KeptCohort,
    KeptStore,
    Names,
    audience,
    group,
    head,
    loaded,
    put,
)
from mockserver.world.audiences.stores import Cohort, Family, Store
from mockserver.world.bulk.people import People
from mockserver.world.state.columns import Column, joined
from mockserver.world.state.pages import GONE, Page
from mockserver.world.tables import Tables

Put = Callable[[str, str, bytes | None], None]
"""Writes a row: page, key, and content or `None` for one that goes."""

STORES: Final = "stores"
BLOCKS: Final = "store_blocks"
COHORTS: Final = "cohorts"
PLACES: Final = "cohort_places"
"""What pages are called; of blocks and places, with the number of the store, or the cohort's id."""

MAILED: Final = frozenset(
    {
        *(STORES, BLOCKS, COHORTS, PLACES),
        *("operation_orders", "operation_heads", "operation_columns", "operation_runs"),
    }
)
"""All pages of operations, and of those they write to."""

NOBODY: Final = array("I")

NAMES: Final[Names] = {}
"""Accounts have their own."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Written(msgspec.Struct):
    """What the file has of a cohort."""

    number: int
    """Cohorts are listed in the order of theirs."""
    places: "array[int] | None"
    column: Column


class Numbered(msgspec.Struct, frozen=True):
    """A cohort as it stands in the file, without its places."""

    number: int
    cohort: KeptCohort


class Audiences:
    """Those of one sandbox."""

    def __init__(self, stores: Page, cohorts: Page, put: Put) -> None:
        self._stores, self._cohorts, self._put = stores, cohorts, put
        self._numbers: dict[Family, int] = {}
        self._last = 0
        self._states: dict[int, Store] = {}
        """What the file has, by the store's number."""
        self._families: dict[str, Family] = {}
        """Of stores that are not gone, by id."""
        self._lasting: set[int] = set()
        """Stores that operations write to."""
        self._places: dict[str, Written] = {}

    def read_off(self) -> None:
        """Write what changed since the last time."""
        for _, id_, store, _ in self._stores.changes():
            family = self._families.get(id_)
            if family is not None and (store is GONE or store.family is not family):
                self._take_out(id_)
            if store is not GONE:
                self._families[id_] = store.family
                self._write(store)
        for _, id_, cohort, _ in self._cohorts.changes():
            self._write_cohort(id_, None if cohort is GONE else cohort)

    def audience(self, people: People) -> KeptAudience:
        """Of an operation; its stores stay in the file from now on."""
        return audience(people, self._lastly)

    def _lastly(self, store: Store) -> int:
        number = self._numbers.get(store.family, 0)
        if not number or self._states[number].count < store.count:
            number = self._write(store)
        self._lasting.add(number)
        return number

    def _write(self, store: Store) -> int:
        """A store, or its next state; its number in the file."""
        number = self._numbers.get(store.family)
        if number is None:
            number = self._last = self._numbers[store.family] = self._last + 1
        known = self._states.get(number)
        before = () if known is None else known.blocks
        for place, block in enumerate(store.blocks):
            if place >= len(before) or before[place] is not block:
                self._put(f"{BLOCKS}/{number}", str(place), _encode(block))
        self._states[number] = store
        gone = self._families.get(store.id) is not store.family
        self._put(STORES, str(number), _encode(head(store, NAMES, gone=gone)))
        return number

    def _take_out(self, id_: str) -> None:
        number = self._numbers[family := self._families.pop(id_)]
        if number in self._lasting:
            self._put(STORES, str(number), _encode(head(self._states[number], NAMES, gone=True)))
            return
        del self._numbers[family]
        for place in range(len(self._states.pop(number).blocks)):
            self._put(f"{BLOCKS}/{number}", str(place), None)
        self._put(STORES, str(number), None)

    def _write_cohort(self, id_: str, cohort: Cohort | None) -> None:
        known = self._places.get(id_)
        if cohort is None or known is None or known.places is not cohort.places:
            if known is not None:
                self._take_out_cohort(id_, known)
            if cohort is None:
                return
            self._last += 1
            known = self._places[id_] = Written(self._last, cohort.places, Column(grows=True))
        for key, part in known.column.changes(cohort.places or NOBODY):
            self._put(f"{PLACES}/{id_}", key, part)
        self._put(COHORTS, id_, _encode(_numbered(known, cohort)))

    def _take_out_cohort(self, id_: str, known: Written) -> None:
        del self._places[id_]
        for place in range(known.column.parts):
            self._put(f"{PLACES}/{id_}", str(place), None)
        self._put(COHORTS, id_, None)

    # Coming back

    def places(self) -> dict[int, int]:
        """Where `come_back` put the stores in its list, by their numbers in the file."""
        return {number: place for place, number in enumerate(sorted(self._states))}

    def know(self) -> None:
        """The file has them all as they are."""
        for id_, cohort in self._cohorts.items():
            self._last += 1
            known = self._places[id_] = Written(self._last, cohort.places, Column(grows=True))
            for _ in known.column.changes(cohort.places or NOBODY):
                """It is there already."""
            self._put(COHORTS, id_, _encode(_numbered(known, cohort)))
        for page in (self._stores, self._cohorts):
            page.changed.clear()

    def come_back(self, records: "Records", tables: Tables) -> list[Store]:
        """Put what the file has among the tables; all stores, also those that are gone."""
        heads = {int(key): kept for key, kept in records.of(STORES, KeptStore)}
        kept = [replace(heads[number], blocks=records.blocks(number)) for number in sorted(heads)]
        stores = loaded(kept, NAMES)
        groups = [each for _, each in sorted(map(records.cohort, records.raw(COHORTS)))]
        put(stores, kept, groups, NAMES, tables)
        self._last = max(heads, default=0)
        for number, store, each in zip(sorted(heads), stores, kept, strict=True):
            self._numbers[store.family], self._states[number] = number, store
            if each.gone:
                self._lasting.add(number)
            else:
                self._families[store.id] = store.family
        return stores


class Records:
    """Rows of the file, by page and key, not yet read."""

    def __init__(self, rows: Mapping[str, Mapping[str, bytes]]) -> None:
        self._rows = rows

    def of(self, page: str, form: Any) -> Iterator[tuple[str, Any]]:
        """Keys and records of a page, in order."""
        decode = msgspec.msgpack.Decoder(form).decode
        return ((key, decode(content)) for key, content in self._rows.get(page, {}).items())

    def raw(self, page: str) -> Mapping[str, bytes]:
        """The rows of a page as they are."""
        return self._rows.get(page, {})

    def column(self, page: str) -> bytes:
        """What stands in parts."""
        return joined(self.raw(page))

    def columns(self, page: str) -> dict[str, bytes]:
        """Several of these, by name."""
        found = defaultdict[str, dict[str, bytes]](dict)
        for key, part in self.raw(page).items():
            name, _, place = key.partition(" ")
            found[name][place] = part
        return {name: joined(parts) for name, parts in found.items()}

    def blocks(self, number: int) -> tuple[Block, ...]:
        """Those of a store."""
        found = sorted(self.of(f"{BLOCKS}/{number}", Block), key=lambda row: int(row[0]))
        return tuple(block for _, block in found)

    def cohort(self, id_: str) -> tuple[int, KeptCohort]:
        """A cohort with its number, and with its places where it has any."""
        kept = msgspec.msgpack.decode(self.raw(COHORTS)[id_], type=Numbered)
        if kept.cohort.places is None:
            return kept.number, kept.cohort
        return kept.number, replace(kept.cohort, places=self.column(f"{PLACES}/{id_}"))


def _numbered(known: Written, cohort: Cohort) -> Numbered:
    """A cohort without its places."""
    return Numbered(known.number, group(cohort, NAMES, None if cohort.places is None else b""))
