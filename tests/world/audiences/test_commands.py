"""What is done with stores and cohorts while a sandbox lives."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.audiences.blocks import Batch, Block
from mockserver.domain.audiences.profiles import Profile
from mockserver.world.audiences.commands import Audiences, Changed, Taken, Unknown
from mockserver.world.audiences.filling import TooMany, at_once, of_rows
from mockserver.world.audiences.finding import crowd
from mockserver.world.audiences.stores import MOST, Cohort, Store
from mockserver.world.queries import SandboxGone
from mockserver.world.scenarios import ScenarioError, parse_given

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"
PROFILE, OTHER = (f"mem_profile_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")


def batch(*rows: dict[str, Any]) -> Batch:
    return at_once(of_rows(rows))


class Room:
    """A world with a store of two, and a cohort of one of them."""

    def __init__(self, world: "World") -> None:
        self.sandbox = world.sandbox
        self.audiences = Audiences(world.sandbox)

    async def set_up(self, **document: Any) -> None:
        await self.audiences.set_up(parse_given(document))

    @property
    def store(self) -> Store:
        return self.audiences.store(STORE)

    @property
    def cohort(self) -> Cohort:
        return self.audiences.cohort(COHORT)

    def places(self) -> list[int]:
        """Of the cohort's members."""
        found = crowd(self.sandbox.tables, self.cohort)
        return list(range(found.count)) if found.places is None else list(found.places)


@pytest.fixture
async def room(make_world: "MakeWorld") -> Room:
    """On a clock that stands still."""
    room = Room(make_world("manual"))
    await room.set_up(
        stores=[{"id": STORE, "name": "customers", "profiles": [{"id": PROFILE}, {"n": 1}]}],
        cohorts=[{"id": COHORT, "store": STORE, "profiles": [PROFILE]}],
    )
    return room


async def test_what_is_set_up_is_there_with_its_time(room: Room) -> None:
    """That of the sandbox, and the first account's."""
    now = room.sandbox.clock.now()
    assert (room.store.name, room.store.count) == ("customers", 2)
    assert room.store.account_sid == room.cohort.account_sid == room.sandbox.accounts.first.sid
    assert {room.store.created_at, room.cohort.created_at, room.store.updated_at} == {now}


async def test_what_is_there_already_is_not_replaced(room: Room) -> None:
    """A seed would do that; here it is refused, and nothing of it is kept."""
    for document in (
        {"stores": [{"name": "new"}, {"id": STORE}]},
        {"cohorts": [{"name": "new", "members": []}, {"id": COHORT, "store": STORE}]},
    ):
        with pytest.raises(Taken, match="is there already"):
            await room.set_up(**document)
    assert list(room.sandbox.tables.profile_stores) == [STORE]
    assert list(room.sandbox.tables.cohorts) == [COHORT]


async def test_a_cohort_of_what_is_not_there_is_refused(room: Room) -> None:
    """As in a seed."""
    with pytest.raises(ScenarioError, match="there is no store 'staff'"):
        await room.set_up(cohorts=[{"name": "a", "store": "staff"}])


async def test_profiles_are_added(room: Room, make_world: "MakeWorld") -> None:
    """Behind those that are there; the store says when."""
    before = room.store
    await room.sandbox.engine.advance(room.sandbox.clock.now() + 5_000_000)
    after = await room.audiences.add(before, batch({"n": 2}, {"id": OTHER}))
    assert after is room.store
    assert (after.count, after.find(OTHER), before.count) == (4, 3, 2)
    assert after.updated_at == after.created_at + 5_000_000


async def test_two_may_add_at_the_same_time(room: Room) -> None:
    """Each read the store as it was, and both are kept."""
    store = room.store
    await room.audiences.add(store, batch({"n": 2}))
    await room.audiences.add(store, batch({"n": 3}))
    assert room.store.count == 4


async def test_ids_that_may_be_taken_since_are_not_added(room: Room) -> None:
    """They were looked for in the store as it was; whoever sends them again is told for sure."""
    store = room.store
    await room.audiences.add(store, batch({"id": OTHER}))
    with pytest.raises(Changed, match="send it again"):
        await room.audiences.add(store, batch({"id": OTHER}))
    assert room.store.count == 3


