"""Stores and cohorts in snapshots."""

from array import array
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
import pytest

from mockserver.domain.faults import Scenario
from mockserver.world import copying
from mockserver.world.audiences.commands import Audiences
from mockserver.world.audiences.finding import crowd
from mockserver.world.audiences.keeping import KeptAudience, KeptCrowd, KeptWhole
from mockserver.world.audiences.stores import Store
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Order
from mockserver.world.scenarios import parse_given
from mockserver.world.snapshot import BadSnapshot, parse

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT, SOME = (f"cmp_cohort_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
PROFILE = "mem_profile_01h9krwprkeee8fzqspvwy6nq8"

ROWS = [
    {"phone": "+14155550123", "firstName": "Ada"},
    {"id": PROFILE, "traits": {"contact": {"phone": "+14155550124", "whatsapp": True}}},
    *({"n": place, "x": [1.5, None, {"y": "ü"}]} for place in range(1_200)),
]


@pytest.fixture
async def world(make_world: "MakeWorld") -> "World":
    """With a store of two blocks, a cohort of all of it, and one of some."""
    world = make_world("manual")
    given = {
        "stores": [{"id": STORE, "name": "customers", "profiles": ROWS}],
        "cohorts": [
            {"id": COHORT, "name": "all", "store": STORE},
            {"id": SOME, "store": STORE, "profiles": [PROFILE]},
        ],
    }
    await Audiences(world.sandbox).set_up(parse_given(given))
    return world


def document(sandbox: Sandbox) -> dict[str, Any]:
    """The snapshot as it goes over the wire."""
    found: dict[str, Any] = orjson.loads(msgspec.json.encode(sandbox.snapshot()))
    return found


def facts(sandbox: Sandbox) -> list[object]:
    """Everything of stores and cohorts but what tells states apart."""
    tables = sandbox.tables
    stores = [
        (each.id, each.account_sid, each.name, each.created_at, each.updated_at, each.blocks)
        for each in tables.profile_stores.values()
    ]
    ids = [list(each.profile_ids(0, each.count)) for each in tables.profile_stores.values()]
    groups = [
        msgspec.structs.replace(each, account_sid=tables.accounts[each.account_sid].sid)
        for each in tables.cohorts.values()
    ]
    return [stores, ids, groups, [crowd(tables, each).count for each in tables.cohorts.values()]]


async def test_a_snapshot_brings_them_back(world: "World") -> None:
    """With ids, times, members in order; over the wire too."""
    before = facts(world.sandbox)
    snapshot = parse(document(world.sandbox))
    world.sandbox.tables.cohorts.clear()
    world.sandbox.restore(snapshot, Scenario(""))
    assert facts(world.sandbox) == before
    [store] = world.sandbox.tables.profile_stores.values()
    assert (store.find(PROFILE), store.find(store.profile_id(1_100))) == (1, 1_100)


async def test_a_fork_has_the_same_blocks(world: "World") -> None:
    """They are not copied, and belong to an account of its own; what it adds is its own too."""
    fork = copying.fork(world.sandboxes, world.sandbox, Order())
    [here], [there] = (list(each.tables.profile_stores.values()) for each in (world.sandbox, fork))
    assert all(a is b for a, b in zip(here.blocks, there.blocks, strict=True))
    assert there.account_sid == fork.accounts.first.sid != here.account_sid
    audiences = Audiences(fork)
    await audiences.add_members(audiences.cohort(SOME), there, parse_batch({"n": "new"}))
    counts = [crowd(each.tables, each.tables.cohorts[SOME]).count for each in (world.sandbox, fork)]
    assert counts == [1, 2]


def parse_batch(*rows: dict[str, Any]) -> Any:
    return parse_given({"stores": [{"id": STORE, "profiles": list(rows)}]}).stores[0].people.batch


def _of_store(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda found: change(found["stores"][0])


def _of_block(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda found: found["stores"][0]["blocks"][1].update(changes)


def coded(data: bytes) -> str:
    return b64encode(data).decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_of_store(lambda it: it.update(id="x")), "its id or a time is none"),
        (_of_store(lambda it: it.update(account_sid="AC#9")), "its account is not there"),
        (_of_store(lambda it: it.update(created_at=-1)), "its id or a time is none"),
        (_of_store(lambda it: it.update(name=7)), "Expected `str`"),
        (_of_store(lambda it: it["blocks"].append(it["blocks"][0])), "have the same id"),
        (_of_block(phones=coded(b"")), "not what profiles make"),
        (_of_block(phones=coded(b"+1" * 1_616)), "not what profiles make"),
        (_of_block(traits=coded(b"[{}]")), "not what profiles make"),
        (_of_block(traits=coded(b"[[")), "not what profiles make"),
        (_of_block(traits=coded(b"[" * 100_000)), "not what profiles make"),
        (_of_block(traits=coded(b"\xff")), "not what profiles make"),
        (_of_block(stops=coded(b"x")), "not what profiles make"),
        (_of_block(whatsapp=coded(b"+14155550123    ")), "not what profiles make"),
        (_of_block(ids=["x"] * 202), "have the same id"),
        (_of_block(ids=["x"]), "not what profiles make"),
        (_of_block(phones="!"), "base64"),
        (lambda it: it["stores"].append({**it["stores"][0], "blocks": []}), "is there twice"),
        (lambda it: it["stores"].clear(), "there is no store"),
        (lambda it: it["stores"][0].update(gone=True), "there is no store"),
        (lambda it: it["cohorts"][0].update(id="all"), "its id or a time is none"),
        (lambda it: it["cohorts"][0].update(store_id="x"), "there is no store 'x'"),
        (lambda it: it["cohorts"][1].update(places=coded(b"\0\0\0")), "not all in its store"),
        (lambda it: it["cohorts"][1].update(places=coded(b"\0" * 8)), "not all in its store"),
        (lambda it: it["cohorts"][1].update(places=coded(b"\0\0\0\1")), "not all in its store"),
    ],
)
async def test_what_was_tampered_with_is_refused(
    world: "World", change: Callable[[dict[str, Any]], object], said: str
) -> None:
    """With a word about where; it must bear whatever is done with it later."""
    found = document(world.sandbox)
    change(found)
    with pytest.raises(BadSnapshot, match=said):
        parse(found)


