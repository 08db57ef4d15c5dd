"""How a scheduled message ends is decided when it goes out, not when it was made."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.faults import After, DeliveryRule, When
from mockserver.domain.faults.when import DELIVERY_FIELDS
from mockserver.domain.matching import Matcher
from mockserver.domain.message import SECOND, STEP, Message

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World


def rule(outcome: str, code: int = 0, *, when: When | None = None, **after: int) -> DeliveryRule:
    return DeliveryRule("r", when or When(), outcome, code, after=After(**after))


async def ended(world: "World", message: Message) -> tuple[str, int | None]:
    """Its status and code, when all is over."""
    await world.advance(3_600)
    return world.status(message), world.delivery(message).error_code


@pytest.fixture
def world(make_world: "MakeWorld") -> "World":
    return make_world("manual")


async def test_a_rule_that_came_meanwhile(world: "World") -> None:
    """An outage that begins while a reminder waits is one for the reminder."""
    waiting = await world.create(world.scheduled(900))
    world.sandbox.rules.add(rule("undelivered", 30003))
    assert await ended(world, waiting) == ("undelivered", 30003)


async def test_a_rule_that_is_over(world: "World") -> None:
    """Has no hold on what was made under it."""
    world.sandbox.rules.add(rule("undelivered", 30003))
    waiting = await world.create(world.scheduled(900))
    world.sandbox.rules.drop("delivery", "r")
    assert await ended(world, waiting) == ("delivered", 0)


async def test_a_window_is_about_the_time_of_sending(world: "World") -> None:
    """`after` and `before` of a rule; it counts once."""
    window = When(after=600 * SECOND, before=1_200 * SECOND)
    world.sandbox.rules.add(rule("failed", 30002, when=window))
    early, inside = [await world.create(world.scheduled(each)) for each in (400, 900)]
    assert await ended(world, early) == ("delivered", 0)
    assert world.status(inside) == "failed"
    counters = world.sandbox.rules.counters
    assert (counters["r.matched"], counters["r.fired"]) == (1, 1)


async def test_its_sender_is_known_by_then(world: "World") -> None:
    """A rule may be about the number that the service chose."""
    world.sandbox.rules.add(rule("undelivered", 30007))
    plain = await world.create(world.scheduled(900))
    await ended(world, plain)
    found = world.sandbox.tables.messages.get(plain.sid)
    assert found is not None
    world.sandbox.rules.drop("delivery", "r")
    chosen = When(Matcher.compile({"from": found.from_}, fields=DELIVERY_FIELDS))
    world.sandbox.rules.add(rule("undelivered", 30005, when=chosen))
    waiting = await world.create(world.scheduled(900))
    assert await ended(world, waiting) == ("undelivered", 30005)


async def test_times_count_from_the_appointment(world: "World") -> None:
    """And no step lies before the message was queued."""
    world.sandbox.rules.add(rule("delivered", sent=0, final=60 * SECOND))
    waiting = await world.create(world.scheduled(900))
    await ended(world, waiting)
    line = world.delivery(waiting).timeline
    at = {line[n]: line[n + 1] - waiting.send_at for n in range(0, len(line), STEP)}
    assert at["queued"] <= at["sending"] <= at["sent"] < at["delivered"] == 60 * SECOND


async def test_a_number_with_an_outcome(world: "World") -> None:
    """Keeps it."""
    waiting = await world.create(world.scheduled(900), To="+15005560003")
    assert await ended(world, waiting) == ("undelivered", 30003)


@pytest.mark.parametrize(("code", "queued"), [(21610, False), (30002, True)])
async def test_what_cannot_be_sent_is_never_queued(world: "World", code: int, queued: bool) -> None:
    """It fails where it would have been."""
    world.sandbox.rules.add(rule("failed", code))
    waiting = await world.create(world.scheduled(900))
    assert await ended(world, waiting) == ("failed", code)
    assert ("queued" in world.delivery(waiting).timeline) is queued
