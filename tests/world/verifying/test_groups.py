"""Messages that have something in common, found without a large dictionary."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.verifying import groups
from mockserver.world.verifying.groups import Groups
from mockserver.world.verifying.sight import Sight, made_at

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, World

MakeWorld = Callable[..., "World"]


async def test_groups_by_recipient(make_world: MakeWorld) -> None:
    """Those larger than asked for, each in order of creation, each with what it has in common."""
    world = make_world("manual")
    numbers = ["+14155550001", "+14155550002", "+14155550001", "+14155550003", "+14155550001"]
    found = Groups("to")
    for place, number in enumerate(numbers):
        message = await world.create(To=number, Body=str(place))
        found.add(number, place, message.created_at)
    sight = Sight(world.sandbox)
    [(key, group)] = [pair async for pair in found.larger(sight, 1)]
    assert key == "+14155550001"
    assert [*group[1]] == [0, 2, 4]
    assert [*group[0]] == [made_at(sight.look(place)) for place in (0, 2, 4)]


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(0, 4))
def test_groups_are_those_of_a_dictionary(
    in_world: "InWorld[object]", keys: list[int], than: int
) -> None:
    """Whatever the hashes, even if all of them are one."""

    async def act(world: "World") -> None:
        for key in keys:
            await world.create(To=f"+1415555000{key}")
        found = Groups("to")
        for place in range(len(keys)):
            found.add("one hash for all", place, place)
        expected = {
            f"+1415555000{key}": [place for place, each in enumerate(keys) if each == key]
            for key in keys
        }
        got = {key: [*group[1]] async for key, group in found.larger(Sight(world.sandbox), than)}
        assert got == {key: group for key, group in expected.items() if len(group) > than}

    in_world("manual", act)


async def test_one_group_of_all(make_world: MakeWorld) -> None:
    """Where they have to agree in nothing, nobody looks at what they have."""
    world = make_world("manual")
    found = Groups("")
    for place in range(groups.LOT + 1):
        found.add("", place, place)
    [(key, group)] = [pair async for pair in found.larger(Sight(world.sandbox), 5)]
    assert (key, len(group[0])) == ("", groups.LOT + 1)


async def test_who_was_deleted_is_in_none(make_world: MakeWorld) -> None:
    """Between the look and the grouping."""
    world = make_world()
    messages = [await world.create(Body=str(place)) for place in range(3)]
    await world.settled()
    found = Groups("to")
    for place, message in enumerate(messages):
        found.add(message.to, place, message.created_at)
    await world.sandbox.messages.delete(messages[0])
    [(_, group)] = [pair async for pair in found.larger(Sight(world.sandbox), 1)]
    assert [*group[1]] == [1, 2]
