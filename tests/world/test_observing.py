"""Who is told of what becomes of messages."""

from typing import TYPE_CHECKING

from mockserver.domain.faults import DeliveryRule, When

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld


async def test_whoever_reports_is_told_of_each_end(make_world: "MakeWorld") -> None:
    """Once for each message, when nothing is to come any more."""
    told: list[tuple[str, str]] = []
    world = make_world(
        "manual", report=lambda message, delivery: told.append((message.body, delivery.status))
    )
    for body in ("One", "Two"):
        await world.create(Body=body)
        await world.advance(0.3)
    assert told == [("One", "delivered")]
    await world.advance(60)
    assert told == [("One", "delivered"), ("Two", "delivered")]


async def test_the_feed_has_every_step(make_world: "MakeWorld") -> None:
    """The making of a message, then one transition for each status, however they were taken."""
    for clock in ("instant", "manual"):
        world = make_world(clock)
        reader = world.sandbox.journal.subscribe()
        await world.create()
        await world.advance(60)
        assert [(event.kind, event.data["status"]) for event in reader.events] == [
            ("message", "queued"),
            ("transition", "sending"),
            ("transition", "sent"),
            ("transition", "delivered"),
        ]


async def test_a_failure_is_an_alert(make_world: "MakeWorld") -> None:
    """Once, at the end; what was delivered is none."""
    world = make_world("manual")
    await world.create()
    await world.advance(60)
    assert [alert.code for alert in world.sandbox.journal.alerts] == []
    world.sandbox.rules.add(DeliveryRule("ends", When(), "undelivered", 30003))
    await world.create(Body="Lost")
    await world.advance(60)
    assert [alert.code for alert in world.sandbox.journal.alerts] == [30003]


async def test_who_watches_hears_which_messages_moved(make_world: "MakeWorld") -> None:
    """When it is made and at each step, and nothing of what moved before."""
    world = make_world("manual")
    first = await world.create(Body="One")
    seen: set[str] = set()
    world.sandbox.changes.watches.append(seen)
    second = await world.create(Body="Two")
    assert seen == {second.sid}
    await world.advance(60)
    assert seen == {first.sid, second.sid}
