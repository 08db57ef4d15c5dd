"""From recipients of a request to people."""

from array import array
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.recipients import block
from mockserver.domain.bulk.records import Content, RecipientBlock, Send
from mockserver.domain.json_faults import Fault
from mockserver.world.audiences.filling import at_once, of_rows
from mockserver.world.audiences.members import Members, Mixed
from mockserver.world.audiences.stores import MOST, Crowd, Store
from mockserver.world.bulk.people import Direct, People
from mockserver.world.bulk.peopling import people_of, peopling

STORE, STRANGE = (f"mem_store_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
COHORT, SMALL, UNKNOWN = (f"cmp_cohort_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89a")


def number(place: int) -> str:
    return f"+1415{2_000_000 + place}"


ROWS = [{"phone": number(place), "firstName": f"N{place}"} for place in range(5)]
KEPT = Store(STORE, "AC").grown(at_once(of_rows(ROWS)), 7)


class Ours:
    """A store of five, a cohort of all of them, and one of two."""

    def __init__(self, count: int = 5) -> None:
        self.count = count
        self.asked: list[str] = []

    def store(self, id_: str) -> Store | None:
        self.asked.append(id_)
        return KEPT if id_ == STORE else None

    def cohort(self, id_: str) -> Crowd | None:
        if id_ == SMALL:
            return Crowd(KEPT, array("I", [4, 1]), 2)
        return Crowd(KEPT, None, self.count) if id_ == COHORT else None


def address(place: int, **variables: str) -> dict[str, Any]:
    said = {"address": f"+1212{2_000_000 + place}", "channel": "PHONE"}
    return {**said, **({"variables": variables} if variables else {})}


def profile(place: int, **variables: str) -> dict[str, Any]:
    said = {"memoryStoreId": STORE, "profileId": KEPT.profile_id(place)}
    return {**said, **({"variables": variables} if variables else {})}


def cohort(id_: str = COHORT, **variables: str) -> dict[str, Any]:
    return {"cohortId": id_, **({"variables": variables} if variables else {})}


def send_of(*items: dict[str, Any], size: int = 1_000) -> Send:
    blocks: list[RecipientBlock] = []
    for start in range(0, len(items), size):
        made = block(list(items[start : start + size]), start)
        assert made is not None
        blocks.append(made)
    return Send(Content("Hi"), tuple(blocks), len(items))


def people(*items: dict[str, Any], size: int = 1_000) -> People:
    found = people_of(send_of(*items, size=size), Ours())
    assert isinstance(found, People)
    return found


def faults(*items: dict[str, Any], size: int = 1_000) -> list[Fault]:
    found = people_of(send_of(*items, size=size), Ours())
    assert isinstance(found, list)
    return found


def names(found: People) -> list[str]:
    """Of each: the number, and what the variable `n` holds."""
    return [
        f"{person.ends[0][1][2:5]}{person.ends[0][1][-1]} {person.variables.get('n', '-')}"
        for _, person in found.walk(range(found.count))
    ]


def test_addresses_stay_in_their_blocks() -> None:
    """Nothing is copied, and nobody is asked for anything."""
    send, ours = send_of(*(address(place) for place in range(2_500))), Ours()
    found = people_of(send, ours)
    assert isinstance(found, People)
    assert [part.block for part in found.parts if isinstance(part, Direct)] == list(send.blocks)
    assert (found.count, ours.asked) == (2_500, [])


def test_people_come_in_the_order_of_the_request() -> None:
    """Whatever they are; a cohort brings all its members, each with the item's variables."""
    reference = "${Twilio.Profile.firstName}"
    found = people(
        address(0, n="a"),
        profile(3, n=reference),
        cohort(SMALL, n=reference),
        address(1),
        cohort(),
        cohort(SMALL, n="b"),
        profile(0),
    )
    assert names(found) == [
        *("2120 a", "4153 N3", "4154 N4", "4151 N1", "2121 -"),
        *(f"415{place} -" for place in range(5)),
        *("4154 b", "4151 b", "4150 -"),
    ]
    assert [(part.item, part.count, part.listed) for part in found.parts] == [
        *((0, 2, True), (2, 2, False), (3, 1, True)),
        *((4, 5, False), (5, 2, False), (6, 1, True)),
    ]


ITEMS = st.sampled_from(
    [address(0, n="a"), address(1), profile(2, n="b"), cohort(n="c"), cohort(SMALL)]
)


@given(st.lists(ITEMS, max_size=12), st.integers(1, 5))
def test_blocks_make_no_difference(items: list[dict[str, Any]], size: int) -> None:
    """However the request was cut into them, the people are the same."""
    assert names(people(*items, size=size)) == names(people(*items))
    singly = [name for item in items for name in names(people(item))]
    assert names(people(*items)) == singly


@given(st.lists(ITEMS, min_size=1, max_size=12), st.integers(1, 5))
def test_every_part_says_of_which_item_it_is(items: list[dict[str, Any]], size: int) -> None:
    """So that faults are told at their places."""
    for part in people(*items, size=size).parts:
        kinds = {
            "cohortId" in item for item in items[part.item :][: part.count if part.listed else 1]
        }
        assert kinds == {not part.listed}


def test_what_is_not_known_is_told_at_its_place() -> None:
    """All of it at once, each at the field that names it."""
    stranger = {**profile(0), "profileId": "mem_profile_01h9krwprkeee8fzqspvwy6nq8"}
    elsewhere = {**profile(0), "memoryStoreId": STRANGE}
    found = faults(address(0), stranger, cohort(UNKNOWN), cohort(), elsewhere, size=2)
    assert [(each.code, each.status, each.context) for each in found] == [
        (20404, 400, "$.to[1].profileId"),
        (20404, 400, "$.to[2].cohortId"),
        (20404, 400, "$.to[4].memoryStoreId"),
    ]


def test_no_more_faults_are_told_than_anybody_reads() -> None:
    """A hundred, as of any request."""
    assert len(faults(*([cohort(UNKNOWN)] * 3_000))) == 100


def test_somebody_without_cohorts_has_none() -> None:
    """An account that nobody gave any refuses them all."""
    found = people_of(send_of(cohort()))
    assert isinstance(found, list)
    assert [each.context for each in found] == ["$.to[0].cohortId"]


def test_a_store_is_asked_for_once_in_a_block() -> None:
    """Ten thousand profiles of one store are usual."""
    ours = Ours()
    people_of(send_of(*([profile(1)] * 1_000)), ours)
    assert ours.asked == [STORE]


def test_more_people_than_a_campaign_has_are_refused() -> None:
    """Together, however many cohorts they are in; the limit is named."""
    many = Ours(MOST // 2)
    assert isinstance(people_of(send_of(cohort(), cohort()), many), People)
    found = people_of(send_of(cohort(), cohort(), address(0)), many)
    assert isinstance(found, list)
    [fault] = found
    assert (fault.code, fault.context) == (20001, "$.to")
    assert "1000001 recipients, an operation has at most 1000000" in fault.message


def test_others_have_their_turns() -> None:
    """Between blocks that take some looking up."""
    steps = peopling(send_of(*([profile(1)] * 3_000)), Ours())
    assert sum(1 for _ in steps) == 3
    assert sum(1 for _ in peopling(send_of(*([address(1)] * 3_000)), Ours())) == 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_profiles_variables_are_its_own(place: int) -> None:
    """References lead to its traits; those of its neighbours stay out of them."""
    items = [profile(each, n="${Twilio.Profile.firstName}") for each in range(3)]
    person = people(*items, cohort()).person(place)
    assert person.variables == {"n": f"N{place}"}
    assert (person.store_id, person.profile_id) == (STORE, KEPT.profile_id(place))


def test_a_piece_of_a_block_keeps_what_belongs_to_it() -> None:
    """Variables as they were, none where nobody has any, and the place of the first one."""
    part, _, plain = people(address(0, n="a"), profile(1), cohort(), address(2), address(3)).parts
    assert isinstance(part, Mixed)
    assert isinstance(plain, Direct)
    assert msgspec.json.decode(part.block.variables) == [{"n": "a"}, None]
    assert (plain.block.start, plain.block.variables, plain.block.everyone_has) == (3, b"", ())


def test_a_cohort_may_be_named_twice() -> None:
    """Its members then get a message each time."""
    parts = people(cohort(), cohort()).parts
    assert [part.count for part in parts if isinstance(part, Members)] == [5, 5]


def test_what_changes_between_two_blocks() -> None:
    """A store or a cohort is what it was when the request first named it."""
    audience = Ours()
    items = [cohort(), *([profile(1)] * 1_500), cohort()]
    steps = peopling(send_of(*items), audience)
    next(steps)
    audience.count = 3
    found = at_once(steps)
    assert isinstance(found, People)
    assert [part.count for part in found.parts if isinstance(part, Members)] == [5, 5]
    assert audience.asked == [STORE]
