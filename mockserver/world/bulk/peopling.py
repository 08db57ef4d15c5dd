"""From the recipients of a request to people: those named by addresses, profiles, cohorts."""

from array import array
from collections.abc import Generator, Iterator, Mapping
from itertools import groupby
from typing import Final, Protocol

import msgspec

from mockserver.domain.audiences.references import NONE, References
from mockserver.domain.bulk.faults import MOST as ENOUGH
from mockserver.domain.bulk.records import COHORT, PROFILE, SEVERAL, RecipientBlock, Send
from mockserver.domain.json_faults import INVALID, UNKNOWN, Fault, fault
from mockserver.world.audiences.members import Members, Mixed
from mockserver.world.audiences.stores import MOST, Crowd, Store
from mockserver.world.bulk.people import Direct, Part, People

_ADDRESSES: Final = bytes(range(SEVERAL + 1))
"""The kinds of recipients who are named by addresses."""


class Audience(Protocol):
    """Whom an account may name."""

    def store(self, id_: str) -> Store | None: ...

    def cohort(self, id_: str) -> Crowd | None:
        """Its members as they are now."""


class Nobody:
    """An audience of an account that has none."""

    def store(self, id_: str) -> Store | None:
        return None

    def cohort(self, id_: str) -> Crowd | None:
        return None


NOBODY: Final = Nobody()


def people_of(send: Send, audience: Audience = NOBODY) -> People | list[Fault]:
    """Everybody whom a request means, or a fault for each profile or cohort that is not known.

    And one where they are more than an operation may have.
    """
    steps = peopling(send, audience)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: People | list[Fault] = stop.value
            return found


def peopling(
    send: Send, audience: Audience = NOBODY
) -> Generator[None, None, People | list[Fault]]:
    """The same in short steps, where there are profiles or cohorts."""
    parts: list[Part] = []
    looking = _Looking(audience)
    for block in send.blocks:
        if not block.kinds.translate(None, _ADDRESSES):
            parts.append(Direct(block))
            continue
        parts += looking.parts(block)
        if len(looking.faults) >= ENOUGH:
            break
        yield
    if looking.faults:
        return looking.faults[:ENOUGH]
    return _counted(People(parts))


def _counted(people: People) -> People | list[Fault]:
    if people.count <= MOST:
        return people
    many = f"to means {people.count} recipients, an operation has at most {MOST}"
    return [fault(INVALID, "$.to", what=many)]


class _Looking:
    """Looks up whom a request names: each once, since they may change between two blocks."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._stores: dict[str, Store | None] = {}
        self._cohorts: dict[str, Crowd | None] = {}
        self.faults: list[Fault] = []

    def parts(self, block: RecipientBlock) -> Iterator[Part]:
        """A cohort is a part, and so are those between two of them."""
        if COHORT not in block.kinds:
            yield self._mixed(block)
            return
        variables = block.all_variables()
        places = range(len(block.to))
        for is_cohort, run in groupby(places, lambda place: block.kinds[place] == COHORT):
            if not is_cohort:
                yield self._listed(_cut(block, list(run), variables))
                continue
            for place in run:
                yield from self._cohort(block, place, variables[place])

    def _cohort(
        self, block: RecipientBlock, place: int, variables: Mapping[str, str] | None
    ) -> Iterator[Part]:
        item, id_ = block.start + place, block.to[place]
        if id_ not in self._cohorts:
            self._cohorts[id_] = self._audience.cohort(id_)
        if (crowd := self._cohorts[id_]) is None:
            self.faults.append(fault(UNKNOWN, f"$.to[{item}].cohortId"))
            return
        yield Members(item, id_, crowd, References(variables) if variables else NONE)

    def _listed(self, block: RecipientBlock) -> Part:
        return self._mixed(block) if PROFILE in block.kinds else Direct(block)

    def _mixed(self, block: RecipientBlock) -> Mixed:
        stores: dict[str, Store] = {}
        places = array("I", bytes(4 * len(block.to)))
        for place, kind in enumerate(block.kinds):
            if kind == PROFILE:
                store_id, _, profile_id = block.to[place].partition(" ")
                places[place] = self._profile(block.start + place, store_id, profile_id, stores)
        return Mixed(block, stores, places)

    def _profile(self, item: int, store_id: str, id_: str, stores: dict[str, Store]) -> int:
        """Its place in its store, which is put among `stores`; without one a fault, and 0."""
        if store_id not in self._stores:
            self._stores[store_id] = self._audience.store(store_id)
        if (store := self._stores[store_id]) is None:
            self.faults.append(fault(UNKNOWN, f"$.to[{item}].memoryStoreId"))
            return 0
        stores[store_id] = store
        if (found := store.find(id_)) is None:
            self.faults.append(fault(UNKNOWN, f"$.to[{item}].profileId"))
        return found or 0


def _cut(
    block: RecipientBlock, places: list[int], variables: list[dict[str, str] | None]
) -> RecipientBlock:
    """Some recipients of a block that follow each other."""
    part = slice(places[0], places[-1] + 1)
    own = variables[part]
    return RecipientBlock(
        block.start + places[0],
        block.to[part],
        block.kinds[part],
        msgspec.json.encode(own) if any(own) else b"",
        block.everyone_has if any(own) else (),
    )
