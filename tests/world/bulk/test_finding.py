"""Finding messages of the Communications API: filters, order, pages, turns."""

from array import array
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.message import SECOND
from mockserver.world.audiences.fakes import of_fakes
from mockserver.world.audiences.filling import at_once
from mockserver.world.audiences.stores import Cohort, Store
from mockserver.world.bulk.arrivals import Arrival
from mockserver.world.bulk.finding import SPAN, Row, Wanted, lost, newest_first
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.ordering import send
from mockserver.world.bulk.views import Seen
from mockserver.world.comms_senders import Senders
from mockserver.world.scenarios import from_document
from mockserver.world.sender_pools import SenderPools
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, MakeWorld, World

OURS = "+14155550101"
FROM = {"address": OURS, "channel": "SMS"}
START = 1_796_083_200_000_000
"""2026-12-01T00:00:00Z, where seeded clocks begin."""
STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT, EVERYBODY = (f"cmp_cohort_01h9krwprkeee8fzqspvwy6nq{digit}" for digit in (8, 9))
LOST = "+15005560003"
"""Undelivered, with 30003."""


@pytest.fixture
def world(make_world: "MakeWorld") -> "World":
    return make_world("manual")


def people(count: int, *, first: int = 0) -> list[dict[str, Any]]:
    """So many recipients of whom every third is lost, and every fourth has no address for us."""
    numbers = (f"+14155552{first + place:03d}" for place in range(count))
    return [
        {"address": LOST if place % 3 == 2 else number, "channel": _channel(place)}
        for place, number in enumerate(numbers)
    ]


def _channel(place: int) -> str:
    return "WHATSAPP" if place % 4 == 3 else "PHONE"


async def begin(world: "World", *to: dict[str, Any], **fields: Any) -> Operation:
    """An operation that is accepted and has not moved."""
    document = {"from": FROM, "to": [*to], "content": {"text": "Hi"}, **fields}
    return await send(world.sandbox, world.sandbox.accounts.first, document, [])


def found(world: "World", span: int = SPAN, **wanted: Any) -> list[Row]:
    """What the first account sees of what is asked for."""
    rows = newest_first(world.sandbox, world.sandbox.accounts.first, Wanted(**wanted), span)
    return [each for each in rows if each is not None]


def places(rows: list[Row]) -> list[int]:
    """Of messages of one operation."""
    return [each.place for each in rows if isinstance(each, Seen)]


async def text(world: "World") -> str:
    """The SID of what a handset sent just now."""
    received = await world.receive(from_=parse_to("+14155550199"), to=parse_from(OURS))
    return received.message.sid


async def test_newest_first(world: "World") -> None:
    """By id, across operations and what handsets sent, in one millisecond as well."""
    first = await begin(world, *people(3))
    sids = [await text(world) for _ in range(5)]
    second = await begin(world, *people(3))
    ids = [each.id for each in found(world)]
    assert ids == sorted(ids, reverse=True)
    every = [each.ids.message(place) for each in (first, second) for place in range(3)]
    assert set(every) < set(ids)
    assert len(ids) == 11
    await world.advance(60)
    sids.append(await text(world))
    newest = found(world)[0]
    assert isinstance(newest, Arrival)
    assert newest.message.sid == sids[-1]


async def test_who_is_unaddressable(world: "World") -> None:
    """There is no message for them once nobody was found who reaches them."""
    await begin(world, *people(8))
    assert len(found(world)) == 8
    await world.advance(5)
    assert places(found(world)) == [6, 5, 4, 2, 1, 0]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("DELIVERED", [6, 4, 1, 0]),
        ("UNDELIVERED", [5, 2]),
        ("QUEUED", []),
        ("GROUP", []),
    ],
)
@pytest.mark.parametrize("span", [1, 3, SPAN])
async def test_status(world: "World", status: str, expected: list[int], span: int) -> None:
    """Those that are in it now, however few are looked at once."""
    await begin(world, *people(8))
    await text(world)
    await world.advance(5)
    assert places(found(world, span, status=status)) == expected
    assert all(isinstance(each, Seen) for each in found(world, span, status=status))


