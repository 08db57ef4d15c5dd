"""Stores: ids by place, states that stay as they are, growth at the end."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.audiences.profiles import PROFILE
from mockserver.domain.type_ids import is_type_id
from mockserver.world.audiences.filling import at_once, of_rows
from mockserver.world.audiences.stores import (
    COHORT,
    STORE,
    Store,
    id_by_name,
)

ID = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
GIVEN = [f"mem_profile_01h9krwprkeee8fzqspvwy6n{end}" for end in ("q8", "q9", "qa", "qb")]


def batch(*rows: dict[str, Any]) -> Batch:
    return at_once(of_rows(rows))


def many(count: int, first: int = 0) -> Batch:
    return batch(*({"n": place} for place in range(first, first + count)))


def numbers(store: Store) -> list[Any]:
    """What tells the profiles of `many` apart, in order."""
    return [each["n"] for block in store.blocks for each in block.all_traits()]


def empty() -> Store:
    return Store(ID, "AC" + "1" * 32)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9) | st.integers(900, 1_100), max_size=5))
def test_a_store_grows_at_its_end(counts: list[int]) -> None:
    """Whatever comes at a time: profiles keep their places, and every state stays as it was."""
    store, states = empty(), []
    for count in counts:
        states.append((store, store.count))
        store = store.grown(many(count, store.count), 7)
    assert numbers(store) == list(range(sum(counts)))
    for state, count in states:
        assert (state.count, len(numbers(state))) == (count, count)
        assert state.family is store.family


def test_single_profiles_do_not_make_a_block_each() -> None:
    """They join the last one while it has room."""
    store = empty()
    for place in range(1_050):
        store = store.grown(many(1, place), 7)
    assert [block.count for block in store.blocks] == [1_000, 50]
    assert store.updated_at == 7


def test_two_stores_of_one_id_are_told_apart() -> None:
    """A store that takes another's place is no later state of it."""
    assert empty().family is not empty().family


def test_every_place_leads_to_its_profile() -> None:
    """And there is nobody behind the last one."""
    store = empty().grown(many(1_500), 7).grown(many(1_200, 1_500), 8)
    places = [0, 999, 1_000, 1_499, 1_500, 2_699]
    found = [store.block(place) for place in places]
    assert [block.traits_of(inside)["n"] for block, inside in found] == places
    with pytest.raises(IndexError):
        store.block(2_700)


# Ids


def test_ids_follow_from_store_and_place() -> None:
    """Each another, each a profile's id, and each leads back to its place."""
    store = empty().grown(many(200), 7)
    ids = [store.profile_id(place) for place in range(200)]
    assert len(set(ids)) == 200
    assert all(is_type_id(each, PROFILE) for each in ids)
    assert [store.find(each) for each in ids] == list(range(200))
    other = Store(ID[:-1] + "9", "AC").grown(many(200), 7)
    assert not {other.profile_id(place) for place in range(200)} & set(ids)
    assert [other.find(each) for each in ids] == [None] * 200


def test_ids_are_known_beforehand() -> None:
    """They are the same in every sandbox, so that a seed can name them."""
    store = empty().grown(many(2), 7)
    assert store.profile_id(1) == empty().grown(many(9), 99).profile_id(1)


@given(st.integers(0, 2_700), st.integers(0, 2_700))
def test_ids_in_a_row_are_those_one_by_one(start: int, stop: int) -> None:
    """From any place to any other."""
    store = MIXED
    wanted = [store.profile_id(place) for place in range(start, min(stop, store.count))]
    assert list(store.profile_ids(start, stop)) == wanted


MIXED = (
    empty()
    .grown(many(1_250), 7)
    .grown(batch({"id": GIVEN[0]}, {"n": 1}, {"id": GIVEN[1]}), 7)
    .grown(many(1_400), 7)
)


def test_given_ids_lead_to_their_places() -> None:
    """Those of profiles without one among them follow from the place all the same."""
    assert [MIXED.find(id_) for id_ in GIVEN] == [1_250, 1_252, None, None]
    assert MIXED.profile_id(1_250) == GIVEN[0]
    between = MIXED.profile_id(1_251)
    assert between not in GIVEN
    assert MIXED.find(between) == 1_251


def test_an_earlier_state_knows_nobody_who_came_later() -> None:
    """Neither by a given id nor by one that follows from the place."""
    before = empty().grown(many(3), 7)
    after = before.grown(batch({"id": GIVEN[0]}, {"n": 4}), 8)
    assert (after.find(GIVEN[0]), before.find(GIVEN[0])) == (3, None)
    assert (after.find(after.profile_id(4)), before.find(after.profile_id(4))) == (4, None)


def test_many_small_additions_are_few_indexes() -> None:
    """Or every look-up would go through all of them."""
    store = empty()
    for place in range(30):
        store = store.grown(batch({"id": f"mem_profile_{place:026}"}), 7)
    assert len(store.indexes) == 1
    assert [store.find(f"mem_profile_{place:026}") for place in range(30)] == list(range(30))


@pytest.mark.parametrize("text", ["", "x", "mem_profile_", GIVEN[0] + "q", "mem_store_" + "0" * 26])
def test_what_is_no_id_is_nobody(text: str) -> None:
    """Nor is an id with letters that the alphabet leaves out, which would read as others."""
    store = empty().grown(many(70), 7)
    assert store.find(text) is None
    every = [store.profile_id(place) for place in range(70)]
    shifted = [each[:-9] + "i" + each[-8:] for each in every]
    assert [store.find(each) for each in shifted] == [None] * 70


def test_an_id_by_name_is_the_same_anywhere() -> None:
    """Names of different accounts and kinds have different ones."""
    one = id_by_name(STORE, "", "customers")
    assert is_type_id(one, STORE)
    assert one == id_by_name(STORE, "", "customers")
    others = {
        id_by_name(STORE, "", "Customers"),
        id_by_name(STORE, "AC" + "1" * 32, "customers"),
        id_by_name(COHORT, "", "customers"),
    }
    assert len(others | {one}) == 4


# Addresses


def test_people_are_found_by_their_addresses() -> None:
    """Of all blocks, in order of their places."""
    number = "+14155550123"
    rows = [{"phone": number}, {"phone": "+14155550124", "whatsapp": number}, {}]
    store = empty().grown(many(1_000), 7).grown(batch(*rows), 8).grown(batch(rows[0]), 9)
    assert list(store.at(number)) == [1_000, 1_001, 1_003]
    assert list(store.at("+14155550199")) == []
