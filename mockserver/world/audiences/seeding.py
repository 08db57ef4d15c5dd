"""Stores and cohorts of a seed: their files read, people made up, and put among the tables."""

import asyncio
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from msgspec.structs import replace

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.audiences.given import GivenCohort, GivenPeople, GivenStore
from mockserver.domain.audiences.rows import BadRow
from mockserver.domain.faults import Given, Scenario
from mockserver.domain.matching import near
from mockserver.world.audiences.fakes import material, of_fakes
from mockserver.world.audiences.filling import Steps, TooMany, at_once, in_turns, of_file
from mockserver.world.audiences.stores import COHORT, STORE, Cohort, Store, id_by_name
from mockserver.world.scenarios.faults import Complaint, ScenarioError, ScenarioFault, error
from mockserver.world.tables import Tables, Unit

STORES: Final = "profile_stores"
COHORTS: Final = "cohorts"

NOTHING: Final = Batch()

P = TypeVar("P", GivenStore, GivenCohort)


# Reading


async def readied(scenario: Scenario) -> Scenario:
    """With everybody read or made up, and others given their turns; raise `ScenarioError`."""
    given = scenario.given
    if not (given.stores or given.cohorts):
        return scenario
    for wanted in _unread(given):
        if wanted.fake is not None:
            await asyncio.to_thread(material, wanted.fake.seed)
    stores = [await _fetched(each) for each in given.stores]
    cohorts = [await _fetched(each) for each in given.cohorts]
    ready = replace(given, stores=tuple(stores), cohorts=tuple(cohorts))
    return replace(scenario, given=ready)


def readied_at_once(given: Given) -> Given:
    """The same without a pause, before anybody is served."""
    if not any(_unread(given)):
        return given
    stores, cohorts = map(_filled, given.stores), map(_filled, given.cohorts)
    return replace(given, stores=tuple(stores), cohorts=tuple(cohorts))


def _unread(given: Given) -> Iterator[GivenPeople]:
    people = [each.people for each in given.stores] + [each.people for each in given.cohorts]
    return (each for each in people if each.batch is None and (each.file or each.fake))


async def _fetched(given: P) -> P:
    if (steps := _steps(given.people)) is None:
        return given
    batch = await in_turns(steps)
    return replace(given, people=replace(given.people, batch=batch))


def _filled(given: P) -> P:
    if (steps := _steps(given.people)) is None:
        return given
    return replace(given, people=replace(given.people, batch=at_once(steps)))


def _steps(people: GivenPeople) -> Steps | None:
    if people.batch is not None:
        return None
    if people.fake is not None:
        fake = people.fake
        return of_fakes(fake.count, fake.seed, whatsapp=fake.whatsapp)
    return _file(people.file) if people.file else None


def _file(name: str) -> Steps:
    """Raise `ScenarioError` with the line at fault."""
    try:
        return (yield from of_file(Path(name)))
    except BadRow as bad:
        raise ScenarioError(name, [ScenarioFault("", bad.line, 1, bad.reason)]) from None
    except (OSError, TooMany) as wrong:
        told = f"cannot be read: {wrong.strerror}" if isinstance(wrong, OSError) else str(wrong)
        raise ScenarioError(name, [ScenarioFault("", 0, 0, told)]) from None


# Planning


class Plan(NamedTuple):
    """What is to be put."""

    stores: tuple[Store, ...] = ()
    cohorts: tuple[Cohort, ...] = ()

    def put(self, tables: Tables, unit: Unit, at: int = 0) -> None:
        """Among the tables; of the same id, what was there goes, and a store's cohorts with it."""
        for store in self.stores:
            if store.id in tables.profile_stores:
                drop_store(store.id, tables, unit)
            keep_store(replace(store, created_at=at, updated_at=at), tables, unit)
        for cohort in self.cohorts:
            keep_cohort(replace(cohort, created_at=at, updated_at=at), tables, unit)


def planned(given: Given, home: str, tables: Tables) -> Plan:
    """The stores and cohorts that are given; `home` owns what names nobody else.

    Raise `ScenarioError` for a store or a profile that there is not.
    """
    if not (given.stores or given.cohorts):
        return Plan()
    planning = _Planning(readied_at_once(given), home, tables)
    planning.go()
    if planning.complaints:
        raise error("given", planning.complaints)
    return Plan(tuple(planning.stores), tuple(planning.cohorts))


