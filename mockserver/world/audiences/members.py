"""Profiles and members of cohorts as people of an operation."""

from array import array
from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from mockserver.domain.audiences.references import References
from mockserver.domain.bulk.records import PROFILE, RecipientBlock
from mockserver.domain.personalising.template import Variables
from mockserver.world.audiences.stores import Crowd, Store
from mockserver.world.bulk.people import NOTHING, Person


class Members(msgspec.Struct, frozen=True):
    """Those of a cohort, as they were; the variables of its item are everybody's."""

    item: int
    cohort_id: str
    crowd: Crowd
    references: References

    @property
    def count(self) -> int:
        return self.crowd.count

    @property
    def listed(self) -> bool:
        return False

    def person(self, place: int) -> Person:
        return _person(self.crowd.store, self._place(place), self.references)

    def people(self, start: int) -> Iterator[Person]:
        store, references, places = self.crowd.store, self.references, self.crowd.places
        if places is None:
            return _everybody(store, start, self.count, references)
        some = islice(places, start, self.count)
        return (_person(store, place, references) for place in some)

    def at(self, address: str) -> Iterator[int]:
        found = self.crowd.store.at(address)
        places = self.crowd.places
        if places is None:
            yield from (place for place in found if place < self.count)
        elif wanted := set(found):
            for number, place in enumerate(islice(places, self.count)):
                if place in wanted:
                    yield number

    def of_profile(self, profile_id: str) -> Iterator[int]:
        place, places = self.crowd.store.find(profile_id), self.crowd.places
        if place is None:
            return
        try:
            number = place if places is None else places.index(place)
        except ValueError:
            return
        if number < self.count:
            yield number

    def _place(self, number: int) -> int:
        places = self.crowd.places
        return number if places is None else places[number]


def _person(store: Store, place: int, references: References) -> Person:
    block, inside = store.block(place)
    traits = block.traits_of(inside) if references.any else NOTHING
    profile_id = store.profile_id(place)
    return Person(block.ends(inside), references.of(traits), store.id, profile_id)


def _everybody(store: Store, start: int, stop: int, references: References) -> Iterator[Person]:
    """All of a store from a place on, a block at a time."""
    ids, of, store_id = store.profile_ids(start, stop), references.of, store.id
    for first, block in store.walk(start, stop):
        inside = slice(max(0, start - first), stop - first)
        all_ends = block.all_ends()[inside]
        if not references.any:
            same = references.variables
            for ends, id_ in zip(all_ends, ids, strict=False):
                yield Person(ends, same, store_id, id_)
            continue
        for ends, traits, id_ in zip(all_ends, block.all_traits()[inside], ids, strict=False):
            yield Person(ends, of(traits), store_id, id_)


_Known = dict[tuple[tuple[str, str], ...], References]
"""References of one block, by the variables that they are in: most have the same ones."""


class Mixed(msgspec.Struct, frozen=True):
    """Recipients of a request some of whom are profiles."""

    block: RecipientBlock
    stores: Mapping[str, Store]
    """As they were, by id."""
    places: "array[int]"
    """In their stores; whatever of those who are no profiles."""

    @property
    def count(self) -> int:
        return len(self.block.to)

    @property
    def item(self) -> int:
        return self.block.start

    @property
    def listed(self) -> bool:
        return True

    def person(self, place: int) -> Person:
        return self._person(place, self.block.variables_of(place), {})

    def people(self, start: int) -> Iterator[Person]:
        variables, known = self.block.all_variables(), _Known()
        for place in range(start, self.count):
            yield self._person(place, variables[place] or NOTHING, known)

    def at(self, address: str) -> Iterator[int]:
        for place in range(self.count):
            if any(address == each for _, each in self._person(place, NOTHING, {}).ends):
                yield place

    def of_profile(self, profile_id: str) -> Iterator[int]:
        for place, (kind, text) in enumerate(zip(self.block.kinds, self.block.to, strict=True)):
            if kind == PROFILE and text.partition(" ")[2] == profile_id:
                yield place

    def _person(self, place: int, variables: Variables, known: _Known) -> Person:
        if self.block.kinds[place] != PROFILE:
            recipient = self.block.recipient(place)
            ends = tuple(zip(recipient.channels, recipient.addresses, strict=True))
            return Person(ends, variables)
        store_id, _, profile_id = self.block.to[place].partition(" ")
        block, inside = self.stores[store_id].block(self.places[place])
        if (references := known.get(key := (*variables.items(),))) is None:
            references = known[key] = References(variables)
        traits = block.traits_of(inside) if references.any else NOTHING
        return Person(block.ends(inside), references.of(traits), store_id, profile_id)
