"""When an operation begins with whom: with all at once, or by the clocks of their countries."""

from array import array
from collections.abc import Generator, Iterator
from heapq import merge
from typing import Final

from mockserver.domain.addresses import country
from mockserver.domain.bulk.records import Schedule
from mockserver.world.bulk.people import People, Person

STRETCH: Final = 1_000
"""Recipients that are looked at before others get a turn."""

AT_ONCE: Final = 0

Moments = dict[int, "array[int] | None"]
"""Ascending places by the moment, in microseconds, or `AT_ONCE`; None for all places."""


def moments(people: People, schedule: Schedule | None) -> Generator[None, None, Moments]:
    """The generator returns them; between two yields lies a stretch.

    At once, too, for those on whose clocks no time fits all expressions.
    """
    if schedule is None or not schedule.walls:
        return {(schedule.moment("") if schedule else None) or AT_ONCE: None}
    found: dict[int, array[int]] = {}
    known: dict[str, array[int]] = {}
    for number, (place, where) in enumerate(_countries(people)):
        if (places := known.get(where)) is None:
            moment = schedule.moment(where) or AT_ONCE
            places = known[where] = found.setdefault(moment, array("I"))
        places.append(place)
        if number % STRETCH == STRETCH - 1:
            yield
    return {**found}


def all_moments(people: People, schedule: Schedule | None) -> Moments:
    """The same without a pause."""
    steps = moments(people, schedule)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: Moments = stop.value
            return found


def none_before(first: int, found: Moments) -> Moments:
    """With `first` instead of `AT_ONCE`, and of what has passed while somebody looked."""
    early = [moment for moment in found if moment <= first]
    if not early:
        return found
    if len(early) == 1:
        return {max(moment, first): places for moment, places in found.items()}
    together = array("I", merge(*(found[moment] or () for moment in early)))
    later = {moment: places for moment, places in found.items() if moment > first}
    return {first: together, **later}


def _countries(people: People) -> Iterator[tuple[int, str]]:
    """Where everybody is, "" for nobody knows."""
    return ((place, _country(each)) for place, each in people.walk(range(people.count)))


def _country(person: Person) -> str:
    return country(person.ends[0][1]) if person.ends else ""
