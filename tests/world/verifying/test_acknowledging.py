"""Whether somebody took the callbacks that told how messages ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.faults import (
    After,
    DeliveryRule,
    Scenario,
    WeatherRule,
    When,
    read_weather,
)
from mockserver.domain.faults.when import WEATHER_FIELDS
from mockserver.domain.matching import Difference, Matcher
from mockserver.world import journal
from mockserver.world.ports import Answer

if TYPE_CHECKING:
    from tests.world.conftest import World

MakeWorld = Callable[..., "World"]
HOOK = "http://app.test/status"
RETRIED = f"{HOOK}#rc=2&rp=all"


async def test_all_were(make_world: MakeWorld, judge: Any) -> None:
    """Those that have no callback do not matter, nor do those of test credentials."""
    world = make_world()
    await world.create(StatusCallback=HOOK)
    await world.create(Body="no callback")
    await world.settled()
    found = await judge(world, acknowledged=True)
    assert (found.ok, found.matched) == (True, 1)
    assert found.explanation == (
        "Expected the final status callback of every message to be answered 2xx: "
        "all 1 callback were."
    )


async def test_one_was_not(make_world: MakeWorld, judge: Any) -> None:
    """With its last attempt; an earlier status that nobody took does not matter."""
    world = make_world()
    world.app.verdict = lambda parcel: Answer(500, error_code=11200)
    message = await world.create(StatusCallback=RETRIED)
    await world.settled()
    found = await judge(world, acknowledged=True)
    assert not found.ok
    assert f"but that of {message.sid} (to '+14155552671', 'Ahoy', at " in found.explanation
    last = f"attempt 3 at {RETRIED}: the webhook answered HTTP 500"
    assert found.explanation.endswith(f" (delivered) was not: {last}.")
    assert list(found.matches) == [message.sid]
    assert found.near[0].differences["callback"] == Difference("answered 2xx", last)


async def test_at_last_is_enough(make_world: MakeWorld, judge: Any) -> None:
    """The second attempt was taken; and that `sent` was not is no matter."""
    world = make_world()
    world.app.answers["delivered"] = [Answer(503, error_code=11200), Answer(204)]
    world.app.answers["sent"] = [Answer(500, error_code=11200)] * 9
    await world.create(StatusCallback=RETRIED)
    await world.settled()
    assert (await judge(world, acknowledged=True)).ok
    assert [*world.sandbox.journal.unanswered.values()] == [3]


async def test_what_is_under_way_is_not_taken(make_world: MakeWorld, judge: Any) -> None:
    """Held back until the create is answered, it is not posted."""
    world = make_world("manual")
    held = await world.create(StatusCallback=HOOK, answered=False)
    await world.sandbox.messages.force(held, "delivered", 0)
    found = await judge(world, acknowledged=True)
    assert "(delivered) was not: it is still under way" in found.explanation
    world.sandbox.outbox.release(held.sid)
    await world.settled()
    assert (await judge(world, acknowledged=True)).ok


async def test_what_the_journal_forgot_is_known(
    make_world: MakeWorld, judge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without details: one that nobody took is counted, one that was taken is fine."""
    monkeypatch.setattr(journal, "ENTRIES_KEPT", 2)
    world = make_world()
    world.app.refuse(2, "delivered")
    lost = await world.create(StatusCallback=HOOK, Body="lost")
    await world.settled()
    for number in range(3):
        await world.create(StatusCallback=HOOK, Body=str(number))
        await world.settled()
    found = await judge(world, acknowledged=True)
    assert list(found.matches) == [lost.sid]
    assert "(delivered) was not: 2 attempts failed." in found.explanation
    assert found.matched == 4


@pytest.mark.parametrize("then", [{"delay": "1m"}, {"reorder": True}])
async def test_what_weather_holds_back_is_not_taken(
    make_world: MakeWorld, judge: Any, monkeypatch: pytest.MonkeyPatch, then: dict[str, Any]
) -> None:
    """Not even once the journal has forgotten so much that it could have been."""
    monkeypatch.setattr(journal, "ENTRIES_KEPT", 1)
    world = make_world("manual")
    rules = world.sandbox.rules
    about = Matcher.compile({"status": "delivered", "body": "late"}, fields=WEATHER_FIELDS)
    rules.add(WeatherRule("w", When(about), read_weather(then)))
    rules.add(DeliveryRule("end", When(), "read", after=After(read=3_600_000_000)))
    whatsapp = {"To": "whatsapp:+14155552671", "From": "whatsapp:+15017122661"}
    late = await world.create(whatsapp, StatusCallback=HOOK, Body="late")
    await world.create(StatusCallback=HOOK)
    await world.advance(5)
    found = await judge(world, acknowledged=True)
    assert list(found.matches) == [late.sid]
    assert found.explanation.endswith(
        "(delivered) was not: it is still under way, until the clock has run until idle."
    )
    await world.advance(3_600)
    assert (await judge(world, acknowledged=True)).ok


@pytest.mark.parametrize("kept", [1, 100])
async def test_what_weather_lost_is_not_held_against_the_program(
    make_world: MakeWorld, judge: Any, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Whether the journal still has it or not; what was posted and refused is told all the same."""
    monkeypatch.setattr(journal, "ENTRIES_KEPT", kept)
    world = make_world()
    about = Matcher.compile({"status": "delivered", "body": "lost"}, fields=WEATHER_FIELDS)
    world.sandbox.rules.add(WeatherRule("w", When(about), read_weather({"drop": True})))
    await world.create(StatusCallback=HOOK, Body="lost")
    await world.settled()
    assert (await judge(world, acknowledged=True)).ok
    world.app.verdict = lambda parcel: Answer(500, error_code=11200)
    refused = await world.create(StatusCallback=HOOK, Body="refused")
    await world.settled()
    assert list((await judge(world, acknowledged=True)).matches) == [refused.sid]


async def test_what_ended_before_a_restore_is_not_judged(make_world: MakeWorld, judge: Any) -> None:
    """Its attempts were in another journal."""
    world = make_world("manual")
    world.app.verdict = lambda parcel: Answer(500)
    await world.create(StatusCallback=HOOK)
    await world.advance(1)
    assert not (await judge(world, acknowledged=True)).ok
    world.sandbox.restore(world.sandbox.snapshot(), Scenario(""))
    found = await judge(world, acknowledged=True)
    assert (found.ok, found.matched) == (True, 0)
    await world.create(StatusCallback=HOOK, Body="new")
    await world.advance(1)
    assert not (await judge(world, acknowledged=True)).ok
