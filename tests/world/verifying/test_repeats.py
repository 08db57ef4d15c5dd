"""Whether somebody got the same message twice."""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, World

MakeWorld = Callable[..., "World"]
OTHER = "+14155550002"


async def test_the_same_again(make_world: MakeWorld, judge: Any) -> None:
    """Both are named, with the time between them."""
    world = make_world("manual")
    first = await world.create()
    await world.advance(30)
    await world.create(To=OTHER)
    second = await world.create()
    found = await judge(world, no_duplicates=True)
    assert found.explanation == (
        f"Expected no recipient to get the same message twice within 1m, but {second.sid} "
        "(to '+14155552671', 'Ahoy', at 2026-12-01T00:00:30.000000Z) repeats "
        f"{first.sid}, 30s later."
    )
    assert (found.ok, found.matched, list(found.matches)) == (False, 3, [second.sid])
    assert found.near[0].differences["created_at"].expected == (
        f"1m or more after {first.sid}, 2026-12-01T00:00:00.000000Z"
    )


async def test_what_is_no_repetition(make_world: MakeWorld, judge: Any) -> None:
    """Another text, other media, another recipient, or long enough afterwards."""
    world = make_world("manual")
    await world.create()
    await world.create(Body="Bye")
    await world.create(MediaUrl="http://app.test/a.png")
    await world.create(MediaUrl="http://app.test/b.png")
    await world.create(To=OTHER)
    await world.advance(60)
    await world.create()
    found = await judge(world, no_duplicates=True)
    assert (found.ok, found.matched) == (True, 6)
    assert found.explanation == (
        "Expected no recipient to get the same message twice within 1m: none did, of 6 sent."
    )
    assert not (await judge(world, no_duplicates={"within": "61s"})).ok


async def test_any_other_message(make_world: MakeWorld, judge: Any) -> None:
    """For those who want nobody to be written to twice, whatever is said."""
    world = make_world("manual")
    await world.create()
    await world.create(Body="Bye")
    found = await judge(world, no_duplicates={"within": "10s", "body": "any"})
    assert not found.ok
    assert found.explanation.startswith("Expected no recipient to get any message twice within 10s")
    assert found.explanation.endswith(", at the same time.")


async def test_what_never_left_is_none(make_world: MakeWorld, judge: Any, scenario: Any) -> None:
    """To send again what failed is no fault; nor do handsets and Twilio repeat for the program."""
    world = make_world()
    scenario(world, delivery=[{"when": {"nth": 1}, "outcome": "failed"}])
    await world.create()
    await world.create()
    await world.settled()
    for _ in range(2):
        await world.receive(body="HELP")
    found = await judge(world, no_duplicates=True)
    assert (found.ok, found.matched) == (True, 1)


async def test_many_are_counted(make_world: MakeWorld, judge: Any) -> None:
    """In order of creation, however they were found."""
    world = make_world("manual")
    sids = [(await world.create(To=f"+1415555{n % 6:04}")).sid for n in range(18)]
    found = await judge(world, no_duplicates=True)
    assert list(found.matches) == sids[6:16]
    assert found.explanation.endswith("; and 9 more.")


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("xy")), max_size=12))
def test_repetitions_are_those_of_comparing_all(
    in_world: "InWorld[Any]", judge: Any, sent: list[tuple[int, str]]
) -> None:
    """Each with the one before it that says the same."""

    async def act(world: "World") -> None:
        times: dict[str, list[int]] = {"x": [], "y": []}
        for wait, body in sent:
            await world.advance(wait)
            times[body].append((await world.create(Body=body)).created_at)
        repeated = any(
            after - before < 60_000_000
            for each in times.values()
            for before, after in pairwise(each)
        )
        assert (await judge(world, no_duplicates=True)).ok != repeated

    in_world("manual", act)


@pytest.mark.parametrize("body", ["same", "any"])
async def test_nothing_was_sent(make_world: MakeWorld, judge: Any, body: str) -> None:
    """Then nothing twice."""
    assert (await judge(make_world(), no_duplicates={"body": body})).ok
