"""Profiles in columns."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.audiences.blocks import WIDTH, Batch, Block, Columns, joined
from mockserver.domain.audiences.profiles import Profile, read

IDS = [f"mem_profile_01h9krwprkeee8fzqspvwy6n{end}" for end in ("q8", "q9", "qa", "qb")]

NUMBERS = st.integers(2_000_000, 9_999_999).map(lambda n: f"+1415{n}") | st.just("+447911123456")
ROWS = st.fixed_dictionaries(
    {"traits": st.dictionaries(st.text(min_size=1), st.text() | st.integers(), max_size=4)},
    optional={"phone": NUMBERS, "whatsapp": NUMBERS | st.just(True)},
)


def row_of(drawn: dict[str, Any]) -> dict[str, Any]:
    """As somebody writes it: addresses among the traits."""
    contact = {key: drawn[key] for key in ("phone", "whatsapp") if key in drawn}
    if "phone" not in contact and contact.get("whatsapp") is True:
        del contact["whatsapp"]
    reserved = {"contact", "phone", "whatsapp", "id", "traits"}
    others = {key: value for key, value in drawn["traits"].items() if key not in reserved}
    return {**others, **({"contact": contact} if contact else {})}


def block_of(*rows: dict[str, Any]) -> Block:
    columns = Columns()
    for row in rows:
        columns.add(read(row))
    return columns.block()


def ends_of(profile: Profile) -> tuple[tuple[str, str], ...]:
    pairs = (("PHONE", profile.phone), ("WHATSAPP", profile.whatsapp))
    return tuple((channel, number) for channel, number in pairs if number)


@given(st.lists(ROWS.map(row_of), min_size=1, max_size=30))
def test_a_block_gives_back_what_was_put_in(rows: list[dict[str, Any]]) -> None:
    """One by one as well as all at once."""
    block, put_in = block_of(*rows), [read(row) for row in rows]
    assert block.count == len(rows)
    assert [block.written(place) for place in range(len(rows))] == [one.traits for one in put_in]
    assert block.all_ends() == [ends_of(each) for each in put_in]
    assert [block.ends(place) for place in range(len(rows))] == block.all_ends()
    assert block.all_traits() == [json.loads(each.traits) for each in put_in]
    assert [block.traits_of(place) for place in range(len(rows))] == block.all_traits()


@given(st.lists(ROWS.map(row_of), min_size=1, max_size=30), st.data())
def test_everybody_with_an_address_is_found(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    """On whatever channel, and nobody else."""
    block = block_of(*rows)
    every = [number for ends in block.all_ends() for _, number in ends]
    address = data.draw(st.sampled_from([*every, "+14155550199", "+1415", "", "x" * 40, "é"]))
    found = [
        place
        for place, ends in enumerate(block.all_ends())
        if any(number == address for _, number in ends)
    ]
    assert list(block.at(address)) == found


@given(
    st.lists(ROWS.map(row_of), min_size=1, max_size=9),
    st.lists(ROWS.map(row_of), min_size=1, max_size=9),
)
def test_two_blocks_become_one(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    """As if all had come together."""
    assert joined(block_of(*first), block_of(*second)) == block_of(*first, *second)


def test_ids_are_kept_where_some_were_given() -> None:
    """The others have none; a block of which nobody has any needs no room for them."""
    some = block_of({"phone": "+14155550123"}, {"id": IDS[0]})
    assert (some.ids, some.id(0), some.id(1)) == (("", IDS[0]), "", IDS[0])
    none = block_of({"phone": "+14155550123"})
    assert (none.ids, none.id(0)) == ((), "")


def test_whatsapp_takes_no_room_where_nobody_has_it() -> None:
    """And `WIDTH` characters each where somebody has."""
    assert block_of({}, {"phone": "+14155550123"}).whatsapp == b""
    assert len(block_of({}, {"whatsapp": "+14155550123"}).whatsapp) == 2 * WIDTH


def test_the_longest_number_there_is_fits() -> None:
    """15 digits behind the plus. Source: E.164."""
    number = "+" + "9" * 15
    assert block_of({"phone": number}).ends(0) == (("PHONE", number),)


def test_a_block_has_somebody_in_it() -> None:
    """An empty one would have no array of traits."""
    with pytest.raises(ValueError, match="somebody"):
        Columns().block()


def test_a_profile_takes_few_bytes() -> None:
    """20 besides its traits, in columns that the garbage collector never walks."""
    block = block_of(*({"phone": f"+1415{2_000_000 + place}"} for place in range(1_000)))
    traits = sum(len(json.dumps(each, separators=(",", ":"))) + 1 for each in block.all_traits())
    assert len(block.phones) + len(block.whatsapp) + len(block.stops) == 20 * 1_000
    assert len(block.traits) == traits + 1


def test_a_batch_tells_its_rows() -> None:
    """As they can be read again; ids only where they were given."""
    batch = Batch(
        (block_of({"firstName": "Ada"}, {"id": IDS[0]}), block_of({"phone": "+14155550123"})),
        {IDS[0]: 1},
    )
    assert batch.count == 3
    assert list(batch.rows()) == [
        {"traits": {"firstName": "Ada"}},
        {"id": IDS[0], "traits": {}},
        {"traits": {"phone": "+14155550123"}},
    ]
    assert (Batch().count, list(Batch().rows())) == (0, [])
