"""A second Auth Token: made, promoted, dropped."""

from typing import TYPE_CHECKING

from mockserver.domain.accounts import Account
from mockserver.world import tokens

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld


async def test_both_authenticate_until_promoted(make_world: "MakeWorld") -> None:
    """The first one signs until then; afterwards the second is the first."""
    world = make_world("manual")
    first = world.sandbox.accounts.first
    await world.advance(1)
    both = await tokens.create(world.sandbox, first)
    second = both.secondary_token
    assert (len(second), both.secondary_at, both.updated_at) == (32, world.now, world.now)
    assert both.accepts(first.auth_token)
    assert both.accepts(second)
    assert both.signing_token == first.auth_token
    promoted = await tokens.promote(world.sandbox, both)
    assert (promoted.auth_token, promoted.secondary_token) == (second, "")
    assert not promoted.accepts(first.auth_token)
    assert world.sandbox.accounts.first == promoted


async def test_dropped(make_world: "MakeWorld") -> None:
    """The first one stays."""
    world = make_world("manual")
    both = await tokens.create(world.sandbox, world.sandbox.accounts.first)
    alone = await tokens.delete(world.sandbox, both)
    assert alone.accepts(both.auth_token)
    assert not alone.accepts(both.secondary_token)


async def test_tokens_come_from_no_seed(make_world: "MakeWorld") -> None:
    """Two sandboxes of one seed make different ones."""
    worlds = [make_world("manual"), make_world("manual")]
    one, two = [await tokens.create(w.sandbox, w.sandbox.accounts.first) for w in worlds]
    assert one.secondary_token != two.secondary_token


async def test_a_strangers_first_request(make_world: "MakeWorld") -> None:
    """It comes into being with the token that it brought."""
    world = make_world("manual")
    stranger = Account("AC" + "9" * 32, "brought")
    both = await tokens.create(world.sandbox, stranger)
    assert (both.auth_token, both.created_at) == ("brought", world.now)
