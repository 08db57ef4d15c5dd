"""All sandboxes of a server: an account belongs to one of them, and idle ones go."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.faults import Given, GivenAccount, Scenario
from mockserver.domain.sids import is_sid
from mockserver.world import copying
from mockserver.world.sandboxes import AccountTaken, Order, TooManyAccounts

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

ONE, TWO, THREE = (f"AC{digit * 32}" for digit in "123")
KEY = "SK" + "9" * 32


def giving(*sids: str, own: str = "") -> Scenario:
    return Scenario("giving", given=Given((GivenAccount(own), *map(GivenAccount, sids))))


def owners(world: "World", *sids: str) -> list[str | None]:
    """Which sandbox holds each account."""
    found = map(world.sandboxes.of_account, sids)
    return [None if sandbox is None else sandbox.id for sandbox in found]


async def test_the_default_is_always_there(make_world: "MakeWorld") -> None:
    """With the account that every document names."""
    world = make_world()
    sandbox = world.sandboxes.get("default")
    assert sandbox is world.sandboxes.default
    assert sandbox.accounts.first.sid == DEFAULT_SID
    assert sandbox.accounts.first.auth_token == DEFAULT_TOKEN
    assert owners(world, DEFAULT_SID) == ["default"]
    assert (len(world.sandboxes), [*world.sandboxes]) == (1, [sandbox])


async def test_accounts_of_the_server(make_world: "MakeWorld") -> None:
    """They are set up in `default`; one of them may be its own, under another token."""
    given = (Account(ONE, "token", type="Trial"), Account(DEFAULT_SID, "other"))
    world = make_world(accounts=given)
    assert owners(world, ONE, DEFAULT_SID) == ["default", "default"]
    found = world.sandbox.accounts.find(ONE)
    assert found is not None
    assert (found.auth_token, found.trial, bool(found.created_at)) == ("token", True, True)
    assert world.sandbox.accounts.first.auth_token == "other"


async def test_what_is_made_has_fresh_names(make_world: "MakeWorld") -> None:
    """What routes never comes from a seed: two sandboxes with one seed share no address."""
    world = make_world()
    made = [world.sandboxes.make(Order(seed=7)) for _ in range(20)]
    sids = {sandbox.accounts.first.sid for sandbox in made}
    tokens = {sandbox.accounts.first.auth_token for sandbox in made}
    assert len({sandbox.id for sandbox in made}) == len(sids) == len(tokens) == 20
    assert all(is_sid(sid, "AC") for sid in sids)
    assert {len(token) for token in tokens} == {32}
    assert all(world.sandboxes.of_account(box.accounts.first.sid) is box for box in made)
    assert {box.dice.of("message", "") for box in made} == {made[0].dice.of("message", "")}


async def test_what_is_ordered_counts_before_what_is_given(make_world: "MakeWorld") -> None:
    """The order, then the scenario, then the server's defaults."""
    world = make_world("instant", seed=7)
    scenario = Scenario(
        "given", given=Given((GivenAccount(ONE, "given", "Trial"),)), clock="scaled:60"
    )
    by_scenario = world.sandboxes.make(Order(scenario=scenario))
    account = by_scenario.accounts.first
    assert (account.sid, account.auth_token, account.type) == (ONE, "given", "Trial")
    assert (by_scenario.clock.mode.name, by_scenario.dice.seed) == ("scaled:60", 7)
    ordered = Order(scenario, "manual", seed=8, account=Account(TWO, "ordered"))
    by_order = world.sandboxes.make(ordered)
    account = by_order.accounts.first
    assert (account.sid, account.auth_token, account.type) == (TWO, "ordered", "Trial")
    assert (by_order.clock.mode.name, by_order.dice.seed) == ("manual", 8)


async def test_what_is_no_clock(make_world: "MakeWorld") -> None:
    """Is refused, and no sandbox is left behind."""
    world = make_world()
    with pytest.raises(ValueError, match="is not a clock"):
        world.sandboxes.make(Order(clock="fast", account=Account(ONE)))
    assert (len(world.sandboxes), owners(world, ONE)) == (1, [None])


# Whose account


async def test_an_account_belongs_to_one_sandbox(make_world: "MakeWorld") -> None:
    """Asking for it elsewhere is refused with the name of the one that holds it."""
    world = make_world()
    holder = world.sandboxes.make(Order(account=Account(ONE)))
    with pytest.raises(AccountTaken, match=f"{ONE} belongs to sandbox {holder.id}") as taken:
        world.sandboxes.make(Order(account=Account(ONE)))
    assert (taken.value.sid, taken.value.holder) == (ONE, holder.id)
    with pytest.raises(AccountTaken):
        world.sandboxes.holders.claim(ONE, world.sandbox)
    world.sandboxes.holders.claim(ONE, holder)
    assert (len(world.sandboxes), owners(world, ONE)) == (2, [holder.id])


@pytest.mark.parametrize(
    "order",
    [
        Order(account=Account(TWO), others=(Account(THREE), Account(ONE))),
        Order(scenario=giving(THREE, ONE, own=TWO)),
    ],
)
async def test_a_sandbox_gets_all_its_accounts_or_is_not_made(
    make_world: "MakeWorld", order: Order
) -> None:
    """What it would have held is free again."""
    world = make_world()
    holder = world.sandboxes.make(Order(account=Account(ONE)))
    with pytest.raises(AccountTaken):
        world.sandboxes.make(order)
    assert owners(world, ONE, TWO, THREE) == [holder.id, None, None]
    assert len(world.sandboxes) == 2


