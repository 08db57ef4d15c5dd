"""What messages cost, in segments and dollars."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.world.verifying.costs import amount

if TYPE_CHECKING:
    from tests.world.conftest import World

MakeWorld = Callable[..., "World"]


@pytest.fixture
async def world(make_world: MakeWorld) -> "World":
    """Three messages: of one segment, of three, and one that failed; and one from a handset."""
    world = make_world()
    await world.create(Body="short")
    await world.create(Body="long " * 80)
    await world.settled()
    await world.receive(body="x" * 400)
    return world


@pytest.mark.parametrize(
    ("cost", "ok"),
    [
        ({"segments": 4}, True),
        ({"segments": 3}, False),
        ({"segments_each": 3}, True),
        ({"segments_each": 2}, False),
        ({"price": "0.0316"}, True),
        ({"price": 0.0315}, False),
        ({"price_each": "0.0237"}, True),
        ({"price_each": "0.0236"}, False),
        ({"segments": 4, "price": "1", "segments_each": 3, "price_each": 1}, True),
        ({"segments": 4, "price": 0}, False),
    ],
)
async def test_ceilings(world: "World", judge: Any, cost: Any, ok: bool) -> None:
    """In all and of each message; what is just as much as it may is fine; handsets are free."""
    found = await judge(world, cost=cost)
    assert (found.ok, found.matched) == (ok, 2)


async def test_what_it_cost(world: "World", judge: Any) -> None:
    """Is said in either case, the dearest message first."""
    fine = await judge(world, cost={"segments": 9, "price": 9})
    assert fine.explanation == "2 messages have 4 segments and cost $0.03160."
    assert (await judge(world, cost={"segments": 9})).explanation == "2 messages have 4 segments."
    first, second = [each.sid for each in world][:2]
    dear = await judge(world, cost={"segments": 1, "price_each": "0.01"})
    told = f"{second} (to '+14155552671', 'long long long long long long long long…', at "
    assert dear.explanation.startswith(
        "Expected at most 1 segment in all, but 2 messages have 4 segments, most of all " + told
    )
    assert "Expected at most $0.01000 a message, but " + told in dear.explanation
    assert list(dear.matches) == [second, first]
    [near] = dear.near
    assert (near.sid, near.differences["price"].actual) == (second, "$0.02370")


async def test_only_those_in_scope(world: "World", judge: Any) -> None:
    """`where` leaves messages out."""
    found = await judge(world, where={"body": "short"}, cost={"segments_each": 1})
    assert (found.ok, found.matched) == (True, 1)
    assert found.explanation == "1 message with body 'short' has 1 segment."


@pytest.mark.parametrize(
    ("text", "parts"), [("-0.00790", 790), ("0.5", 50_000), ("1e-2", 1_000), ("3", 300_000)]
)
def test_amounts(text: str, parts: int) -> None:
    """As the API has them, or as people write them."""
    assert amount(text) == parts


@pytest.mark.parametrize("text", ["", "free", "$1", "NaN", "Infinity"])
def test_what_is_no_amount(text: str) -> None:
    """Is refused with the fix."""
    with pytest.raises(ValueError, match=r"use dollars, as 0\.5"):
        amount(text)
