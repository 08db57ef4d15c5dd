"""Profiles and cohorts as people."""

from array import array
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.audiences.references import NONE, References
from mockserver.domain.bulk.records import PHONE, PROFILE, SEVERAL, RecipientBlock
from mockserver.world.audiences.filling import at_once, of_rows
from mockserver.world.audiences.members import Members, Mixed
from mockserver.world.audiences.stores import Crowd, Store
from mockserver.world.bulk.people import NOTHING, Part, People

ID = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"
NAME = {"name": "${Twilio.Profile.firstName}", "greeting": "Hi"}


def number(place: int) -> str:
    return f"+1415{2_000_000 + place}"


def store_of(count: int, whatsapp_of: int = -1, nobody: int = -1) -> Store:
    """Profiles with a number and a name each, but for one with WhatsApp besides, one with none."""
    rows: list[dict[str, Any]] = [
        {"phone": number(place), "firstName": f"N{place}"} for place in range(count)
    ]
    if whatsapp_of >= 0:
        rows[whatsapp_of]["whatsapp"] = True
    if nobody >= 0:
        rows[nobody] = {"city": "London"}
    return Store(ID, "AC").grown(at_once(of_rows(rows)), 7)


def members(
    store: Store, places: "array[int] | None" = None, variables: dict[str, str] | None = None
) -> Members:
    count = store.count if places is None else len(places)
    references = References(variables) if variables else NONE
    return Members(4, COHORT, Crowd(store, places, count), references)


def consistent(part: Part) -> None:
    """Whoever goes through them meets those whom one finds by place."""
    everybody = [part.person(place) for place in range(part.count)]
    assert list(part.people(0)) == everybody
    for start in {0, 1, part.count // 2, part.count}:
        assert list(part.people(start)) == everybody[start:]


def test_everybody_in_a_store_is_a_person() -> None:
    """With addresses, the item's variables filled with their traits, and their ids."""
    store = store_of(3, whatsapp_of=1, nobody=2)
    part = members(store, variables=NAME)
    first, second, third = part.people(0)
    assert first.ends == (("PHONE", number(0)),)
    assert first.variables == {"name": "N0", "greeting": "Hi"}
    assert (first.store_id, first.profile_id) == (ID, store.profile_id(0))
    assert second.ends == (("PHONE", number(1)), ("WHATSAPP", number(1)))
    assert (third.ends, third.variables) == ((), {"greeting": "Hi"})
    consistent(part)


def test_a_cohort_is_one_item_of_the_request() -> None:
    """Whose place it knows; nobody in it is an item by themselves."""
    part = members(store_of(3))
    assert (part.item, part.listed, part.count) == (4, False, 3)


def test_without_variables_nobody_has_any() -> None:
    """And plain ones are the same for everybody."""
    assert all(person.variables == NOTHING for person in members(store_of(3)).people(0))
    plain = members(store_of(3), variables={"a": "b"})
    assert [person.variables for person in plain.people(0)] == [{"a": "b"}] * 3
    consistent(plain)


def test_some_of_a_store_come_in_the_order_in_which_they_joined() -> None:
    """Wherever they are in it."""
    store = store_of(2_500)
    part = members(store, array("I", [2_400, 3, 1_000, 999]), NAME)
    assert [person.variables["name"] for person in part.people(0)] == [
        "N2400",
        "N3",
        "N1000",
        "N999",
    ]
    assert part.person(0).profile_id == store.profile_id(2_400)
    consistent(part)


def test_who_joins_later_is_not_meant() -> None:
    """Neither where everybody is a member, nor where they are listed: it is as it was."""
    store, places = store_of(3), array("I", [2, 0])
    everybody, some = members(store), members(store, places)
    grown = store.grown(at_once(of_rows([{"phone": number(9)}])), 8)
    places.append(1)
    assert grown.count == 4
    assert (everybody.count, len(list(everybody.people(0)))) == (3, 3)
    assert (some.count, len(list(some.people(0)))) == (2, 2)
    assert list(everybody.at(number(9))) == []
    assert list(some.at(number(1))) == []


def test_members_are_found_by_their_addresses() -> None:
    """At their places among the members."""
    store = store_of(2_500)
    assert list(members(store).at(number(2_001))) == [2_001]
    some = members(store, array("I", [2_400, 3, 1_000]))
    assert list(some.at(number(1_000))) == [2]
    assert list(some.at(number(5))) == []


@given(st.sets(st.integers(0, 2_499), max_size=40))
def test_a_walk_over_some_places_meets_those(places: set[int]) -> None:
    """In a cohort as among other people."""
    people = People([members(STORE, variables=NAME)])
    met = [(place, person.variables["name"]) for place, person in people.walk(sorted(places))]
    assert met == [(place, f"N{place}") for place in sorted(places)]


STORE = store_of(2_500)


# Profiles among addresses


def mixed(store: Store) -> Mixed:
    """Somebody by number, a profile, somebody by two addresses, a profile without a phone."""
    return Mixed(
        RecipientBlock(
            7,
            ("+14155550199", f"{ID} p1", "1+14155550198 0+14155550197", f"{ID} p2"),
            bytes([PHONE, PROFILE, SEVERAL, PROFILE]),
            b'[{"name":"Zoe"},{"name":"${Twilio.Profile.firstName}"},null,{"name":"x"}]',
            (),
        ),
        {ID: store},
        array("I", [0, 1, 0, 2]),
    )


def test_profiles_may_stand_among_addresses() -> None:
    """Each is an item of the request."""
    part = mixed(store_of(3, whatsapp_of=1, nobody=2))
    zoe, profile, several, nobody = part.people(0)
    assert (zoe.ends, zoe.variables, zoe.profile_id) == (
        (("PHONE", "+14155550199"),),
        {"name": "Zoe"},
        "",
    )
    assert profile.ends == (("PHONE", number(1)), ("WHATSAPP", number(1)))
    assert profile.variables == {"name": "N1"}
    assert (profile.store_id, profile.profile_id) == (ID, "p1")
    assert several.ends == (("WHATSAPP", "+14155550198"), ("PHONE", "+14155550197"))
    assert (nobody.ends, nobody.variables) == ((), {"name": "x"})
    assert (part.item, part.listed, part.count) == (7, True, 4)
    consistent(part)


def test_profiles_among_addresses_are_found_as_well() -> None:
    """By the profile's addresses, and by those of the request."""
    part = mixed(store_of(3, whatsapp_of=1))
    assert list(part.at(number(1))) == [1]
    assert list(part.at(number(2))) == [3]
    assert list(part.at("+14155550197")) == [2]
    assert list(part.at("+14155550196")) == []


# By their ids


def test_members_are_found_by_their_profiles() -> None:
    """At their places among the members; nobody is found who joined later, or never."""
    store = store_of(2_500)
    wanted = store.profile_id(1_000)
    assert list(members(store).of_profile(wanted)) == [1_000]
    places = array("I", [2_400, 3, 1_000])
    assert list(members(store, places).of_profile(wanted)) == [2]
    assert list(members(store, places).of_profile(store.profile_id(4))) == []
    early = Members(4, COHORT, Crowd(store, places, 2), NONE)
    assert list(early.of_profile(wanted)) == []
    assert list(members(store).of_profile("mem_profile_01h9krwprkeee8fzqspvwy6nq8")) == []


def test_profiles_among_addresses_are_found_by_their_ids() -> None:
    """As often as they were named."""
    part = mixed(store_of(3))
    assert [list(part.of_profile(each)) for each in ("p1", "p2", "p3", "")] == [[1], [3], [], []]
