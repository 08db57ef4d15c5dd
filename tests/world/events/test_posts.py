"""How events leave a sandbox."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.domain.events.sinks import STATUSES
from mockserver.domain.faults import WeatherRule, When, read_weather
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.domain.signature import sign
from mockserver.world.driver import Bounds
from mockserver.world.outside import NotIdle
from mockserver.world.ports import Answer, Posting, Wire

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld
    from tests.world.events.conftest import Follow, Told


@pytest.mark.parametrize("status", STATUSES)
async def test_only_active_sinks_are_posted_to(
    make_world: "MakeWorld", follow: "Follow", told: "Told", status: str
) -> None:
    """What happens while one is not, never comes; it is in the list of all events."""
    world = make_world("instant")
    sid = await follow(world, "sent")
    sinks = world.sandbox.tables.sinks
    sinks[sid] = replace(sinks[sid], status=status)
    await world.create()
    await world.settled()
    assert told(world) == ([["sent"]] if status == "active" else [])
    assert len(world.sandbox.events) == 1


@pytest.mark.parametrize("batched", [True, False])
async def test_each_post_has_its_token(
    make_world: "MakeWorld", follow: "Follow", *, batched: bool
) -> None:
    """The same on every try, another for every other sink."""
    world = make_world("manual")
    for host in ("a", "b"):
        await follow(world, "sent", batched=batched, host=host)
    world.app.answers = {"": [Answer(500, error_code=11200)] * 4}
    for number in range(2):
        await world.create(To=f"+1415555267{number}")
    await world.advance(30)
    first = {each.idempotency_token for each in world.attempts if each.attempt == 1}
    again = {each.idempotency_token for each in world.attempts if each.attempt > 1}
    assert again <= first
    assert len(first) == (2 if batched else 4)
    assert len(again) == len(first)


class Every(dict[str, asyncio.Event]):
    """One gate for all addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    def get(self, key: str, default: object = None) -> asyncio.Event:
        return self.gate


async def test_who_waits_is_told_what_for(make_world: "MakeWorld", follow: "Follow") -> None:
    """Posts of events keep an `advance` waiting as callbacks do."""
    world = make_world("manual", bounds=Bounds(seconds=0.05))
    await follow(world, "sent")
    world.app.gates = every = Every()
    await world.create()
    with pytest.raises(NotIdle, match="1 posts of events"):
        await world.advance(1)
    every.gate.set()
    await world.settled()
    assert len(world.attempts) == 1


async def test_posts_have_the_weather_of_the_wire(
    make_world: "MakeWorld", follow: "Follow"
) -> None:
    """A body that comes slowly, and a signature that is of another token, on every try."""
    world = make_world("manual")
    await follow(world, "sent")
    when = When(Matcher.compile({"kind": "event"}, fields=WEATHER_FIELDS))
    then = read_weather({"signature": "wrong", "trickle": "1s"})
    world.sandbox.rules.add(WeatherRule("w", when, then))
    world.app.answers = {"": [Answer(500, error_code=11200)]}
    await world.create()
    await world.advance(60)
    first, second = world.app.posted
    token = world.sandbox.accounts.first.signing_token
    assert first == second
    assert first.wire == Wire(1.0)
    assert first.signature != sign(first.url, (), token)
    assert [each.weather for each in world.attempts] == ["w", "w"]


async def test_posts_are_neither_lost_nor_late(make_world: "MakeWorld", follow: "Follow") -> None:
    """Order and retries are Event Streams' promise: a rule that would break it is not about them.

    Nor is what is asked for once more a matter of the weather.
    """
    world = make_world("manual")
    await follow(world, "sent")
    rules = world.sandbox.rules
    rules.add(WeatherRule("lost", When(), read_weather({"drop": True})))
    await world.create()
    await world.advance(60)
    assert [each.weather for each in world.attempts] == [""]
    rules.add(WeatherRule("bare", When(), read_weather({"signature": "missing"})))
    again = Posting(world.app.posted[0], due=world.now, attempt=2)
    world.sandbox.streams.repeat(again)
    await world.settled()
    assert [bool(parcel.signature) for parcel in world.app.posted] == [True, True]
