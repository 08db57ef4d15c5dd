"""Stores and cohorts out and in, as they stand in a snapshot.

Blocks go as they are: a fork has the same ones. With the stores that are there go those that are
not any more, but to whose people an operation still writes.
"""

import re
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.audiences.blocks import MOST as FULL
from mockserver.domain.audiences.blocks import Block, Columns
from mockserver.domain.audiences.profiles import BadProfile, read
from mockserver.world.audiences.members import Members, Mixed
from mockserver.world.audiences.stores import MOST, Cohort, Crowd, Family, Store
from mockserver.world.bulk.people import People
from mockserver.world.pieces import marked
from mockserver.world.tables import Tables

Names = Mapping[str, str]
"""Other names of accounts."""

_STORE: Final = re.compile("mem_(?:store|service)_[0-7][0-9a-z]{25}").fullmatch
_COHORT: Final = re.compile("cmp_cohort_[0-9a-z]{26,35}").fullmatch
"""As requests may name them."""

LATEST: Final = 253_402_300_799_000_000
"""Microseconds of the last second that dates can show, of the year 9999."""

_BYTES: Final = 4
"""Of a place."""


class KeptStore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A store."""

    id: str
    account_sid: str
    name: str = ""
    created_at: int = 0
    updated_at: int = 0
    blocks: tuple[Block, ...] = ()
    gone: bool = False
    """Whether only operations know of it."""


class KeptCohort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cohort."""

    id: str
    account_sid: str
    store_id: str
    name: str = ""
    created_at: int = 0
    updated_at: int = 0
    places: bytes | None = None
    """As in `Cohort`; each takes four bytes, the lowest first."""


class KeptCrowd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who belonged to a cohort when a request named it."""

    store: int
    """By its place among the snapshot's stores."""
    count: int
    places: bytes | None = None