async def test_what_was_replaced_meanwhile_is_not_added_to(room: Room) -> None:
    """Another store has its id now; or none has."""
    store = room.store
    await room.audiences.drop(store)
    with pytest.raises(Unknown):
        await room.audiences.add(store, batch({}))
    await room.set_up(stores=[{"id": STORE}])
    with pytest.raises(Changed):
        await room.audiences.add(store, batch({}))
    assert room.store.count == 0


async def test_a_store_does_not_grow_beyond_its_limit(room: Room) -> None:
    """Even where each batch had room for itself."""
    full = Block(b" " * 16 * 1_000, b"", b"[" + b",".join([b"{}"] * 1_000) + b"]", b"\0" * 4_000)
    most = Batch((full,) * (MOST // 1_000))
    with pytest.raises(TooMany, match=f"at most {MOST} members, not {MOST + 2}"):
        await room.audiences.add(room.store, most)
    assert room.store.count == 2


# Members


async def test_new_people_join_the_store_and_the_cohort(room: Room) -> None:
    """At the end of both."""
    await room.audiences.add_members(room.cohort, room.store, batch({"n": 2}, {"n": 3}))
    assert (room.store.count, room.places()) == (4, [0, 2, 3])


async def test_profiles_of_the_store_join_once(room: Room) -> None:
    """By their ids, in the order in which they are named."""
    ids = [room.store.profile_id(1), PROFILE, room.store.profile_id(1)]
    await room.audiences.join(room.cohort, ids)
    assert room.places() == [0, 1]
    await room.audiences.join(room.cohort, ids)
    assert room.places() == [0, 1]


async def test_strangers_do_not_join(room: Room) -> None:
    """Nor does anybody who is named beside them."""
    with pytest.raises(Unknown, match=f"{STORE} has no profile '{OTHER}'"):
        await room.audiences.join(room.cohort, [room.store.profile_id(1), OTHER])
    assert room.places() == [0]


async def test_everybody_is_a_member_of_a_whole_store(room: Room) -> None:
    """Who joins is one already, and who is added becomes one."""
    await room.set_up(cohorts=[{"name": "all", "store": STORE}])
    [_, every] = room.sandbox.tables.cohorts.values()
    await room.audiences.join(every, [PROFILE])
    await room.audiences.add_members(every, room.store, batch({"n": 2}))
    assert crowd(room.sandbox.tables, every).count == 3
    assert room.places() == [0]


# Going


async def test_what_is_dropped_is_gone(room: Room) -> None:
    """A cohort by itself, a store with its cohorts; twice is once too often."""
    cohort, store = room.cohort, room.store
    await room.audiences.drop(cohort)
    assert room.store is store
    with pytest.raises(Unknown, match=f"there is no cohort '{COHORT}'"):
        await room.audiences.drop(cohort)
    await room.audiences.drop(store)
    with pytest.raises(Unknown, match=f"there is no store '{STORE}'"):
        await room.audiences.drop(store)


async def test_a_sandbox_that_began_again_gets_nothing(room: Room) -> None:
    """Whoever reads a long file meanwhile is told; so where it was dropped."""
    store = room.store
    room.sandbox.reset()
    with pytest.raises(SandboxGone):
        await room.audiences.add(store, batch({}))
    assert not room.sandbox.tables.profile_stores
    gone = Audiences(room.sandbox)
    room.sandbox.close()
    with pytest.raises(SandboxGone):
        await gone.set_up(parse_given({"stores": [{"id": STORE}]}))


def test_a_full_block_is_what_profiles_make() -> None:
    """The one of the test above, but for where its traits end."""
    made = at_once(of_rows([{} for _ in range(1_000)])).blocks[0]
    assert (made.phones, made.traits) == (b" " * 16_000, b"[" + b",".join([b"{}"] * 1_000) + b"]")
    assert Profile(b"{}").phone == ""
