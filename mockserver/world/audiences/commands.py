"""What can be done with stores and cohorts while a sandbox lives."""

from collections.abc import Iterable

from msgspec.structs import replace

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.faults import Given
from mockserver.world.audiences.filling import TooMany
from mockserver.world.audiences.seeding import (
    Plan,
    drop_cohort,
    drop_store,
    keep_cohort,
    keep_store,
    planned,
)
from mockserver.world.audiences.stores import MOST, Cohort, Store
from mockserver.world.queries import still
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class Taken(Exception):
    """There is one of that id already; the text says what."""


class Changed(Exception):
    """What was to be added to is not as it was when somebody looked."""


class Unknown(Exception):
    """There is no such store, cohort or profile; the text says which."""


class Audiences:
    """Those of one sandbox, whatever their accounts."""

    __slots__ = ("_sandbox", "_tables")

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._tables = sandbox, sandbox.tables

    def store(self, id_: str) -> Store:
        """As it is now; raise `Unknown`."""
        if (found := self._tables.profile_stores.get(id_)) is None:
            raise Unknown(f"there is no store {id_!r}")
        return found

    def cohort(self, id_: str) -> Cohort:
        """As it is now; raise `Unknown`."""
        if (found := self._tables.cohorts.get(id_)) is None:
            raise Unknown(f"there is no cohort {id_!r}")
        return found

    async def set_up(self, given: Given) -> Plan:
        """Put what is not there yet; raise `Taken`, or `ScenarioError` as `planned` does."""
        self._begin()
        plan = planned(given, self._sandbox.accounts.first.sid, self._tables)
        for id_ in (*(each.id for each in plan.cohorts), *(each.id for each in plan.stores)):
            if id_ in self._tables.cohorts or id_ in self._tables.profile_stores:
                raise Taken(f"{id_} is there already: delete it first, or add to it")
        unit = Unit()
        plan.put(self._tables, unit, self._sandbox.clock.now())
        await self._sandbox.engine.commit(unit)
        return plan

    async def add(self, store: Store, batch: Batch) -> Store:
        """More profiles; raise `TooMany`, or `Changed` where their ids may be taken since.

        `store` is as it was when the batch was read.
        """
        self._begin()
        unit = Unit()
        grown = self._grow(store, batch, unit)
        await self._sandbox.engine.commit(unit)
        return grown

    async def add_members(self, cohort: Cohort, store: Store, batch: Batch) -> Cohort:
        """More profiles of a cohort's store, who are members; raises as `add` does."""
        self._begin()
        cohort, unit = self.cohort(cohort.id), Unit()
        grown = self._grow(store, batch, unit)
        joined = self._join(cohort, range(grown.count - batch.count, grown.count), unit)
        await self._sandbox.engine.commit(unit)
        return joined

    async def join(self, cohort: Cohort, profiles: Iterable[str]) -> Cohort:
        """More members, of the cohort's store; raise `Unknown` for who is not in it.

        Those who are members already stay what they are.
        """
        self._begin()
        cohort, unit = self.cohort(cohort.id), Unit()
        store = self.store(cohort.store_id)
        places = dict.fromkeys(self._place(store, each) for each in profiles)
        there = set(cohort.places or ())
        joined = self._join(cohort, [place for place in places if place not in there], unit)
        await self._sandbox.engine.commit(unit)
        return joined

    async def drop(self, record: Store | Cohort) -> None:
        """End a store with its cohorts, or a cohort with the store that is its own."""
        self._begin()
        unit = Unit()
        if isinstance(record, Store):
            drop_store(self.store(record.id).id, self._tables, unit)
        else:
            drop_cohort(self.cohort(record.id).id, self._tables, unit)
        await self._sandbox.engine.commit(unit)

    def _begin(self) -> None:
        still(self._sandbox, self._tables)
        self._sandbox.engine.catch_up()

    def _grow(self, store: Store, batch: Batch, unit: Unit) -> Store:
        present = self.store(store.id)
        if present is not store and (batch.index or present.family is not store.family):
            raise Changed(f"{store.id} changed meanwhile: send it again")
        if (count := present.count + batch.count) > MOST:
            raise TooMany(count)
        grown = present.grown(batch, self._sandbox.clock.now())
        keep_store(grown, self._tables, unit)
        return grown

    def _join(self, cohort: Cohort, places: Iterable[int], unit: Unit) -> Cohort:
        if cohort.places is not None:
            cohort.places.extend(places)
        joined = replace(cohort, updated_at=self._sandbox.clock.now())
        keep_cohort(joined, self._tables, unit)
        return joined

    def _place(self, store: Store, profile_id: str) -> int:
        if (place := store.find(profile_id)) is None:
            raise Unknown(f"{store.id} has no profile {profile_id!r}")
        return place
