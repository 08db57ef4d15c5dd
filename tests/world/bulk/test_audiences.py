"""Operations to cohorts and profiles, from the request to the messages."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.json_faults import Refused
from mockserver.domain.message import Message
from mockserver.world.audiences.commands import Audiences
from mockserver.world.bulk.keeping import Unbuildable
from mockserver.world.snapshot import BadSnapshot

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

STORE, OTHER = (f"mem_store_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
COHORT, SOME = (f"cmp_cohort_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
ADA, BOB = (f"mem_profile_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
PHONES = {"Ada": "+14155550123", "Bob": "+14155550124", "Eve": "+14155550125"}

PROFILES = [
    {"id": ADA, "contact": {"phone": PHONES["Ada"]}, "firstName": "Ada"},
    {"id": BOB, "contact": {"phone": PHONES["Bob"], "whatsapp": True}, "firstName": "Bob"},
    {"firstName": "Nobody"},
]
HI = "Hi {{ name | default: 'you' }}"
NAMED = {"name": "${Twilio.Profile.firstName}"}


def everybody(**variables: str) -> dict[str, Any]:
    return {"cohortId": COHORT, **({"variables": variables} if variables else {})}


@pytest.fixture
async def field(field: "Callable[..., Field]") -> "Field":
    """With a store of three, a cohort of all of them, and one of Bob."""
    found = field("instant")
    found.give(
        stores=[{"id": STORE, "profiles": PROFILES}],
        cohorts=[{"id": COHORT, "store": STORE}, {"id": SOME, "store": STORE, "profiles": [BOB]}],
    )
    return found


def said(messages: list[Message]) -> list[tuple[str, str]]:
    return [(each.to, each.body) for each in messages]


async def test_everybody_in_a_cohort_gets_a_message(field: "Field", sound: Any) -> None:
    """Filled with their own traits; who has no address is counted as unaddressable."""
    operation = await field.send(everybody(**NAMED), text=HI)
    await field.over()
    sound(operation, field)
    assert said(field.twins(operation)) == [(PHONES["Ada"], "Hi Ada"), (PHONES["Bob"], "Hi Bob")]
    stats = operation.tally.stats()
    assert (stats["recipients"], stats["total"], stats["unaddressable"]) == (3, 2, 1)
    assert (stats["delivered"], operation.status) == (2, "COMPLETED")


async def test_profiles_cohorts_and_addresses_go_together(field: "Field", sound: Any) -> None:
    """In the order of the request; each with the variables of its item."""
    profile = {"memoryStoreId": STORE, "profileId": ADA, "variables": NAMED}
    address = {"address": PHONES["Eve"], "channel": "PHONE", "variables": {"name": "Eve"}}
    some = {"cohortId": SOME, "variables": {"name": "${Twilio.Profile.nickname}"}}
    operation = await field.send(profile, address, some, text=HI)
    await field.over()
    sound(operation, field)
    assert said(field.twins(operation)) == [
        (PHONES["Ada"], "Hi Ada"),
        (PHONES["Eve"], "Hi Eve"),
        (PHONES["Bob"], "Hi you"),
    ]


async def test_membership_is_that_of_the_moment(field: "Field") -> None:
    """Who joins later gets nothing. Source: Send to a cohort guide."""
    at = {"sendAt": ["2026-12-02T00:00:00Z"]}
    operation = await field.send(everybody(), schedule=at)
    audiences = Audiences(field.world.sandbox)
    batch = parse_batch(field, {"phone": PHONES["Eve"]})
    await audiences.add(audiences.store(STORE), batch)
    await field.world.advance(2 * 86_400)
    assert [each.to for each in field.twins(operation)] == [PHONES["Ada"], PHONES["Bob"]]
    again = await field.send(everybody())
    await field.over()
    assert [each.to for each in field.twins(again)] == list(PHONES.values())


def parse_batch(field: "Field", *rows: dict[str, Any]) -> Any:
    """Profiles by way of a store that comes and goes."""
    field.give(stores=[{"id": OTHER, "profiles": list(rows)}])
    store = field.tables.profile_stores.pop(OTHER)
    return Batch(store.blocks)


async def test_an_operation_goes_on_with_people_who_are_gone(field: "Field") -> None:
    """Their store may be dropped while they wait for their message."""
    operation = await field.send(everybody(), schedule={"sendAt": ["2026-12-02T00:00:00Z"]})
    audiences = Audiences(field.world.sandbox)
    await audiences.drop(audiences.store(STORE))
    await field.world.advance(2 * 86_400)
    assert operation.tally.stats()["delivered"] == 2


@pytest.mark.parametrize(
    ("item", "context"),
    [
        ({"cohortId": COHORT[:-1] + "a"}, "$.to[0].cohortId"),
        ({"memoryStoreId": OTHER, "profileId": ADA}, "$.to[0].memoryStoreId"),
        ({"memoryStoreId": STORE, "profileId": ADA[:-1] + "a"}, "$.to[0].profileId"),
    ],
)
async def test_a_stranger_is_refused(field: "Field", item: dict[str, Any], context: str) -> None:
    """At the field that names them; nothing comes into being."""
    with pytest.raises(Refused) as caught:
        await field.send(item)
    assert [(each.code, each.context) for each in caught.value.faults] == [(20404, context)]
    assert not field.tables.operations


# Snapshots


@pytest.mark.parametrize("dropped", [False, True])
async def test_a_snapshot_takes_the_people_along(field: "Field", *, dropped: bool) -> None:
    """As they were, whoever joined since, and whether their store is still there or not."""
    profile = {"memoryStoreId": STORE, "profileId": BOB, "variables": NAMED}
    items = [everybody(**NAMED), {"cohortId": SOME}, profile]
    operation = await field.send(*items, text=HI, schedule={"sendAt": ["2026-12-02T00:00:00Z"]})
    audiences = Audiences(field.world.sandbox)
    await audiences.add_members(
        audiences.cohort(SOME), audiences.store(STORE), parse_batch(field, {"phone": PHONES["Eve"]})
    )
    if dropped:
        await audiences.drop(audiences.store(STORE))
    document = field.document()
    assert [each["gone"] for each in document["stores"]] == [dropped]
    field.put(document)
    assert bool(field.tables.profile_stores) != dropped
    again = field.only()
    assert again is not operation
    assert again.count == operation.count == 5
    assert [again.people.person(place) for place in range(5)] == [
        operation.people.person(place) for place in range(5)
    ]
    await field.world.advance(2 * 86_400)
    assert said(field.twins(again)) == [
        (PHONES["Ada"], "Hi Ada"),
        *[(PHONES["Bob"], text) for text in ("Hi Bob", "Hi you", "Hi Bob")],
    ]


async def test_two_stores_of_one_id_are_kept_apart(field: "Field") -> None:
    """One operation's was replaced before the other's was accepted."""
    first = await field.send(everybody(), schedule={"sendAt": ["2026-12-02T00:00:00Z"]})
    field.give(
        stores=[{"id": STORE, "profiles": [{"phone": PHONES["Eve"]}]}],
        cohorts=[{"id": COHORT, "store": STORE}],
    )
    second = await field.send(everybody(), schedule={"sendAt": ["2026-12-02T00:00:00Z"]})
    assert (first.count, second.count) == (3, 1)
    field.put(field.document())
    one, other = field.tables.operations.values()
    assert (one.count, other.count) == (3, 1)
    assert other.people.person(0).ends == (("PHONE", PHONES["Eve"]),)


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        ({}, r"\$.to\[0\].cohortId"),
        ({"cohorts": {COHORT: {"store": 1, "count": 3}}}, "a store that there is not"),
        ({"cohorts": {COHORT: {"store": 0, "count": 4}}}, "more members of a cohort"),
        ({"cohorts": {COHORT: {"store": 0, "count": 2}}}, "one state for each recipient"),
    ],
)
async def test_an_audience_that_was_tampered_with_is_refused(
    field: "Field", audience: dict[str, Any], said: str
) -> None:
    """A kept operation must have whom it had."""
    await field.send(everybody(), schedule={"sendAt": ["2026-12-02T00:00:00Z"]})
    document = field.document()
    document["operations"][0]["audience"] = audience
    with pytest.raises((BadSnapshot, Unbuildable), match=said):
        field.put(document)
