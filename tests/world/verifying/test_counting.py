"""How many messages there should be, within some time or in any stretch of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, World

MakeWorld = Callable[..., "World"]
ONE, TWO = "+14155550001", "+14155550002"


@pytest.mark.parametrize(
    ("within", "count", "ok", "matched"),
    [
        ({"from": "0s", "to": "1s"}, {"exactly": 1}, True, 1),
        ({"from": "1s"}, {"exactly": 2}, True, 2),
        ({"to": 2}, {"at_most": 1}, False, 2),
        ({"from": "2026-12-01T00:00:02Z", "to": "1m"}, {"at_least": 1}, True, 1),
        ({"from": {"body": "0"}}, {"exactly": 2}, True, 2),
        ({"from": {"body": "0"}, "to": {"body": "2"}}, {"exactly": 1}, True, 1),
        ({"from": {"body": "none"}}, {"exactly": 0}, True, 0),
    ],
)
async def test_counts_within(
    make_world: MakeWorld, judge: Any, within: Any, count: Any, ok: bool, matched: int
) -> None:
    """Times are ISO 8601 or since the sandbox began; filters name the first that matches."""
    world = make_world("manual")
    for number in range(3):
        await world.create(Body=str(number))
        await world.advance(1)
    found = await judge(world, count=count, within=within)
    assert (found.ok, found.matched) == (ok, matched)


async def test_what_lies_beside_the_time_is_nearest(make_world: MakeWorld, judge: Any) -> None:
    """Before what does not match at all."""
    world = make_world("manual")
    early, other = await world.create(To=ONE), await world.create(To=TWO)
    found = await judge(
        world, where={"to": ONE}, within={"from": "1s", "to": "2s"}, count={"exactly": 1}
    )
    assert found.explanation == (
        f"Expected exactly 1 message with to '{ONE}', but none matched "
        "from 2026-12-01T00:00:01.000000Z until 2026-12-01T00:00:02.000000Z."
    )
    assert [near.sid for near in found.near] == [early.sid, other.sid]
    assert found.near[0].differences["created_at"].actual == "2026-12-01T00:00:00.000000Z"
    more = [await world.create(To=ONE, Body=str(number)) for number in range(3)]
    found = await judge(world, where={"to": ONE}, within={"from": "1s"}, count={"exactly": 1})
    assert [near.sid for near in found.near] == [early.sid, more[0].sid, more[1].sid]


async def test_a_plain_count_is_as_ever(make_world: MakeWorld, judge: Any) -> None:
    """Without anything at all, one message will do."""
    world = make_world("manual")
    assert not (await judge(world)).ok
    message = await world.create()
    found = await judge(world)
    assert (found.check, found.ok, found.matches) == ("count", True, [message.sid])


async def test_nobody_gets_too_many(make_world: MakeWorld, judge: Any) -> None:
    """In any stretch, of which the busiest is told; those that are apart by it are in two."""
    world = make_world("manual")
    for to, wait in ((ONE, 59.0), (ONE, 0.5), (ONE, 0.5), (TWO, 0.0), (ONE, 0.0)):
        await world.create(To=to)
        await world.advance(wait)
    found = await judge(world, count={"at_most": 3, "per": "60s"})
    assert (found.ok, found.matched) == (True, 5)
    found = await judge(world, count={"at_most": 2, "per": "60s"})
    assert found.explanation == (
        "Expected at most 2 messages for one recipient in any 1m, but to '+14155550001' there are "
        "3 between 2026-12-01T00:00:00.000000Z and 2026-12-01T00:00:59.500000Z."
    )
    [near] = found.near
    assert (near.differences["count"].expected, near.differences["count"].actual) == (
        "at most 2",
        3,
    )
    found = await judge(world, where={"to": TWO}, count={"at_most": 0, "per": 1})
    assert "to '+14155550002' there are 1 between" in found.explanation


@pytest.mark.parametrize(
    ("by", "told"), [("from", "from one sender in any"), ("all", "at most 1 message in any")]
)
async def test_of_whom(make_world: MakeWorld, judge: Any, by: str, told: str) -> None:
    """Of one sender, or of all together."""
    world = make_world("manual")
    await world.create(To=ONE)
    await world.create(To=TWO)
    found = await judge(world, count={"at_most": 1, "per": "1s", "by": by})
    assert not found.ok
    assert told in found.explanation
    assert (await judge(world, count={"at_most": 1, "per": "1s"})).ok


async def test_whose_messages(make_world: MakeWorld, judge: Any) -> None:
    """The program's: not Twilio's own, and what handsets write only for who asks for it."""
    world = make_world("manual")
    for body in ("STOP", "Hi", "START"):
        await world.receive(body=body)
    check = {"count": {"at_most": 1, "per": "1m"}}
    found = await judge(world, check)
    assert (found.ok, found.matched) == (True, 0)
    found = await judge(world, check, where={"direction": "inbound"})
    assert (found.ok, found.matched) == (False, 3)


@given(st.lists(st.integers(0, 30), max_size=15), st.integers(0, 4), st.integers(1, 20))
def test_the_busiest_stretch(
    in_world: "InWorld[Any]", judge: Any, waits: list[int], most: int, per: int
) -> None:
    """Is the one that counting from each message on finds."""

    async def act(world: "World") -> None:
        times = []
        for wait in waits:
            await world.advance(wait)
            times.append((await world.create()).created_at)
        busiest = max(
            (sum(0 <= other - at < per * 1_000_000 for other in times) for at in times), default=0
        )
        found = await judge(world, count={"at_most": most, "per": per})
        assert found.ok == (busiest <= most)
        assert found.ok or f"there are {busiest} between" in found.explanation

    in_world("manual", act)
