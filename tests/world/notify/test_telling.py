"""What is told of notifications: delivery callbacks, alerts about them, the feed, listeners."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.events.catalogue import NOTIFIED
from mockserver.domain.faults import WeatherRule, When, read_weather
from mockserver.domain.notify.notifications import NotifyDelivery
from mockserver.domain.signature import sign
from mockserver.world.events.sinks import Sinks
from mockserver.world.events.subscriptions import Subscriptions
from mockserver.world.ports import Answer, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.world.notify.conftest import MakeSending, Sending

URL = "https://example.com/delivered"
YOU = "+14155552671"


@pytest.fixture
async def notify(sending: "MakeSending") -> "Sending":
    return await sending(DeliveryCallbackUrl=URL, DeliveryCallbackEnabled=True)


def reports(notify: "Sending") -> list[Parcel]:
    return [parcel for parcel in notify.world.app.posted if parcel.kind == "notify"]


def states(parcel: Parcel) -> list[dict[str, Any]]:
    return [json.loads(value) for name, value in parcel.params if name == "DeliveryState"]


async def test_a_report(notify: "Sending") -> None:
    """One callback of all deliveries, in order, signed with the account's token."""
    told = await notify.send(("sms", YOU), ("apn", "token"), ("fcm", "invalid"))
    await notify.world.settled()
    [parcel] = reports(notify)
    params = dict(parcel.params)
    assert (parcel.url, parcel.method, parcel.message_sid) == (URL, "POST", told.sid)
    assert (params["NotificationSid"], params["ServiceSid"]) == (told.sid, notify.service.sid)
    assert (params["Count"], params["SequenceId"], params["IsFinal"]) == ("3", "0", "true")
    first, second, third = states(parcel)
    [message] = notify.world
    assert (first["sid"], first["status"], first["type"]) == (message.sid, "SENT", "sms")
    assert second["sid"] == notify.deliveries[0].sid
    assert (third["status"], third["error_code"]) == ("FAILED", 52102)
    account = notify.world.sandbox.accounts.first
    assert parcel.signature == sign(URL, parcel.params, account.signing_token)
    [entry] = notify.world.attempts
    assert (entry.kind, entry.message_sid, entry.status) == ("notify", told.sid, "")


async def test_its_own_address_goes_first(notify: "Sending") -> None:
    """And is enough by itself."""
    await notify.change(DeliveryCallbackEnabled=False)
    await notify.send(("apn", "token"))
    await notify.send(("apn", "token"), delivery_callback_url="https://example.com/own")
    await notify.world.settled()
    assert [parcel.url for parcel in reports(notify)] == ["https://example.com/own"]


@pytest.mark.parametrize(
    ("then", "numbers"),
    [
        ({"reorder": True}, ["2", "1", "0"]),
        ({"duplicate": 1}, ["0", "0", "1", "1", "2", "2"]),
        ({"delay": "5s"}, ["0", "1", "2"]),
        ({"replay": "1h"}, ["0", "1", "2", "0", "1", "2"]),
        ({"burst": "1m"}, ["0", "1", "2"]),
        ({"drop": True}, []),
        ({"signature": "missing"}, ["0", "1", "2"]),
    ],
)
async def test_reports_have_their_weather(
    notify: "Sending", then: dict[str, Any], numbers: list[str]
) -> None:
    """The last of a notification waits for no other; all of it runs with the clock."""
    rules = notify.world.sandbox.rules
    rules.add(WeatherRule("w", When(), read_weather(then)))
    await notify.send(*(("apn", f"{n}") for n in range(2_001)))
    await notify.world.sandbox.engine.advance(None)
    told = [dict(parcel.params)["SequenceId"] for parcel in reports(notify)]
    assert told == numbers
    assert {each.weather for each in notify.world.attempts} == {"w"}


async def test_many_are_reported_in_parts(notify: "Sending") -> None:
    """A thousand in each; only the last one says so."""
    await notify.send(*(("apn", f"{n}") for n in range(2_001)))
    await notify.world.sandbox.engine.advance(None)
    told = [dict(parcel.params) for parcel in reports(notify)]
    assert [each["Count"] for each in told] == ["1000", "1000", "1"]
    assert [each["SequenceId"] for each in told] == ["0", "1", "2"]
    assert [each["IsFinal"] for each in told] == ["false", "false", "true"]
    every = [each["address"] for parcel in reports(notify) for each in states(parcel)]
    assert every == [f"{n}" for n in range(2_001)]
    assert len({parcel.idempotency_token for parcel in reports(notify)}) == 3


async def test_a_full_thousand_is_one_report(notify: "Sending") -> None:
    """Not one more that is empty."""
    await notify.send(*(("apn", f"{n}") for n in range(1_000)))
    await notify.world.sandbox.engine.advance(None)
    [parcel] = reports(notify)
    assert dict(parcel.params)["IsFinal"] == "true"


