"""The commands of senders and their pools, without HTTP."""

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.json_faults import Refused
from mockserver.domain.numbers import Number
from mockserver.world.clock import Mode
from mockserver.world.comms_senders import Senders
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.sender_pools import SenderPools
from mockserver.world.store import MemoryStore
from mockserver.world.tables import Unit

SID = "AC" + "1" * 32


class Nobody:
    """A courier that has nothing to do."""

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        return Answer(204)

    async def close(self) -> None:
        """Nothing is open."""


class Shelf(MemoryStore):
    """A store that shows what was committed."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, bool]] = []

    async def commit(self, unit: Unit) -> None:
        self.rows += [(table, key, record is not None) for table, key, record in unit.rows]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def box(shelf: Shelf) -> Sandbox:
    plan = Plan("sb", Account(SID, "token"), seed=1, seed_given=True, mode=Mode.parse("manual"))
    made = Sandbox(plan, House(Nobody(), shelf))
    for digit in range(3):
        number = Number(f"+1415555010{digit}", SID, sid=f"PN{digit:032x}")
        made.tables.numbers[number.phone_number] = number
    return made


async def test_what_is_committed(box: Sandbox, shelf: Shelf) -> None:
    """Every command commits what it wrote, the account that comes into being with it."""
    pools = SenderPools(box, box.accounts.first)
    first, second, _ = Senders(box, box.accounts.first).all()
    operation = await pools.create({"senders": [{"senderId": first.id}]})
    [pool] = pools.all()
    assert shelf.rows[-2:] == [
        ("sender_pool_operations", operation.id, True),
        ("sender_pools", pool.id, True),
    ]
    added = await pools.add(pool, [second.id], ["$.senderId"])
    assert ("sender_pool_operations", added.id, True) in shelf.rows
    await pools.delete(pool)
    assert shelf.rows[-1] == ("sender_pools", pool.id, False)
    made = await Senders(box, box.accounts.first).at("SMS", "+14155550177")
    assert made is not None
    assert shelf.rows[-1] == ("senders", made.id, True)


async def test_order_in_one_instant(box: Sandbox) -> None:
    """The clock stands still, and yet ids sort as things were made."""
    pools = SenderPools(box, box.accounts.first)
    operations = [(await pools.create({})).id for _ in range(50)]
    assert operations == sorted(operations)
    made = [pool.id for pool in pools.all()]
    assert made == sorted(made)


async def test_a_refusal_leaves_nothing(box: Sandbox, shelf: Shelf) -> None:
    """Neither a pool, nor an operation, nor a row."""
    pools = SenderPools(box, box.accounts.first)
    unknown = "comms_sender_01h9krwprkeee8fzqspvwy6nq8"
    with pytest.raises(Refused):
        await pools.create({"senders": [{"senderId": unknown}]})
    assert not [*pools.all(), *pools.operations(), *shelf.rows]


async def test_members_in_order(box: Sandbox) -> None:
    """Senders are in a pool in the order in which they joined."""
    own = Senders(box, box.accounts.first).all()
    pools = SenderPools(box, box.accounts.first)
    await pools.create({"senders": [{"senderId": own[2].id}, {"senderId": own[0].id}]})
    [pool] = pools.all()
    assert pools.members(pool) == [own[2], own[0]]
    await pools.add(pool, [own[1].id, own[0].id], ["$[0].senderId", "$[1].senderId"])
    [pool] = pools.all()
    assert pools.members(pool) == [own[2], own[0], own[1]]
    await pools.remove(pool, own[0].id)
    [pool] = pools.all()
    assert pools.members(pool) == [own[2], own[1]]


def test_ids_of_numbers(box: Sandbox) -> None:
    """They follow from number and SID alone: the same in any sandbox, another after a new sale."""
    before = {each.address: each.id for each in Senders(box, box.accounts.first).all()}
    plan = Plan("other", Account(SID, "token"), seed=2)
    other = Sandbox(plan, House(Nobody(), MemoryStore()))
    other.tables.numbers.update(box.tables.numbers)
    assert {e.address: e.id for e in Senders(other, other.accounts.first).all()} == before
    address = "+14155550100"
    box.tables.numbers[address] = Number(address, SID, sid="PN" + "f" * 32)
    after = {each.address: each.id for each in Senders(box, box.accounts.first).all()}
    assert after[address] != before[address]
    assert {**after, address: ""} == {**before, address: ""}
