"""Callbacks that come before the response to the create."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.faults import DeliveryRule, WeatherRule, When, read_weather
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.world.ports import Answer

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

HOOK = "http://127.0.0.1:9/status"
CLOCKS = ("instant", "manual", "real")


def bring(world: "World", then: dict[str, Any], name: str = "w", **filters: object) -> None:
    when = When(Matcher.compile(filters, fields=WEATHER_FIELDS))
    world.sandbox.rules.add(WeatherRule(name, when, read_weather(then)))


def dues(world: "World") -> list[tuple[str, float]]:
    """Statuses, and seconds after the create."""
    [message] = world
    start = message.created_at
    return [(each.status, (each.due - start) / 1_000_000) for each in world.attempts]


@pytest.mark.parametrize("clock", CLOCKS)
async def test_the_first_callback_comes_before_the_response(
    make_world: "MakeWorld", clock: str
) -> None:
    """On every clock; the others wait for the response as ever, and come as much earlier."""
    world = make_world(clock)
    bring(world, {"early": True})
    message = await world.create(StatusCallback=HOOK, answered=False)
    assert world.app.statuses == ["sent"]
    [(_, due)] = dues(world)
    assert 0 <= due < 0.1
    assert [each.weather for each in world.attempts] == ["w"]
    world.sandbox.outbox.release(message.sid)
    await world.advance(0.3)
    assert world.app.statuses == ["sent", "delivered"]
    assert world.timeline(message)[-1] == ("delivered", dues(world)[1][1])
    assert [each.weather for each in world.attempts] == ["w", ""]


async def test_the_response_waits_for_the_answer(make_world: "MakeWorld") -> None:
    """While the application does not answer, the create does not return, and no time passes."""
    world = make_world("instant")
    bring(world, {"early": True})
    gate = world.app.gates[HOOK] = asyncio.Event()
    create = asyncio.create_task(world.create(StatusCallback=HOOK))
    await world.turns(20)
    assert (create.done(), world.app.statuses, world.idle()) == (False, ["sent"], False)
    gate.set()
    message = await create
    await world.settled()
    assert world.status(message) == "delivered"


async def test_it_is_tried_again_before_the_response(make_world: "MakeWorld") -> None:
    """As often as its URL wants; the response comes all the same where that fails."""
    world = make_world("manual")
    bring(world, {"early": True})
    world.app.answers["sent"] = [Answer(503, error_code=11200)] * 3
    await world.create(StatusCallback=f"{HOOK}#rc=2&rp=5xx")
    assert [each.attempt for each in world.attempts] == [1, 2, 3]


async def test_the_one_that_is_meant_comes_early(make_world: "MakeWorld") -> None:
    """With what leads to it, which is told of after the response, under the weather of its own."""
    world = make_world("manual")
    bring(world, {"early": True}, status="delivered")
    bring(world, {"duplicate": 1}, "twice", status="sent")
    message = await world.create(StatusCallback=HOOK, answered=False)
    assert world.app.statuses == ["delivered"]
    world.sandbox.outbox.release(message.sid)
    await world.settled()
    assert world.app.statuses == ["delivered", "sent", "sent"]
    assert world.sandbox.rules.counters["twice.fired"] == 1
    assert not world.sandbox.tables.foreseen


async def test_nothing_waits_for_what_came_early(make_world: "MakeWorld") -> None:
    """What was to go after the next one does so at once: the next one has gone."""
    world = make_world("manual")
    bring(world, {"early": True}, status="delivered")
    bring(world, {"reorder": True}, "disorder", status="sent")
    await world.create(StatusCallback=HOOK)
    await world.settled()
    assert world.app.statuses == ["delivered", "sent"]
    assert not world.sandbox.tables.foreseen


async def test_what_is_decided_holds(make_world: "MakeWorld") -> None:
    """Chance is asked once about a callback, also where another rule might have hurried it."""
    world = make_world("manual")
    bring(world, {"early": True}, "never", to="+14155550009")
    bring(world, {"drop": True}, "lost", status="sent")
    message = await world.create(StatusCallback=HOOK)
    await world.advance(1)
    assert world.app.statuses == ["delivered"]
    assert world.sandbox.rules.counters["lost.matched"] == 1
    assert not world.sandbox.tables.foreseen
    assert world.status(message) == "delivered"


async def test_copies_and_replays_go_with_it(make_world: "MakeWorld") -> None:
    """Copies before the response, too; the very same again on the clock."""
    world = make_world("manual")
    bring(world, {"early": True, "duplicate": 1, "replay": "1m"}, status="sent")
    await world.create(StatusCallback=HOOK)
    assert world.app.statuses == ["sent", "sent"]
    await world.advance(60)
    assert dues(world)[2:] == [("delivered", 0.3), ("sent", 60.0)]
    assert world.app.posted[0] == world.app.posted[1] == world.app.posted[3]


async def test_a_failure_may_be_known_too_early(make_world: "MakeWorld") -> None:
    """With its error code."""
    world = make_world("manual")
    bring(world, {"early": True})
    world.sandbox.rules.add(DeliveryRule("end", When(), "failed", 30001))
    message = await world.create(StatusCallback=HOOK)
    assert dict(world.app.posted[0].params)["ErrorCode"] == "30001"
    assert (world.status(message), world.delivery(message).steps) == ("failed", ())


async def test_a_service_has_chosen_by_then(make_world: "MakeWorld") -> None:
    """`queued` is the first that is announced of its messages."""
    world = make_world("manual")
    bring(world, {"early": True})
    service = {"From": "-", "MessagingServiceSid": "MG" + "a" * 32}
    await world.create(service, StatusCallback=HOOK, answered=False)
    assert world.app.statuses == ["queued"]
    assert dict(world.app.posted[0].params)["From"]


async def test_a_scheduled_message_is_not_hurried(make_world: "MakeWorld") -> None:
    """It goes out after its response in any weather."""
    world = make_world("manual")
    bring(world, {"early": True})
    await world.create(world.scheduled(3600), StatusCallback=HOOK)
    assert world.app.posted == []


async def test_nobody_is_hurried_without_a_callback(make_world: "MakeWorld") -> None:
    """The message takes its usual time."""
    world = make_world("manual")
    bring(world, {"early": True})
    message = await world.create()
    assert world.status(message) == "queued"


async def test_a_reset_does_not_hang_the_response(make_world: "MakeWorld") -> None:
    """The create returns; its message is gone."""
    world = make_world("manual")
    bring(world, {"early": True})
    world.app.gates[HOOK] = asyncio.Event()
    create = asyncio.create_task(world.create(StatusCallback=HOOK))
    await world.turns(20)
    world.sandbox.reset()
    message = await create
    assert world.sandbox.tables.messages.get(message.sid) is None