class _Planning:
    """One seed."""

    def __init__(self, given: Given, home: str, tables: Tables) -> None:
        self._given, self._home, self._tables = given, home, tables
        self.stores: list[Store] = []
        self.cohorts: list[Cohort] = []
        self.complaints: list[Complaint] = []

    def go(self) -> None:
        for store in self._given.stores:
            id_ = store.id or id_by_name(STORE, store.account_sid, store.name)
            self.stores.append(self._store(id_, store))
        for place, cohort in enumerate(self._given.cohorts):
            id_ = cohort.id or id_by_name(COHORT, cohort.account_sid, cohort.name)
            if (made := self._cohort(place, id_, cohort)) is not None:
                self.cohorts.append(made)

    def _store(self, id_: str, given: GivenStore | GivenCohort) -> Store:
        empty = Store(id_, given.account_sid or self._home, given.name)
        return empty.grown(given.people.batch or NOTHING, 0)

    def _cohort(self, place: int, id_: str, given: GivenCohort) -> Cohort | None:
        account = given.account_sid or self._home
        if not given.store:
            own = self._store(own_store(id_), given)
            self.stores.append(own)
            return Cohort(id_, account, own.id, given.name)
        store = self._named(given.store, account)
        if store is None:
            known = [name for each in self._of(account) for name in (each.id, each.name) if name]
            told = f"there is no store {given.store!r} of this account"
            self._complain(told, place, "store", hint=near(given.store, known))
            return None
        places = None if given.profiles is None else self._places(place, given.profiles, store)
        return Cohort(id_, account, store.id, given.name, places=places)

    def _named(self, text: str, account: str) -> Store | None:
        return next((each for each in self._of(account) if text in (each.id, each.name)), None)

    def _of(self, account: str) -> Iterator[Store]:
        """The account's stores, those of the seed first."""
        new = {each.id for each in self.stores}
        there = (each for each in self._tables.profile_stores.values() if each.id not in new)
        every = (*self.stores, *there)
        return (each for each in every if each.account_sid == account)

    def _places(self, place: int, profiles: Iterable[str], store: Store) -> "array[int]":
        found: dict[int, None] = {}
        for number, id_ in enumerate(profiles):
            if (at := store.find(id_)) is None:
                self._complain(f"{store.id} has no profile {id_}", place, "profiles", number)
            else:
                found[at] = None
        return array("I", found)

    def _complain(self, told: str, *path: str | int, hint: str = "") -> None:
        self.complaints.append(Complaint((COHORTS, *path), told, hint))


def own_store(cohort_id: str) -> str:
    """The id of the store of a cohort that has members of its own."""
    return id_by_name(STORE, "", cohort_id)


# Putting


def keep_store(store: Store, tables: Tables, unit: Unit) -> None:
    """Put a store, or its next state."""
    tables.profile_stores[store.id] = store
    unit.put(STORES, store.id, store)


def keep_cohort(cohort: Cohort, tables: Tables, unit: Unit) -> None:
    """Put a cohort, or its next state."""
    tables.cohorts[cohort.id] = cohort
    unit.put(COHORTS, cohort.id, cohort)


def drop_store(id_: str, tables: Tables, unit: Unit) -> None:
    """Take a store out with its cohorts; operations go on with whom they have."""
    for cohort in [each for each in tables.cohorts.values() if each.store_id == id_]:
        del tables.cohorts[cohort.id]
        unit.put(COHORTS, cohort.id, None)
    del tables.profile_stores[id_]
    unit.put(STORES, id_, None)


def drop_cohort(id_: str, tables: Tables, unit: Unit) -> None:
    """Take a cohort out, and the store that was made for it alone."""
    cohort = tables.cohorts.pop(id_)
    unit.put(COHORTS, id_, None)
    shared = any(each.store_id == cohort.store_id for each in tables.cohorts.values())
    if cohort.store_id == own_store(id_) and not shared:
        drop_store(cohort.store_id, tables, unit)