async def test_inbound_alone(world: "World") -> None:
    """By its status, or by its session, which no message of an operation has."""
    await begin(world, *people(3))
    sid = await text(world)
    [arrival] = found(world, status="INBOUND")
    assert isinstance(arrival, Arrival)
    assert arrival.message.sid == sid
    assert found(world, session_id=arrival.session_id) == [arrival]
    assert found(world, session_id="comms_session_01h9krwprkeee8fzqspvwy6nq8") == []
    assert arrival in found(world, channel="SMS")
    assert found(world, channel="RCS") == []


async def test_operation(world: "World") -> None:
    """Its messages alone; none of an unknown one, or of another account's."""
    first, second = await begin(world, *people(2)), await begin(world, *people(3))
    await text(world)
    assert len(found(world, operation_id=first.id)) == 2
    assert len(found(world, operation_id=second.id)) == 3
    assert found(world, operation_id="comms_operation_01h9krwprkeee8fzqspvwy6nq8") == []


async def test_dates(world: "World") -> None:
    """From the first on, up to but without the end."""
    for _ in range(3):
        await begin(world, *people(1))
        await text(world)
        await world.advance(1)
    times = [START + second * SECOND for second in range(3)]
    assert len(found(world, first=times[1])) == 4
    assert len(found(world, end=times[1])) == 2
    assert len(found(world, first=times[1], end=times[2])) == 2
    assert found(world, first=times[2] + 1) == []


async def test_retention(world: "World") -> None:
    """Seven days after they were made they are gone."""
    await begin(world, *people(1))
    await text(world)
    await world.advance(7 * 86_400 - 1)
    assert len(found(world)) == 2
    await world.advance(1)
    assert found(world) == []


async def test_channel(world: "World") -> None:
    """That of the sender; before the first attempt, of the one who will be."""
    await begin(world, *people(2))
    for _ in range(2):
        assert len(found(world, channel="SMS")) == 2
        assert found(world, channel="WHATSAPP") == []
        await world.advance(5)


async def test_channel_of_many_senders(world: "World") -> None:
    """Of a pool nobody knows it before the first attempt; without `from` it is the first choice."""
    sandbox, account = world.sandbox, world.sandbox.accounts.first
    sender = await Senders(sandbox, account).at("RCS", "brand_agent")
    assert sender is not None
    await Senders(sandbox, account).at("SMS", OURS)
    await SenderPools(sandbox, account).create({"senders": [{"senderId": sender.id}]})
    [pool] = SenderPools(sandbox, account).all()
    pooled = await begin(world, people(1)[0], **{"from": {"senderPoolId": pool.id}})
    document = {"to": people(1), "content": {"text": "Hi"}}
    free = await send(sandbox, account, document, [])
    assert [each.id for each in found(world, channel="RCS")] == [free.ids.message(0)]
    await world.advance(5)
    ids = [each.id for each in found(world, channel="RCS")]
    assert ids == [pooled.ids.message(0)]
    assert [each.id for each in found(world, channel="SMS")] == [free.ids.message(0)]


def profiles(world: "World", count: int) -> list[str]:
    """The ids of a store's profiles, of whom every other one is in a cohort."""
    tables, own = world.sandbox.tables, world.sandbox.accounts.first.sid
    store = Store(STORE, own).grown(at_once(of_fakes(count, 7)), START)
    tables.profile_stores[STORE] = store
    tables.cohorts[COHORT] = Cohort(COHORT, own, STORE, places=array("I", range(1, count, 2)))
    tables.cohorts[EVERYBODY] = Cohort(EVERYBODY, own, STORE)
    return [store.profile_id(place) for place in range(count)]


async def test_profile(world: "World") -> None:
    """Whether they were named themselves, or by a cohort; what handsets sent is of nobody."""
    ids = profiles(world, 4)
    named = [{"memoryStoreId": STORE, "profileId": ids[place]} for place in (0, 3, 0)]
    first = await begin(world, *people(1), *named, {"cohortId": COHORT})
    second = await begin(world, {"cohortId": EVERYBODY})
    await text(world)
    for seconds in (0, 5):
        await world.advance(seconds)
        rows = {id_: found(world, profile=id_) for id_ in ids}
        own = [[each.id for each in rows[id_]] for id_ in ids]
        assert own == [
            [second.ids.message(0), first.ids.message(3), first.ids.message(1)],
            [second.ids.message(1), first.ids.message(4)],
            [second.ids.message(2)],
            [second.ids.message(3), first.ids.message(5), first.ids.message(2)],
        ]
    assert found(world, profile="mem_profile_01h9krwprkeee8fzqspvwy6nq8") == []
    assert [*found(world, profile=ids[0], after=own[0][0])] == rows[ids[0]][1:]


