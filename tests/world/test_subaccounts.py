"""Subaccounts: made, renamed, suspended, closed, listed; and the money that they spend."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.numbers import Number, Service
from mockserver.domain.paging import PageAsk
from mockserver.world import subaccounts
from mockserver.world.accounts import ServerFull
from mockserver.world.sandboxes import Order
from mockserver.world.schemas import Reading
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, MakeWorld, World

ALL = PageAsk()


async def made(world: "World", name: str = "") -> Account:
    return await subaccounts.create(world.sandbox, world.sandbox.accounts.first, name)


async def code(world: "World", account: Account, **form: str) -> int:
    """What an update is refused with; 0 where it is not."""
    try:
        await subaccounts.update(world.sandbox, account, form)
    except TwilioError as refusal:
        return refusal.code
    return 0


async def test_a_new_subaccount(make_world: "MakeWorld") -> None:
    """Its parent's type, a token of its own, a name by the clock; requests for it lead here."""
    world = make_world("manual")
    parent = world.sandbox.accounts.first
    one, two = await made(world), await made(world, "Mine")
    assert (one.owner_account_sid, one.type, one.status) == (parent.sid, "Full", "active")
    assert (one.friendly_name, two.friendly_name) == (
        "SubAccount Created at 2026-12-01 12:00 am",
        "Mine",
    )
    assert (one.created_at, len(one.auth_token)) == (world.now, 32)
    assert world.sandboxes.of_account(one.sid) is world.sandbox
    assert world.sandbox.tables.accounts[two.sid] == two


async def test_what_routes_comes_from_no_seed(make_world: "MakeWorld") -> None:
    """Two sandboxes of one seed make different SIDs and tokens."""
    one, two = await made(make_world("manual")), await made(make_world("manual"))
    assert one.sid != two.sid
    assert one.auth_token != two.auth_token


async def test_no_grandchildren(make_world: "MakeWorld") -> None:
    """21101."""
    world = make_world("manual")
    with pytest.raises(TwilioError) as refused:
        await subaccounts.create(world.sandbox, await made(world), "")
    assert refused.value.code == 21101


@pytest.mark.parametrize(("kind", "most"), [("Trial", 1), ("Full", 1_000)])
async def test_how_many(make_world: "MakeWorld", kind: str, most: int) -> None:
    """A thousand, or one on trial, then 21480; a closed one makes room."""
    order = Order(account=Account("AC" + "7" * 32, "token", type=kind))
    world = make_world("manual", order=order)
    children = [await made(world) for _ in range(most)]
    assert {child.type for child in children} == {kind}
    with pytest.raises(TwilioError) as refused:
        await made(world)
    assert refused.value.code == 21480
    assert await code(world, children[0], Status="closed") == 0
    await made(world)


async def test_a_full_server(make_world: "MakeWorld") -> None:
    """No subaccount without a way for requests to it, and nothing is left of the attempt."""
    world = make_world("manual", defaults={"max_accounts": 1})
    with pytest.raises(ServerFull, match="at most 1 accounts"):
        await made(world)
    assert len(world.sandbox.tables.accounts) == 1


async def test_update(make_world: "MakeWorld") -> None:
    """What is given is set, with the time; the rest stays."""
    world = make_world("manual")
    child = await made(world, "Mine")
    await world.advance(1)
    renamed = await subaccounts.update(world.sandbox, child, {"FriendlyName": "Yours"})
    assert renamed == replace(child, friendly_name="Yours", updated_at=world.now)
    idle = await subaccounts.update(world.sandbox, renamed, {"Status": "suspended"})
    assert (idle.friendly_name, idle.status) == ("Yours", "suspended")
    assert world.sandbox.accounts.barred == {child.sid}
    again = await subaccounts.update(world.sandbox, idle, {"Status": "active"})
    assert (again.status, world.sandbox.accounts.barred) == ("active", set())


