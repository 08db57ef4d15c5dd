"""What a check looks at: messages in order of creation, a few at a time."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.matching import MESSAGE_FIELDS, Matcher
from mockserver.world.queries import SandboxGone
from mockserver.world.verifying.sight import (
    ALWAYS,
    NOWHERE,
    Firsts,
    Scope,
    Sight,
    Window,
    automatic,
    counted,
    cut,
    outgoing,
    went_out,
)

if TYPE_CHECKING:
    from tests.world.conftest import World

MakeWorld = Callable[..., "World"]


def matcher(**filters: Any) -> Matcher:
    return Matcher.compile(filters, fields=MESSAGE_FIELDS)


async def bodies(sight: Sight, scope: Scope) -> list[object]:
    return [look.get("body") async for part in sight.matching(scope) for _, look in part]


async def test_windows_are_half_open(make_world: MakeWorld) -> None:
    """What was made when it begins is in, what was made when it ends is not."""
    world = make_world("manual")
    start = world.now
    for number in range(4):
        await world.create(Body=str(number))
        await world.advance(1)
    sight = Sight(world.sandbox)
    scope = Scope(matcher(), Window(start + 1_000_000, start + 3_000_000))
    assert await bodies(sight, scope) == ["1", "2"]
    assert str(scope) == (" from 2026-12-01T00:00:01.000000Z until 2026-12-01T00:00:03.000000Z")
    assert await bodies(sight, Scope(matcher(body="2"), ALWAYS)) == ["2"]


async def test_windows_between_messages(make_world: MakeWorld) -> None:
    """After the first that matches and before the first that matches, both left out."""
    world = make_world("manual")
    for text in ("a", "x", "b", "y", "c", "x"):
        await world.create(Body=text)
    sight = Sight(world.sandbox)
    between = Window(after=matcher(body="x"), before=matcher(body="y"))
    assert await bodies(sight, Scope(matcher(), between)) == ["b"]
    assert str(between) == (
        " after the first message with body 'x' before the first message with body 'y'"
    )
    assert await bodies(sight, Scope(matcher(), Window(after=matcher(body="y")))) == ["c", "x"]
    for missing in (Window(after=matcher(body="z")), Window(before=matcher(body="z"))):
        assert await bodies(sight, Scope(matcher(), missing)) == []
    assert await sight.first(matcher(body="z")) == NOWHERE
    first = Window(before=matcher(body="a"))
    assert await bodies(sight, Scope(matcher(), first)) == []


async def test_what_is_the_programs(make_world: MakeWorld, scenario: Any) -> None:
    """Not what handsets write, not what Twilio answers to keywords; and what failed never left."""
    world = make_world()
    scenario(world, delivery=[{"when": {"body": "fails"}, "outcome": "failed"}])
    await world.create(Body="ours")
    await world.create(Body="fails")
    await world.settled()
    await world.receive(body="STOP")
    sight = Sight(world.sandbox)
    looks = [look async for part in sight.matching(Scope()) for _, look in part]
    said = [str(look.get("body"))[:5] for look in looks]
    assert said == ["ours", "fails", "STOP", "You h"]
    assert [outgoing(look) for look in looks] == [True, True, False, False]
    assert [automatic(look) for look in looks] == [False, False, False, True]
    assert [went_out(look) for look in looks] == [True, False, False, False]


async def test_deleted_messages_are_passed_over(make_world: MakeWorld) -> None:
    """Before the look, and between the look and the naming."""
    world = make_world()
    messages = [await world.create(Body=str(number)) for number in range(3)]
    await world.settled()
    await world.sandbox.messages.delete(messages[1])
    sight = Sight(world.sandbox)
    assert await bodies(sight, Scope()) == ["0", "2"]
    assert sight.named(1) == "a message that was deleted meanwhile"
    assert (sight.look(1).get("sid"), sight.message(1), sight.delivery(1)) == ("", None, None)
    assert sight.near(1, status=("a", "b")).sid == ""


async def test_a_message_is_named(make_world: MakeWorld) -> None:
    """By SID, the other end, the beginning of its text, and its time."""
    world = make_world("manual")
    message = await world.create(Body="x" * 60)
    await world.receive(body="Hi")
    sight = Sight(world.sandbox)
    when = "2026-12-01T00:00:00.000000Z"
    assert sight.named(0) == f"{message.sid} (to '+14155552671', '{'x' * 39}…', at {when})"
    assert "(from '+14155552671', 'Hi', at " in sight.named(1)


async def test_a_reset_ends_it(make_world: MakeWorld) -> None:
    """What is half judged of the old tables says nothing of the new."""
    world = make_world("manual")
    for number in range(300):
        await world.create(Body=str(number))
    sight = Sight(world.sandbox)

    async def judged() -> None:
        async for _ in sight.matching(Scope(matcher(body_regex="(?s).*"))):
            await asyncio.sleep(0)

    task = asyncio.ensure_future(judged())
    await world.turns()
    world.sandbox.reset()
    with pytest.raises(SandboxGone):
        await task


def test_only_the_first_are_kept() -> None:
    """Of however many, by an order; the count is of all."""
    found: Firsts[int] = Firsts(lambda each: -each)
    for number in range(1_000):
        found.add(number)
    assert found.count == 1_000
    assert found.first == [*range(999, 989, -1)]
    assert found.told == [999, 998, 997]
    assert found.list(["a", "b"]) == "a; b; and 998 more"
    assert Firsts[int](int).list([]) == ""


def test_words() -> None:
    """Numbers have their noun, long texts end in dots."""
    assert (counted(1), counted(1_234), counted(0, "segment")) == (
        "1 message",
        "1,234 messages",
        "0 segments",
    )
    assert cut("y" * 40) == "y" * 40
    assert len(cut("y" * 41)) == 40
