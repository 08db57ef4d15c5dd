"""Recipients, one by one, in a row, and by their addresses."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.records import RecipientBlock
from mockserver.world.bulk.people import FAR, Direct, People, Person

NUMBERS = [f"+1415555010{digit}" for digit in range(5)]
KINDS = ("PHONE", "WHATSAPP")

ENDS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(NUMBERS)), min_size=1, max_size=3
).map(tuple)
PERSON = st.builds(
    Person, ENDS, st.dictionaries(st.sampled_from("ab"), st.text(max_size=3), max_size=2)
)
ROWS = st.lists(st.lists(PERSON, max_size=5), max_size=4)


def block(start: int, people: list[Person]) -> RecipientBlock:
    """As a request's recipients are kept."""
    kinds = bytes(2 if len(each.ends) > 1 else KINDS.index(each.ends[0][0]) for each in people)
    to = tuple(
        " ".join(f"{KINDS.index(kind)}{text}" for kind, text in each.ends)
        if len(each.ends) > 1
        else each.ends[0][1]
        for each in people
    )
    return RecipientBlock(start, to, kinds, _variables(people), ())


def _variables(people: list[Person]) -> bytes:
    found: list[Any] = [dict(each.variables) or None for each in people]
    return msgspec.json.encode(found) if any(found) else b""


def people_of(rows: list[list[Person]]) -> People:
    starts = [sum(map(len, rows[:place])) for place in range(len(rows))]
    return People([Direct(block(start, row)) for start, row in zip(starts, rows, strict=True)])


@given(ROWS)
def test_each_is_at_their_place(rows: list[list[Person]]) -> None:
    """Whatever blocks they are in."""
    people, flat = people_of(rows), [each for row in rows for each in row]
    assert people.count == len(flat)
    assert [people.person(place) for place in range(people.count)] == flat


@given(ROWS, st.data())
def test_a_walk_meets_those_it_is_about(rows: list[list[Person]], data: st.DataObject) -> None:
    """Each with their place, in order, and nobody else."""
    people, flat = people_of(rows), [each for row in rows for each in row]
    places = sorted(data.draw(st.sets(st.sampled_from(range(len(flat)))))) if flat else []
    assert [*people.walk(places)] == [(place, flat[place]) for place in places]
    assert [*people.walk(range(len(flat)))] == [*enumerate(flat)]
    start = data.draw(st.integers(0, len(flat)))
    assert [*people.walk(range(start, len(flat)))] == [*enumerate(flat)][start:]


class Counted:
    """A part of many that counts how many of them somebody goes through."""

    def __init__(self, count: int) -> None:
        self.count, self.item, self.listed, self.met = count, 0, True, 0

    def person(self, place: int) -> Person:
        self.met += 1
        return Person((("PHONE", str(place)),), {})

    def people(self, start: int) -> Iterator[Person]:
        return map(self.person, range(start, self.count))

    def at(self, address: str) -> Iterator[int]:
        return iter(())

    def of_profile(self, profile_id: str) -> Iterator[int]:
        return iter(())


@pytest.mark.parametrize(
    "places",
    [
        range(0, 20_000, 1_999),
        range(250),
        range(7, 20_000, 3),
        [*range(300), *range(15_000, 15_120), 19_998, 19_999],
        [0, *range(9_900, 10_150), *range(19_000, 20_000, 100)],
    ],
)
def test_a_walk_goes_around_those_between(places: Sequence[int]) -> None:
    """Where they are many: to meet the next one never takes long."""
    part = Counted(10_000)
    people = People([Counted(3), part, Counted(20_000)])
    met = 0
    for expected, (place, person) in zip(places, people.walk(places), strict=True):
        inside = place - (0 if place < 3 else 3 if place < 10_003 else 10_003)
        assert (place, person.ends) == (expected, (("PHONE", str(inside)),))
        assert part.met - met <= FAR + 1
        met = part.met


@given(ROWS, st.sampled_from([*NUMBERS, "+1415", ""]))
def test_who_has_an_address(rows: list[list[Person]], address: str) -> None:
    """On whatever channel; a part of a number is none."""
    people, flat = people_of(rows), [each for row in rows for each in row]
    expected = [
        place
        for place, person in enumerate(flat)
        if any(text == address for _, text in person.ends)
    ]
    assert [*people.at(address)] == expected


def test_those_without_variables() -> None:
    """Of a block in which somebody has some."""
    ends = (("PHONE", NUMBERS[0]),)
    people = people_of([[Person(ends, {"a": "b"}), Person(ends, {})]])
    assert people.person(1).variables == {}
    assert [person.variables for _, person in people.walk(range(2))] == [{"a": "b"}, {}]