async def test_refused_updates(make_world: "MakeWorld") -> None:
    """Each code where it belongs."""
    world = make_world("manual")
    accounts = world.sandbox.accounts
    child = await made(world)
    assert await code(world, accounts.first, Status="closed") == 21477
    assert await code(world, accounts.first, FriendlyName="x") == 0
    barred = accounts.change(replace(child, status="suspended", by_twilio=True), Unit())
    assert await code(world, barred, Status="active") == 21478
    accounts.change(replace(accounts.first, status="suspended"), Unit())
    assert await code(world, child, Status="suspended") == 21476
    closed = accounts.change(replace(child, status="closed"), Unit())
    assert await code(world, closed, Status="active") == 21479


async def test_a_closed_account_loses_its_numbers(make_world: "MakeWorld") -> None:
    """They are nobody's, and in no pool; those of others stay."""
    world = make_world("manual")
    tables, first, child = world.sandbox.tables, world.sandbox.accounts.first, await made(world)
    for place, owner in enumerate((child, first)):
        number = f"+1415555000{place}"
        tables.numbers[number] = Number(number, owner.sid, sid=f"PN{place:032d}")
    pool = tuple(tables.numbers)
    tables.services["MG1"] = Service("MG1", first.sid, pool)
    assert await code(world, child, Status="closed") == 0
    assert (tuple(tables.numbers), tables.services["MG1"].senders) == (pool[1:], pool[1:])


async def test_lists(make_world: "MakeWorld") -> None:
    """The account and its children, newest first; by name and status; a child sees itself."""
    world = make_world("manual")
    box, first = world.sandbox, world.sandbox.accounts.first
    one, two = await made(world, "one"), await made(world, "two")
    two = await subaccounts.update(box, two, {"Status": "suspended"})
    box.accounts.set_up(Account("AC" + "9" * 32, "other"), Unit())
    assert subaccounts.page(box, first, ALL, {}) == ([two, one, first], False)
    assert subaccounts.page(box, first, ALL, {"FriendlyName": "one"}) == ([one], False)
    assert subaccounts.page(box, first, ALL, {"Status": "suspended"}) == ([two], False)
    assert subaccounts.page(box, first, ALL, {"Status": "nonsense"}) == ([], False)
    assert subaccounts.page(box, one, ALL, {}) == ([one], False)
    assert subaccounts.page(box, one, PageAsk(1, 50, after=one.sid), {}) == ([], False)
    stranger = Account("AC" + "8" * 32)
    assert subaccounts.page(box, stranger, ALL, {}) == ([stranger], False)


@given(st.integers(0, 7), st.integers(1, 4))
def test_pages(in_world: "InWorld[None]", count: int, size: int) -> None:
    """Page by page, forwards, everything comes once."""

    async def act(world: "World") -> None:
        first = world.sandbox.accounts.first
        wanted = [first.sid, *[(await made(world)).sid for _ in range(count)]][::-1]
        found: list[str] = []
        ask, more = PageAsk(0, size), True
        while more:
            rows, more = subaccounts.page(world.sandbox, first, ask, {})
            found += [row.sid for row in rows]
            ask = PageAsk(ask.number + 1, size, after=rows[-1].sid)
        assert found == wanted

    in_world("manual", act)


async def test_the_balance(make_world: "MakeWorld") -> None:
    """A thousand dollars less what the account and its subaccounts have sent; not what others."""
    world = make_world("manual")
    box, first = world.sandbox, world.sandbox.accounts.first
    child = await made(world)
    box.accounts.set_up(other := Account("AC" + "9" * 32, "other"), Unit())
    assert await subaccounts.balance(box.tables, first) == 100_000_000
    for account in (first, child, other):
        form = {"To": "+14155552671", "From": "+15017122661", "Body": "x" * 161}
        await box.messages.create(account, Reading(form))
    assert await subaccounts.balance(box.tables, first) == 100_000_000
    await world.advance(10)
    assert await subaccounts.balance(box.tables, first) == 100_000_000 - 2 * 2 * 790
    assert await subaccounts.balance(box.tables, other) == 100_000_000 - 2 * 790


async def test_the_balance_of_a_trial(make_world: "MakeWorld") -> None:
    """Less to begin with."""
    order = Order(account=Account("AC" + "7" * 32, "token", type="Trial"))
    world = make_world("manual", order=order)
    first = world.sandbox.accounts.first
    assert await subaccounts.balance(world.sandbox.tables, first) == 1_550_000
