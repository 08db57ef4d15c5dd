"""Scenarios as they stand in the file: documents, and the people that they give apart.

Those are kept as they were read: their file may be another one by now, or gone.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from mockserver.domain.audiences.blocks import Batch, Block
from mockserver.domain.audiences.given import GivenCohort, GivenFakes, GivenPeople, GivenStore
from mockserver.domain.faults import Scenario
from mockserver.world.scenarios import from_document

PEOPLE = ("stores", "cohorts")


class KeptPeople(msgspec.Struct, frozen=True):
    """Profiles."""

    blocks: tuple[Block, ...] | None = None
    file: str = ""
    fake: GivenFakes | None = None

    @classmethod
    def of(cls, given: GivenPeople) -> "KeptPeople":
        """As they were given, and read."""
        return cls(None if given.batch is None else given.batch.blocks, given.file, given.fake)

    def given(self) -> GivenPeople:
        """The same again."""
        batch = None if self.blocks is None else Batch(self.blocks, _index(self.blocks))
        return GivenPeople(batch, self.file, self.fake)


class KeptGroup(msgspec.Struct, frozen=True):
    """A store, or a cohort."""

    id: str
    name: str
    account_sid: str
    people: KeptPeople
    store: str = ""
    profiles: tuple[str, ...] | None = None


class KeptScenario(msgspec.Struct, frozen=True):
    """A scenario."""

    document: dict[str, Any]
    """Without people."""
    stores: list[KeptGroup] = []
    cohorts: list[KeptGroup] = []

    @classmethod
    def of(cls, scenario: Scenario) -> "KeptScenario":
        """As it is in force."""
        given = scenario.given
        bare = replace(scenario, given=replace(given, stores=(), cohorts=()))
        return cls(
            bare.document(),
            [_group(each) for each in given.stores],
            [_group(each) for each in given.cohorts],
        )

    def scenario(self) -> Scenario:
        """The same again, nameless where it was; raise `ScenarioError`.

        One that says nothing is not read: that would load what checks scenarios.
        """
        name = self.document.get("name", "")
        if not (self.document.keys() - {"name"} or self.stores or self.cohorts):
            return Scenario(name)
        found = replace(from_document(self.document), name=name)
        stores = tuple(
            GivenStore(each.id, each.name, each.account_sid, each.people.given())
            for each in self.stores
        )
        cohorts = tuple(map(_cohort, self.cohorts))
        return replace(found, given=replace(found.given, stores=stores, cohorts=cohorts))


def _group(given: GivenStore | GivenCohort) -> KeptGroup:
    named = given.id, given.name, given.account_sid, KeptPeople.of(given.people)
    return KeptGroup(*named, getattr(given, "store", ""), getattr(given, "profiles", None))


def _cohort(kept: KeptGroup) -> GivenCohort:
    named = kept.id, kept.name, kept.account_sid
    return GivenCohort(*named, kept.store, kept.profiles, kept.people.given())


def _index(blocks: tuple[Block, ...]) -> Mapping[str, int]:
    ids = (id_ for block in blocks for id_ in block.ids or ("",) * block.count)
    return {id_: place for place, id_ in enumerate(ids) if id_}