# Audiences of operations


def kept_store(count: int) -> Store:
    return Store(STORE, "AC").grown(parse_batch(*({} for _ in range(count))), 7)


def test_an_audience_is_as_a_request_had_it() -> None:
    """By the ids that it named, at the size that they had then."""
    stores = [kept_store(2), kept_store(5)]
    places = array("I", [4, 0]).tobytes()
    kept = KeptAudience({STORE: 1}, {COHORT: KeptCrowd(1, 3), SOME: KeptCrowd(1, 2, places)})
    audience = KeptWhole(kept, stores)
    assert audience.store(STORE) is stores[1]
    assert audience.store("x") is None
    assert audience.cohort("x") is None
    every, some = audience.cohort(COHORT), audience.cohort(SOME)
    assert every is not None
    assert some is not None
    assert (every.store, every.places, every.count) == (stores[1], None, 3)
    assert (some.store, list(some.places or ()), some.count) == (stores[1], [4, 0], 2)


@pytest.mark.parametrize(
    "kept",
    [
        KeptAudience({STORE: 1}),
        KeptAudience({STORE: -1}),
        KeptAudience({}, {COHORT: KeptCrowd(1, 0)}),
        KeptAudience({}, {COHORT: KeptCrowd(0, 3)}),
        KeptAudience({}, {COHORT: KeptCrowd(0, -1)}),
        KeptAudience({}, {COHORT: KeptCrowd(0, 2, b"\0\0\0\0")}),
        KeptAudience({}, {COHORT: KeptCrowd(0, 1, b"\2\0\0\0")}),
        KeptAudience({}, {COHORT: KeptCrowd(0, 1, b"\0\0\0\0\0")}),
    ],
)
def test_an_audience_of_nobody_is_none(kept: KeptAudience) -> None:
    """A store that there is not, or more members than it has."""
    with pytest.raises(ValueError, match="it has"):
        KeptWhole(kept, [kept_store(2)])