async def test_nobody_is_reported(notify: "Sending") -> None:
    """Once, with a count of 0."""
    await notify.send(identities=("Nobody",))
    await notify.world.settled()
    [parcel] = reports(notify)
    assert states(parcel) == []
    assert dict(parcel.params)["Count"] == "0"


async def test_nothing_goes_out_before_the_answer(notify: "Sending") -> None:
    """Neither the report nor what its messages tell of."""
    sms = {"status_callback": "https://example.com/status"}
    told = await notify.send(("sms", YOU), sms=sms, answered=False)
    notify.world.sandbox.engine.catch_up()
    await notify.world.turns(5)
    assert len(list(notify.world)) == 1
    assert notify.world.app.posted == []
    assert not notify.world.idle()
    notify.world.sandbox.outbox.release(told.sid)
    await notify.world.settled()
    kinds = [parcel.kind for parcel in notify.world.app.posted]
    assert sorted(kinds) == ["notify", "status", "status", "status"]
    assert notify.world.idle()


@pytest.mark.parametrize("answer", [Answer(500, error_code=11200), Answer(404, error_code=11200)])
async def test_an_answer_that_is_no_yes(notify: "Sending", answer: Answer) -> None:
    """Is not asked for again; the one alert is Notify's own."""
    notify.world.app.answers[""] = [answer]
    told = await notify.send(("apn", "token"))
    await notify.world.settled()
    assert len(reports(notify)) == 1
    [alert] = notify.world.sandbox.journal.alerts
    assert (alert.code, alert.resource_sid, alert.url) == (52311, told.sid, URL)


async def test_nobody_there(notify: "Sending") -> None:
    """Is tried once more, as every webhook; the alert comes in the end, and only then."""
    notify.world.app.refuse(1)
    await notify.send(("apn", "token"))
    await notify.world.settled()
    assert [entry.attempt for entry in notify.world.attempts] == [1, 2]
    assert notify.world.alerts == []
    notify.world.app.refuse(2)
    await notify.send(("apn", "token"))
    await notify.world.settled()
    assert notify.world.alerts == [52311]


async def test_what_is_no_address(notify: "Sending") -> None:
    """The same alert."""
    nonsense = Unreachable("this is no URL", code=21609, phase="refused")
    notify.world.app.answers[""] = [nonsense]
    await notify.send(("apn", "token"), delivery_callback_url="Hello")
    await notify.world.settled()
    assert notify.world.alerts == [52311]


async def test_the_feed(notify: "Sending") -> None:
    """Tells of the notification, and of each delivery."""
    reader = notify.world.sandbox.journal.subscribe()
    told = await notify.send(("apn", "token"), ("apn", "invalid"))
    found = [(each.kind, each.data) for each in reader.events]
    kinds = [kind for kind, _ in found if kind in ("notification", "delivery")]
    assert kinds == ["notification", "delivery", "delivery"]
    data = [data for kind, data in found if kind == "delivery"]
    assert [each["error_code"] for each in data] == [None, 52134]
    assert {each["notification_sid"] for each in data} == {told.sid}


async def test_listeners_hear_of_every_delivery(notify: "Sending") -> None:
    """Messages included, and those that failed."""
    heard: list[NotifyDelivery] = []
    notify.world.sandbox.notifying.listeners.append(lambda told, made: heard.append(made))
    await notify.send(("sms", YOU), ("apn", "token"), ("apn", "invalid"))
    assert [(each.channel, each.status) for each in heard] == [
        ("sms", "SENT"),
        ("apn", "SENT"),
        ("apn", "FAILED"),
    ]


async def test_event_streams_hear_of_what_was_sent(notify: "Sending") -> None:
    """One event for each delivery that its channel took, once the request is answered."""
    sandbox = notify.world.sandbox
    webhook = {
        "destination": "http://app.example/events",
        "method": "POST",
        "batch_events": False,
    }
    account = sandbox.accounts.first
    sink = await Sinks(sandbox).create(account, "webhook", webhook, "A sink")
    await Subscriptions(sandbox).create(account, sink.sid, {NOTIFIED: 2}, "A subscription")
    pair = (("sms", YOU), ("apn", "token"), ("apn", "invalid"))
    told = await notify.send(*pair, answered=False)
    sandbox.engine.catch_up()
    await notify.world.turns(10)
    assert notify.world.app.posted == []
    sandbox.outbox.release(told.sid)
    await sandbox.engine.advance(None)
    events = [json.loads(each.body) for each in notify.world.app.posted if each.body]
    assert [each["type"] for each in events] == [NOTIFIED] * 2
    found = [each["data"]["delivery_state"] for each in events]
    assert [(each["type"], each["address"]) for each in found] == [("sms", YOU), ("apn", "token")]
    [message] = notify.world
    assert found[0]["id"] == message.sid
    assert events[0]["data"]["notification_sid"] == told.sid