async def test_tags(world: "World") -> None:
    """All that are asked for must be there, as they were filled in."""
    tagged = [{**each, "variables": {"n": str(n)}} for n, each in enumerate(people(3))]
    await begin(world, *tagged, tags={"kind": "x", "who": "{{ n }}"})
    await begin(world, *people(2), tags={"kind": "y"})
    await begin(world, *people(1))
    await text(world)
    assert len(found(world, tags=(("kind", "x"),))) == 3
    assert len(found(world, tags=(("kind", "y"),))) == 2
    assert places(found(world, tags=(("kind", "x"), ("who", "1")))) == [1]
    assert found(world, tags=(("kind", "y"), ("who", "1"))) == []
    assert found(world, tags=(("kind", "x"), ("kind", "y"))) == []


async def test_turns(world: "World") -> None:
    """Others have theirs once for so many that are looked at, also where nothing is found."""
    named = [{**each, "variables": {"n": "x"}} for each in people(3 * SPAN)]
    await begin(world, *named, tags={"who": "{{ n }}"})
    account, rare = world.sandbox.accounts.first, Wanted(channel="RCS")
    assert list(newest_first(world.sandbox, account, rare)) == [None] * 3
    unmatched = Wanted(tags=(("who", "nobody"),))
    assert list(newest_first(world.sandbox, account, unmatched)) == [None] * 3
    # what no message is in takes a look at each operation, and no more
    assert list(newest_first(world.sandbox, account, Wanted(status="READ"))) == []


@settings(deadline=None, max_examples=20)
@given(
    size=st.integers(1, 7),
    counts=st.lists(st.integers(1, 9), max_size=4),
    wanted=st.fixed_dictionaries(
        {}, optional={"status": st.sampled_from(["DELIVERED", "UNDELIVERED"])}
    ),
    moves=st.booleans(),
)
def test_pages(
    in_world: "InWorld[None]", size: int, counts: list[int], wanted: dict[str, Any], moves: bool
) -> None:
    """Going from page to page shows what there is, each once, whatever the size."""

    async def act(world: "World") -> None:
        for number, count in enumerate(counts):
            await begin(world, *people(count, first=number))
            await text(world)
            await world.advance(5 * moves)
        account, pages, after = world.sandbox.accounts.first, [], ""
        while True:
            asked = Wanted(after=after, **wanted)
            rows = newest_first(world.sandbox, account, asked, size)
            page = [*islice((each for each in rows if each is not None), size)]
            pages += page
            if not page:
                break
            after = page[-1].id
        assert [each.id for each in pages] == [each.id for each in found(world, **wanted)]
        assert len({each.id for each in pages}) == len(pages)

    in_world("manual", act)


# What went wrong


async def test_lost(world: "World") -> None:
    """Lost messages and unaddressable recipients, in their order, from behind any of them on."""
    operation = await begin(world, *people(2 * SPAN + 1))
    rows = [each for each in lost(operation, "") if each is not None]
    assert rows == []
    await world.advance(5)
    rows = [each for each in lost(operation, "") if each is not None]
    expected = [n for n in range(2 * SPAN + 1) if n % 3 == 2 or n % 4 == 3]
    assert [each.place for each in rows] == expected
    some = [each for each in lost(operation, rows[9].id) if each is not None]
    assert some == rows[10:]
    assert [each for each in lost(operation, rows[-1].id) if each is not None] == []
    assert list(lost(operation, "")).count(None) >= 2


async def test_lost_of_a_cohort(world: "World") -> None:
    """Each is told by the item of the request that means it, which may mean many."""
    profiles(world, 4)
    nobody = {"address": OURS, "channel": "WHATSAPP"}
    operation = await begin(world, nobody, {"cohortId": EVERYBODY}, nobody)
    rule = {"outcome": "failed", "error_code": 30008}
    world.sandbox.regime.put(from_document({"name": "lost", "delivery": [rule]}), Unit())
    await world.advance(5)
    rows = [each for each in lost(operation, "") if each is not None]
    assert [each.place for each in rows] == [*range(6)]
    assert [operation.people.item(each.place) for each in rows] == [0, 1, 1, 1, 1, 2]
