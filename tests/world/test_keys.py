"""API keys: made, renamed, deleted, listed."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import Account, ApiKey
from mockserver.domain.paging import PageAsk
from mockserver.world.accounts import ServerFull
from mockserver.world.keys import Keys

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

OTHER = Account("AC" + "9" * 32, "other")
ALL = PageAsk()


async def test_a_new_key(make_world: "MakeWorld") -> None:
    """Standard, with a secret of 32 characters; requests with it lead here."""
    world = make_world("manual")
    first = world.sandbox.accounts.first
    key = await Keys(world.sandbox).create(first, "Mine")
    assert (key.account_sid, key.kind, key.friendly_name) == (first.sid, "standard", "Mine")
    assert (len(key.secret), key.created_at, key.updated_at) == (32, world.now, world.now)
    assert world.sandboxes.of_account(key.sid) is world.sandbox
    assert world.sandbox.accounts.key(key.sid) == key


async def test_what_routes_comes_from_no_seed(make_world: "MakeWorld") -> None:
    """Two sandboxes of one seed make different SIDs and secrets."""
    worlds = [make_world("manual"), make_world("manual")]
    one, two = [await Keys(w.sandbox).create(w.sandbox.accounts.first, "") for w in worlds]
    assert one.sid != two.sid
    assert one.secret != two.secret


async def test_whose(make_world: "MakeWorld") -> None:
    """Only its own account finds it."""
    world = make_world("manual")
    keys, first = Keys(world.sandbox), world.sandbox.accounts.first
    key = await keys.create(OTHER, "")
    assert (keys.find(OTHER, key.sid), keys.find(first, key.sid)) == (key, None)
    assert (keys.page(OTHER, ALL), keys.page(first, ALL)) == (([key], False), ([], False))
    assert world.sandbox.tables.accounts[OTHER.sid].created_at == world.now


async def test_renaming(make_world: "MakeWorld") -> None:
    """With the time; no name leaves the one it has."""
    world = make_world("manual")
    keys = Keys(world.sandbox)
    key = await keys.create(world.sandbox.accounts.first, "Mine")
    await world.advance(1)
    named = await keys.rename(key, "Yours")
    assert (named.friendly_name, named.secret) == ("Yours", key.secret)
    assert (named.created_at, named.updated_at) == (key.created_at, world.now)
    assert (await keys.rename(named, "")).friendly_name == "Yours"


async def test_deleted_keys(make_world: "MakeWorld") -> None:
    """Gone, but remembered as what was there; page tokens may name them."""
    world = make_world("manual")
    keys, first = Keys(world.sandbox), world.sandbox.accounts.first
    one, two, three = [await keys.create(first, name) for name in ("1", "2", "3")]
    await keys.delete(two)
    assert keys.find(first, two.sid) is None
    assert set(world.sandbox.tables.deleted["keys"]) == {two.sid}
    assert keys.page(first, ALL) == ([three, one], False)
    assert keys.page(first, PageAsk(1, 50, after=two.sid)) == ([one], False)
    assert keys.page(first, PageAsk(0, 50, before=two.sid)) == ([three], True)


async def test_a_full_server(make_world: "MakeWorld") -> None:
    """No key without a way for requests with it."""
    world = make_world("manual", defaults={"max_accounts": 1})
    with pytest.raises(ServerFull):
        await Keys(world.sandbox).create(world.sandbox.accounts.first, "")
    assert world.sandbox.tables.keys == {}


async def test_a_key_that_came_with_a_request(make_world: "MakeWorld") -> None:
    """It is listed as the others are."""
    world = make_world("manual")
    first = world.sandbox.accounts.first
    stranger = ApiKey("SK" + "5" * 32, "secret", first.sid)
    world.sandbox.accounts.learn_key(stranger)
    assert Keys(world.sandbox).page(first, ALL) == ([stranger], False)
