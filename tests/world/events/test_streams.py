"""What becomes an event, and for whom."""

import json
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.events.others import Handed
from mockserver.world.events.sinks import Sinks
from mockserver.world.events.subscriptions import Subscriptions
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World
    from tests.world.events.conftest import Follow, Told

NOTIFIED = "com.twilio.notify.notification.delivered"
LOGGED = "com.twilio.error-logs.error.logged"
IS, NT = "IS" + "a" * 32, "NT" + "b" * 32


async def test_without_subscriptions_nothing_is_made(make_world: "MakeWorld") -> None:
    """Not even what would make it."""
    world = make_world("instant")
    await world.create()
    await world.receive()
    await world.settled()
    assert "streams" not in world.sandbox.__dict__
    assert world.sandbox.journal.alerts.heard is None
    assert world.sandbox.events.listeners == []
    assert world.sandbox.outbox.poster is None


def watching(world: "World") -> tuple[bool, bool, int]:
    """Whether it follows messages and the Debugger; who listens to the Communications API."""
    sandbox = world.sandbox
    alerts = sandbox.journal.alerts.heard is not None
    return sandbox.streams.follows_messages, alerts, len(sandbox.events.listeners)


async def test_only_what_somebody_wants_is_watched(
    make_world: "MakeWorld", follow: "Follow"
) -> None:
    """From the first subscription to the last."""
    world = make_world("manual")
    await follow(world, LOGGED, "com.twilio.comms-api.message.sent")
    assert watching(world) == (False, True, 1)
    await follow(world, "sent", host="b")
    assert watching(world) == (True, True, 1)
    first, second = world.sandbox.tables.subscriptions.values()
    await Subscriptions(world.sandbox).delete(first)
    assert watching(world) == (True, False, 0)
    await Subscriptions(world.sandbox).delete(second)
    assert watching(world) == (False, False, 0)


async def test_ids_come_from_the_seed(make_world: "MakeWorld", follow: "Follow") -> None:
    """Two runs have the same, and no two events."""
    runs = []
    for _ in range(2):
        world = make_world("instant")
        await follow(world, "sent", "delivered")
        for number in range(5):
            await world.create(To=f"+1415555267{number}")
        await world.settled()
        runs.append([json.loads(each.body)["id"] for each in world.app.posted])
    assert sorted(runs[0]) == sorted(runs[1])
    assert len(set(runs[0])) == 10
    assert all(each.startswith("EZ") and len(each) == 34 for each in runs[0])


async def test_an_account_in_test_mode(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """Makes no events, as it makes no callbacks."""
    world = make_world("instant")
    await follow(world, "sent", "com.twilio.messaging.inbound-message.received")
    accounts = world.sandbox.accounts
    accounts.set_up(Account(accounts.first.sid, "t" * 32, mode="test"), Unit())
    message = await world.create(From="+15005550006")
    await world.receive()
    await world.settled()
    assert (message.test, told(world)) == (True, [])


async def test_a_notification_that_was_delivered(
    make_world: "MakeWorld", follow: "Follow", told: "Told"
) -> None:
    """Is an event for each channel's delivery, of its own id."""
    world = make_world("manual")
    await follow(world, NOTIFIED, version=2)
    sandbox = world.sandbox
    owner = sandbox.accounts.first.sid
    for id_ in ("SM1", "SM2"):
        sandbox.streams.notified(owner, IS, NT, Handed(id_, "+1", "sms"), world.now)
    sandbox.streams.notified("AC" + "9" * 32, IS, NT, Handed("SM3", "+1", "sms"), world.now)
    await world.advance(1)
    assert told(world) == [[NOTIFIED], [NOTIFIED]]
    first, second = (json.loads(each.body) for each in world.app.posted)
    state = first["data"]["delivery_state"]
    assert state == {"id": "SM1", "address": "+1", "type": "sms", "status": "SENT"}
    assert first["id"] != second["id"]
    assert first["source"] == f"/v1/Services/{IS}/Notifications/{NT}"


async def test_a_subaccounts_entry_names_its_parent(
    make_world: "MakeWorld", follow: "Follow"
) -> None:
    """As the version that knows it has it."""
    world = make_world("manual")
    sandbox = world.sandbox
    first = sandbox.accounts.first
    parent = "AC" + "8" * 32
    await follow(world, LOGGED)
    sandbox.accounts.set_up(Account(first.sid, first.auth_token, owner_account_sid=parent), Unit())
    with pytest.raises(TwilioError):
        await world.create(To="+1")
    await world.advance(1)
    said = json.loads(world.app.posted[0].body)["data"]
    assert (said["account_sid"], said["error_code"]) == (first.sid, "21211")
    assert said["product_name"] == "Programmable Messaging"


@pytest.mark.parametrize("clock", ["manual", "instant"])
async def test_a_sink_hears_of_its_own_failure(
    make_world: "MakeWorld", follow: "Follow", told: "Told", clock: str
) -> None:
    """Once: that this fails, too, is told no more."""
    world = make_world(clock)
    await follow(world, "sent", LOGGED, batched=True)
    world.app.refuse(4)
    await world.create()
    await world.advance(60)
    assert world.alerts == [93101]
    assert sum(each.count(LOGGED) for each in told(world)) in (1, 2, 3, 4)
    entry = next(each for each in world.attempts if LOGGED.encode() in each.body)
    [event] = json.loads(entry.body)
    assert event["data"]["product_name"] == "Event Streams"
    assert event["data"]["error_code"] == "93101"


@pytest.mark.parametrize("registry", [Sinks, Subscriptions])
async def test_what_is_due_comes_before_the_next_command(
    make_world: "MakeWorld", follow: "Follow", registry: type[Sinks | Subscriptions]
) -> None:
    """Who changes a sink or a subscription finds that all has happened: no race decides."""
    world = make_world("instant")
    sink_sid = await follow(world, "delivered")
    [subscription] = world.sandbox.tables.subscriptions.values()
    message = await world.create()
    assert world.status(message) != "delivered"
    sid = sink_sid if registry is Sinks else subscription.sid
    registry(world.sandbox).one(world.sandbox.accounts.first, sid)
    assert world.status(message) == "delivered"