class KeptAudience(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a request meant by its stores and cohorts."""

    stores: dict[str, int] = {}
    """By id, their places among the snapshot's stores."""
    cohorts: dict[str, KeptCrowd] = {}


# Out


class Roll:
    """The stores of a snapshot."""

    def __init__(self, tables: Tables) -> None:
        self._states: dict[Family, Store] = {}
        """The latest state of each that somebody knows of, in order."""
        for store in tables.profile_stores.values():
            self._states[store.family] = store
        self._living = len(self._states)
        self._numbers = {family: number for number, family in enumerate(self._states)}

    def audience(self, people: People) -> KeptAudience:
        """Of an operation, whose stores are the snapshot's from now on."""
        return audience(people, self._number)

    def _number(self, store: Store) -> int:
        known = self._states.get(store.family)
        if known is None or known.count < store.count:
            self._states[store.family] = store
        return self._numbers.setdefault(store.family, len(self._numbers))

    def stores(self, names: Names) -> list[KeptStore]:
        """All of them, under other names of accounts; to be asked for last."""
        return [
            replace(head(store, names, gone=number >= self._living), blocks=store.blocks)
            for number, store in enumerate(self._states.values())
        ]


def cohorts(tables: Tables, names: Names) -> list[KeptCohort]:
    """All there are, under other names of accounts."""
    return [
        group(each, names, None if each.places is None else _packed(each.places))
        for each in tables.cohorts.values()
    ]


def audience(people: People, number: Callable[[Store], int]) -> KeptAudience:
    """What a request meant, with the numbers of stores."""
    stores: dict[str, int] = {}
    cohorts: dict[str, KeptCrowd] = {}
    for part in people.parts:
        if isinstance(part, Members):
            crowd = part.crowd
            places = None if crowd.places is None else _packed(crowd.places[: crowd.count])
            cohorts[part.cohort_id] = KeptCrowd(number(crowd.store), crowd.count, places)
        elif isinstance(part, Mixed):
            stores |= {id_: number(store) for id_, store in part.stores.items()}
    return KeptAudience(stores, cohorts)


def head(store: Store, names: Names, *, gone: bool) -> KeptStore:
    """A store without its blocks."""
    account = names.get(store.account_sid, store.account_sid)
    made = store.created_at, store.updated_at
    return KeptStore(store.id, account, store.name, *made, gone=gone)


def group(cohort: Cohort, names: Names, places: bytes | None) -> KeptCohort:
    """A cohort with its places, as they are packed."""
    account = names.get(cohort.account_sid, cohort.account_sid)
    named = cohort.id, account, cohort.store_id, cohort.name
    return KeptCohort(*named, cohort.created_at, cohort.updated_at, places)


def _packed(places: "array[int]") -> bytes:
    """As `bulk/keeping.py` has them."""
    if sys.byteorder == "big":
        places = places[:]
        places.byteswap()
    return places.tobytes()


# In


def loaded(kept: Sequence[KeptStore], names: Names) -> list[Store]:
    """The stores again, which nobody knows yet."""
    return [_store(each, names) for each in kept]


def _store(kept: KeptStore, names: Names) -> Store:
    stops, index, count = [], {}, 0
    for block in kept.blocks:
        index.update({id_: count + place for place, id_ in enumerate(block.ids) if id_})
        count += block.count
        stops.append(count)
    account = names.get(kept.account_sid, kept.account_sid)
    named = (kept.id, account, kept.name, kept.created_at, kept.updated_at)
    return Store(*named, kept.blocks, tuple(stops), (index,) if index else ())


def put(
    stores: Sequence[Store],
    kept: Sequence[KeptStore],
    groups: Sequence[KeptCohort],
    names: Names,
    tables: Tables,
) -> None:
    """Put those among the tables that are not gone, and the cohorts."""
    living = (store for store, each in zip(stores, kept, strict=True) if not each.gone)
    tables.profile_stores.update({store.id: store for store in living})
    for each in groups:
        account = names.get(each.account_sid, each.account_sid)
        named = (each.id, account, each.store_id, each.name, each.created_at, each.updated_at)
        places = None if each.places is None else _unpacked(each.places)
        tables.cohorts[each.id] = Cohort(*named, places)


def _unpacked(content: bytes) -> "array[int]":
    places = array("I")
    places.frombytes(content)
    if sys.byteorder == "big":
        places.byteswap()
    return places


class KeptWhole:
    """An audience as one request had it."""

    __slots__ = ("_kept", "_stores")

    def __init__(self, kept: KeptAudience, stores: Sequence[Store]) -> None:
        """`stores` are all of the snapshot. Raise `ValueError` for what is not among them."""
        for complaint in _missing(kept, stores):
            raise ValueError(complaint)
        self._kept, self._stores = kept, stores

    def store(self, id_: str) -> Store | None:
        number = self._kept.stores.get(id_)
        return None if number is None else self._stores[number]

    def cohort(self, id_: str) -> Crowd | None:
        if (kept := self._kept.cohorts.get(id_)) is None:
            return None
        places = None if kept.places is None else _unpacked(kept.places)
        return Crowd(self._stores[kept.store], places, kept.count)


def _missing(kept: KeptAudience, stores: Sequence[Store]) -> Iterator[str]:
    crowds = kept.cohorts.values()
    numbers = [*kept.stores.values(), *(crowd.store for crowd in crowds)]
    if not all(0 <= number < len(stores) for number in numbers):
        yield "it has people of a store that there is not"
    for crowd in crowds:
        count = stores[crowd.store].count
        if crowd.places is None:
            if not 0 <= crowd.count <= count:
                yield "it has more members of a cohort than there are"
        elif not _are_places(crowd.places, count) or len(crowd.places) != crowd.count * _BYTES:
            yield "it has members of a cohort that there are not"


def _are_places(places: bytes, count: int) -> bool:
    """Whether they are, each once."""
    if len(places) % _BYTES:
        return False
    return marked(_unpacked(places), count) is not None


# Checking


def complaints(
    kept: Sequence[KeptStore], groups: Sequence[KeptCohort], accounts: Set[str]
) -> Iterator[str]:
    """What no type can say: whether they bear whatever is done with them later."""
    counts: dict[str, int] = {}
    for place, store in enumerate(kept):
        if not _is_named(store, accounts):
            yield f"stores[{place}]: its account is not there, or its id or a time is none"
        if complaint := _misfilled(store):
            yield f"stores[{place}]: {complaint}"
            return
        if store.gone:
            continue
        if store.id in counts:
            yield f"stores[{place}]: {store.id} is there twice"
        counts[store.id] = sum(block.count for block in store.blocks)
    for place, cohort in enumerate(groups):
        if not _is_named(cohort, accounts):
            yield f"cohorts[{place}]: its account is not there, or its id or a time is none"
        if cohort.store_id not in counts:
            yield f"cohorts[{place}]: there is no store {cohort.store_id!r}"
        elif not _are_places(cohort.places or b"", counts[cohort.store_id]):
            yield f"cohorts[{place}]: its members are not all in its store, once each"


def _is_named(kept: KeptStore | KeptCohort, accounts: Set[str]) -> bool:
    form = _COHORT if isinstance(kept, KeptCohort) else _STORE
    times = all(0 <= at <= LATEST for at in (kept.created_at, kept.updated_at))
    return times and kept.account_sid in accounts and form(kept.id) is not None


def _misfilled(store: KeptStore) -> str:
    ids, count = set[str](), 0
    for block in store.blocks:
        own = list(filter(None, block.ids))
        ids.update(own)
        count += len(own)
    if len(ids) < count:
        return "two profiles have the same id"
    if sum(block.count for block in store.blocks) > MOST:
        return f"it has more than {MOST} profiles"
    if not all(map(_is_block, store.blocks)):
        return "its blocks are not what profiles make"
    return ""


def _is_block(block: Block) -> bool:
    """Whether it is as its traits make it."""
    if not 0 < block.count <= FULL:
        return False
    columns = Columns()
    ids = block.ids or [""] * block.count
    try:
        for id_, traits in zip(ids, block.all_traits(), strict=True):
            columns.add(read({"id": id_ or None, "traits": traits}))
    except (BadProfile, msgspec.DecodeError, ValueError, RecursionError):
        return False
    return columns.block() == block
