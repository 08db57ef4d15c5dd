"""People who are made up."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.addresses import doubt, is_phone_number
from mockserver.domain.audiences.blocks import Batch
from mockserver.world.audiences.fakes import NUMBERS, _number, _step, material, of_fakes
from mockserver.world.audiences.filling import ROWS, TooMany, at_once
from mockserver.world.audiences.stores import MOST


def made(count: int, seed: int = 7, *, whatsapp: bool = False) -> Batch:
    return at_once(of_fakes(count, seed, whatsapp=whatsapp))


def phones(batch: Batch) -> list[str]:
    return [ends[0][1] for block in batch.blocks for ends in block.all_ends()]


def test_the_same_count_and_seed_make_the_same_people() -> None:
    """A larger count only adds to them; another seed makes others."""
    assert made(1_200) == made(1_200)
    assert phones(made(1_500))[:1_200] == phones(made(1_200))
    assert made(1_200, 8) != made(1_200)


def test_everybody_has_a_number_of_their_own() -> None:
    """In San Francisco; one that the plan has room for."""
    numbers = phones(made(20_000))
    assert len(set(numbers)) == 20_000
    assert all(re.fullmatch(r"\+1415[2-9][0-9]{6}", each) for each in numbers)
    assert not any(map(doubt, numbers))


@given(st.integers(0, NUMBERS - 1), st.integers(0, 2**32 - 1))
def test_any_place_has_a_number_of_the_plan(place: int, seed: int) -> None:
    """And no seed goes through them in steps that come back early."""
    number = _number(place)
    assert is_phone_number(number)
    assert doubt(number) == ""
    assert place == 0 or _number(place - 1) < number
    assert pow(_step(seed), -1, NUMBERS)


def test_names_and_towns_are_fakers() -> None:
    """Some hundreds of each, combined; the most frequent person is a rare one."""
    first, last, cities = material(7)
    assert min(map(len, (first, last, cities))) > 100
    batch = made(5_000)
    people = [traits for block in batch.blocks for traits in block.all_traits()]
    assert {each["firstName"] for each in people} == set(first)
    assert {each["lastName"] for each in people} == set(last)
    assert {each["city"] for each in people} == set(cities)
    names = [(each["firstName"], each["lastName"]) for each in people]
    assert len(set(names)) > 4_500
    assert [each["contact"]["phone"] for each in people] == phones(batch)


def test_they_have_whatsapp_where_that_is_asked_for() -> None:
    """With the number of the phone."""
    [block] = made(3, whatsapp=True).blocks
    for place, phone in enumerate(phones(made(3))):
        assert block.ends(place) == (("PHONE", phone), ("WHATSAPP", phone))
        assert block.traits_of(place)["contact"] == {"phone": phone, "whatsapp": phone}
    assert made(3).blocks[0].whatsapp == b""


def test_more_than_a_store_has_room_for_are_not_made() -> None:
    """There would be numbers for seven times as many."""
    assert NUMBERS > 7 * MOST
    steps = of_fakes(MOST + 1, 7)
    with pytest.raises(TooMany, match=f"at most {MOST} members, not {MOST + 1}"):
        next(steps)


@settings(max_examples=5)
@given(st.integers(1, 5))
def test_others_get_their_turns(hundreds: int) -> None:
    """Again and again."""
    assert sum(1 for _ in of_fakes(hundreds * ROWS, 7)) == hundreds
