"""What should come before what, and what never after."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, World

MakeWorld = Callable[..., "World"]
A, B, C = ({"body": letter} for letter in "ABC")


async def write(world: "World", letters: str) -> list[str]:
    """A message for each letter, at the same moment; their SIDs."""
    return [(await world.create(Body=letter)).sid for letter in letters]


async def test_the_first_of_each(make_world: MakeWorld, judge: Any) -> None:
    """In order of creation, even within a moment; what comes later again does not matter."""
    world = make_world("manual")
    sids = await write(world, "ABAC")
    found = await judge(world, order=[A, B, C])
    assert (found.ok, found.matched) == (True, 4)
    assert found.explanation.startswith(f"In order: {sids[0]} (to ")
    assert list(found.matches) == [sids[0], sids[1], sids[3]]


async def test_strictly_the_last_of_each(make_world: MakeWorld, judge: Any) -> None:
    """The last A before the first B; both are named."""
    world = make_world("manual")
    sids = await write(world, "ABA")
    found = await judge(world, order=[A, B], strict=True)
    at = "at 2026-12-01T00:00:00.000000Z"
    assert found.explanation == (
        "Expected every message with body 'A' before every message with body 'B', but "
        f"{sids[1]} (to '+14155552671', 'B', {at}) came before "
        f"{sids[2]} (to '+14155552671', 'A', {at})."
    )
    assert (found.ok, list(found.matches)) == (False, [sids[2], sids[1]])
    assert (await judge(world, order=[A, B])).ok


async def test_the_wrong_way_round(make_world: MakeWorld, judge: Any) -> None:
    """The two that are, in words and as a near miss."""
    world = make_world("manual")
    sids = await write(world, "CBA")
    found = await judge(world, order=[B, A, C])
    assert not found.ok
    assert f"{sids[0]} (to " in found.explanation
    assert f"came before {sids[2]}" in found.explanation
    [near] = found.near
    assert (near.sid, near.differences["created_at"].expected) == (sids[0], f"after {sids[2]}")


async def test_one_that_is_missing(make_world: MakeWorld, judge: Any) -> None:
    """Is named by its filters, with what comes nearest."""
    world = make_world("manual")
    [sid] = await write(world, "A")
    found = await judge(world, order=[A, {"body": "Z"}])
    assert "no message matches the filters number 2: body 'Z'." in found.explanation
    assert [near.sid for near in found.near] == [sid]


async def test_one_message_is_not_before_itself(make_world: MakeWorld, judge: Any) -> None:
    """Where it is the first of both."""
    world = make_world("manual")
    await world.create(Body="A and B")
    found = await judge(world, order=[A, B])
    assert "matches both, and is the first of each" in found.explanation


async def test_order_among_some(make_world: MakeWorld, judge: Any) -> None:
    """`where` and `within` leave messages out."""
    world = make_world("manual")
    await world.create(Body="B", To="+14155550009")
    await write(world, "AB")
    assert not (await judge(world, order=[A, B])).ok
    assert (await judge(world, order=[A, B], where={"to": "+14155552671"})).ok


@given(st.text("AB", min_size=1, max_size=8))
def test_order_is_that_of_the_letters(in_world: "InWorld[Any]", judge: Any, letters: str) -> None:
    """First before first; strictly, last before first."""

    async def act(world: "World") -> None:
        await write(world, letters)
        both = "A" in letters and "B" in letters
        loose = await judge(world, order=[A, B])
        assert loose.ok == (both and letters.index("A") < letters.index("B"))
        strict = await judge(world, order=[A, B], strict=True)
        assert strict.ok == (both and letters.rindex("A") < letters.index("B"))

    in_world("manual", act)


async def test_never_after_a_stop(make_world: MakeWorld, judge: Any) -> None:
    """Twilio's own confirmation is no message of the program's; what came before may."""
    world = make_world()
    await world.create(Body="before")
    await world.settled()
    await world.receive(body="STOP")
    stop = {"direction": "inbound", "body": "STOP", "from": "+14155552671"}
    check = {"where": {"to": "+14155552671"}, "never_after": stop}
    found = await judge(world, check)
    assert found.ok
    assert found.explanation.endswith(", and none came.")
    late = await world.create(From="+15005550006", Body="after")
    found = await judge(world, check)
    assert (found.ok, list(found.matches)) == (False, [late.sid])
    assert f", but there came {late.sid} (to '+14155552671', 'after', at " in found.explanation
    assert found.near[0].differences["created_at"].expected.startswith("not after SM")


async def test_never_after_a_time(make_world: MakeWorld, judge: Any) -> None:
    """What was made at that time is not after it."""
    world = make_world("manual")
    await world.advance(1)
    await world.create()
    assert (await judge(world, never_after="1s")).ok
    assert not (await judge(world, never_after=0.5)).ok
    assert not (await judge(world, never_after="2026-12-01T00:00:00Z")).ok


async def test_nothing_comes_after_what_never_came(make_world: MakeWorld, judge: Any) -> None:
    """Which is said."""
    world = make_world("manual")
    await world.create()
    found = await judge(world, never_after={"body": "STOP"})
    assert (found.ok, found.matched) == (True, 0)
    assert found.explanation == "No message matches body 'STOP': so none comes after it."