async def test_a_scenario_gets_all_its_accounts_or_none(make_world: "MakeWorld") -> None:
    """One that another sandbox holds keeps the others from being claimed."""
    world = make_world(defaults={"max_accounts": 4})
    holder = world.sandboxes.make(Order(account=Account(ONE)))
    with pytest.raises(AccountTaken):
        world.sandboxes.holders.claim_given(giving(TWO, ONE), world.sandbox)
    with pytest.raises(TooManyAccounts):
        world.sandboxes.holders.claim_given(giving(TWO, THREE, KEY), world.sandbox)
    assert owners(world, ONE, TWO, THREE) == [holder.id, None, None]
    world.sandboxes.holders.claim_given(giving(TWO, THREE), world.sandbox)
    assert owners(world, TWO, THREE) == ["default", "default"]


async def test_so_many_accounts_and_no_more(make_world: "MakeWorld") -> None:
    """In all sandboxes together; what is dropped makes room."""
    world = make_world(defaults={"max_accounts": 3})
    boxes = world.sandboxes
    made = boxes.make(Order(account=Account(ONE)))
    boxes.holders.claim(TWO, world.sandbox)
    for attempt in (lambda: boxes.holders.claim(THREE, made), lambda: boxes.make(Order())):
        with pytest.raises(TooManyAccounts, match="at most 3 accounts"):
            attempt()
    assert (len(boxes), owners(world, THREE)) == (2, [None])
    boxes.drop(made)
    boxes.holders.claim(THREE, world.sandbox)
    assert owners(world, ONE, THREE) == [None, "default"]


async def test_where_strangers_come_into_being(make_world: "MakeWorld") -> None:
    """In `default`; on a server that a fixture started, in the newest living sandbox."""
    world = make_world()
    world.sandboxes.make(Order())
    assert world.sandboxes.home is world.sandboxes.default
    world = make_world(defaults={"newcomers": "newest"})
    assert world.sandboxes.home is world.sandboxes.default
    first, second = (world.sandboxes.make(Order()) for _ in range(2))
    assert world.sandboxes.home is second
    world.sandboxes.drop(second)
    assert world.sandboxes.home is first
    gone = world.sandboxes.make(Order(ttl=1e-9))
    assert world.sandboxes.home is not gone


# The end


async def test_a_dropped_sandbox_is_gone(make_world: "MakeWorld") -> None:
    """With all its accounts, those that came into being in it and its keys too."""
    world = make_world()
    sandbox = world.sandboxes.make(Order(scenario=giving(TWO, own=ONE)))
    for sid in (THREE, KEY):
        world.sandboxes.holders.claim(sid, sandbox)
    assert owners(world, ONE, TWO, THREE, KEY) == [sandbox.id] * 4
    world.sandboxes.drop(sandbox)
    assert owners(world, ONE, TWO, THREE, KEY) == [None] * 4
    assert (world.sandboxes.get(sandbox.id), sandbox.closed) == (None, True)
    assert world.sandboxes.make(Order(account=Account(THREE))).accounts.first.sid == THREE


async def test_strangers_are_nobodys_again_after_a_reset(make_world: "MakeWorld") -> None:
    """What was set up with the sandbox stays its own; a scenario's accounts go with it."""
    world = make_world()
    order = Order(scenario=giving(TWO, own=ONE), others=(Account("AC" + "4" * 32),))
    sandbox = world.sandboxes.make(order)
    world.sandboxes.holders.claim_given(giving("AC" + "8" * 32), sandbox)
    for sid in (THREE, KEY):
        world.sandboxes.holders.claim(sid, sandbox)
    old = copying.reset(world.sandboxes, sandbox)
    assert old is not sandbox.tables
    assert owners(world, ONE, TWO, "AC" + "4" * 32) == [sandbox.id] * 3
    assert owners(world, THREE, KEY, "AC" + "8" * 32, DEFAULT_SID) == [None] * 3 + ["default"]
    copying.reset(world.sandboxes, sandbox)
    assert owners(world, ONE, TWO) == [sandbox.id] * 2


async def test_an_idle_sandbox_is_dropped(make_world: "MakeWorld") -> None:
    """After its `ttl`, however one looks for it; the default has none."""
    world = make_world()
    boxes = world.sandboxes

    def idle() -> str:
        return boxes.make(Order(account=Account(ONE), ttl=1e-9)).id

    assert boxes.get(idle()) is None
    idle()
    assert owners(world, ONE) == [None]
    idle()
    assert (len(boxes), [*boxes]) == (1, [world.sandbox])
    idle()
    assert boxes.make(Order(account=Account(ONE))).accounts.first.sid == ONE


async def test_a_sandbox_in_use_stays(make_world: "MakeWorld") -> None:
    """Every look at it, and every request of its accounts, begins its `ttl` anew."""
    world = make_world()
    sandbox = world.sandboxes.make(Order(account=Account(ONE), ttl=3_600))
    assert world.sandboxes.get(sandbox.id) is sandbox
    assert owners(world, ONE) == [sandbox.id]
    assert sandbox in [*world.sandboxes]


async def test_the_end_of_all(make_world: "MakeWorld") -> None:
    """Whoever waits in any of them is told."""
    world = make_world()
    made = world.sandboxes.make(Order())
    world.sandboxes.stop()
    assert (made.closed, world.sandbox.closed) == (True, True)


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        (ONE, True),
        ("AC" + "aB" * 16, True),
        ("AC" + "g" * 32, False),
        (ONE + "\n", False),
        (ONE[:-1], False),
        (KEY, False),
    ],
)
def test_what_an_account_looks_like(text: str, well_formed: bool) -> None:
    """`AC` and 32 hexadecimal digits, of either case."""
    assert is_sid(text, "AC") == well_formed
