"""Notifications as programs send them, with the official library."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from mockserver import AsyncMockTwilio, MockTwilio

MG = "MG" + "a" * 32
ADA, BOB = "+15558675310", "+14155552671"


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    with MockTwilio(seed=7) as twilio:
        yield twilio


def service(twilio: MockTwilio, **form: Any) -> Any:
    """A Notify Service as the library has it."""
    wanted = {"messaging_service_sid": MG, "facebook_messenger_page_id": "4", **form}
    return twilio.client().notify.v1.services.create(**wanted)


@pytest.mark.filterwarnings("ignore:services is deprecated")  # written for the library of 2017
def test_the_announcement_of_passthrough(twilio: MockTwilio) -> None:
    """Its program: two bindings, one of sms and one of Facebook Messenger, in one request."""
    client, sid = twilio.client(), service(twilio).sid
    binding1 = '{"binding_type":"sms","address":"+15558675310"}'
    binding2 = '{"binding_type":' + '"facebook-messenger","address":"123456789123"}'
    notification = client.notify.services(sid).notifications.create(
        to_binding=[binding1, binding2], body="Hello Bob"
    )
    assert notification.sid.startswith("NT")
    assert notification.body == "Hello Bob"
    assert (notification.identities, notification.tags) == ([], [])
    assert notification.ttl == 2_419_200
    message = twilio.last_message(to="+15558675310")
    assert (message.body, message.origin, message.status) == ("Hello Bob", "notify", "delivered")
    assert client.messages(message.sid).fetch().messaging_service_sid == MG
    other = client.messages(twilio.last_message(to="messenger:123456789123").sid).fetch()
    assert (other.body, other.from_, other.status) == ("Hello Bob", "messenger:4", "delivered")
    [pushed] = twilio.push_deliveries()
    assert pushed.sid == other.sid
    assert pushed.payload == {
        "recipient": {"id": "123456789123"},
        "message": {"text": "Hello Bob"},
    }


def test_its_very_number(twilio: MockTwilio) -> None:
    """Is none that exists, so Twilio drops this delivery; without sender or page both are."""
    bindings = [
        '{"binding_type":"sms","address":"+15555555555"}',
        '{"binding_type":"facebook-messenger","address":"123456789123"}',
    ]
    service(twilio).notifications.create(to_binding=bindings, body="Hello Bob")
    bare = service(twilio, messaging_service_sid=None, facebook_messenger_page_id=None)
    bare.notifications.create(to_binding=[json.dumps({"binding_type": "sms", "address": ADA})])
    bare.notifications.create(to_binding=bindings[1:], body="Hello Bob")
    found = [(each.channel, each.error_code) for each in twilio.push_deliveries()]
    assert found == [
        ("sms", 52001),
        ("facebook-messenger", None),
        ("sms", 52182),
        ("facebook-messenger", 52202),
    ]


def test_the_quickstart(twilio: MockTwilio) -> None:
    """A device registers, and its user is notified; only the preferred device, by its tag."""
    client = twilio.client()
    credential = client.notify.v1.credentials.create(type="apn")
    mine = service(twilio, apn_credential_sid=credential.sid)
    mine.bindings.create(identity="Bob", binding_type="apn", address="phone", tag=["preferred"])
    mine.bindings.create(identity="Bob", binding_type="sms", address=BOB)
    mine.notifications.create(identity=["Bob"], title="News", body="Hello Bob", sound="default")
    mine.notifications.create(identity=["Bob"], tag=["preferred"], body="Only here")
    twilio.assert_sent(to=BOB, times=1)
    twilio.assert_pushed(channel="apn", to="phone", identity="Bob", times=2)
    first, second = twilio.push_deliveries(channel="apn")
    assert first.payload == {
        "aps": {"alert": {"title": "News", "body": "Hello Bob"}, "sound": "default"}
    }
    assert first.credential_sid == credential.sid
    assert second.payload == {"aps": {"alert": {"body": "Only here"}}}
    assert [each.body for each in twilio.notifications(identity="Bob")] == [
        "Hello Bob",
        "Only here",
    ]


def test_messages_report_where_sms_says(twilio: MockTwilio) -> None:
    """And deliveries to the notification's own address, signed as Twilio signs."""
    posted: list[tuple[str, Any]] = []
    app = Flask("app")
    validator = RequestValidator(twilio.auth_token)

    @app.post("/<what>")
    def webhook(what: str) -> str:
        signature = request.headers["X-Twilio-Signature"]
        url = f"https://example.com/{what}"
        assert validator.validate(url, request.form, signature)
        posted.append((what, request.form.to_dict(flat=False)))
        return ""

    with twilio.webhooks_to(app, "https://example.com"):
        told = service(twilio).notifications.create(
            to_binding=[
                *(json.dumps({"binding_type": "sms", "address": each}) for each in (ADA, BOB)),
                json.dumps({"binding_type": "facebook-messenger", "address": "987"}),
            ],
            body="Ahoy",
            sms=json.dumps({"status_callback": "https://example.com/status"}),
            delivery_callback_url="https://example.com/delivered",
        )
        twilio.clock.run_until_idle()
    [report] = [form for what, form in posted if what == "delivered"]
    assert report["NotificationSid"] == [told.sid]
    states = [json.loads(each) for each in report["DeliveryState"]]
    sids = [twilio.last_message(to=each).sid for each in (ADA, BOB, "messenger:987")]
    assert [(each["sid"], each["status"]) for each in states] == [(sid, "SENT") for sid in sids]
    statuses = [form["MessageStatus"][0] for what, form in posted if what == "status"]
    assert sorted(statuses) == ["delivered"] * 2 + ["queued"] * 2 + ["sent"] * 2
    [callback] = twilio.callbacks(kind="notify")
    assert (callback.message_sid, callback.response_status) == (told.sid, 200)


def test_ten_thousand(twilio: MockTwilio) -> None:
    """In one request, to the last one delivered."""
    addresses = [f"+1415{n:07d}" for n in range(5_550_000, 5_560_000)]
    bindings = [
        json.dumps({"binding_type": "sms", "address": each}, separators=(",", ":"))
        for each in addresses
    ]
    service(twilio).notifications.create(to_binding=bindings, body="Ahoy")
    twilio.clock.run_until_idle()
    twilio.assert_sent(status="delivered", origin="notify", times=10_000)
    [told] = twilio.notifications()
    assert (told.recipients, told.sent, told.failed, told.under_way) == (10_000, 10_000, 0, False)


def test_a_dict_by_mistake(twilio: MockTwilio) -> None:
    """The library sends its keys, which Twilio refuses."""
    with pytest.raises(TwilioRestException) as refused:
        service(twilio).notifications.create(
            to_binding={"binding_type": "sms", "address": ADA}, body="Ahoy"
        )
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert refused.value.msg.endswith("Parameter 'ToBinding' is invalid")
    assert twilio.notifications() == []


def test_bad_tuesday_on_push(twilio: MockTwilio) -> None:
    """Rules decide about pushes as about messages."""
    twilio.deliver(channel="alexa", to="1", outcome="failed", error_code=52214)
    service(twilio, alexa_skill_id="skill").notifications.create(
        to_binding=[json.dumps({"binding_type": "alexa", "address": each}) for each in "12"],
        title="Ahoy",
    )
    twilio.assert_pushed(status="FAILED", error_code=52214, to="1", times=1)
    twilio.assert_pushed(status="SENT", error_code=0, to="2", times=1)


def test_assertions_say_what_there_is_instead(twilio: MockTwilio) -> None:
    """With the nearest misses, and what was asked for."""
    twilio.assert_not_pushed()
    service(twilio).notifications.create(
        to_binding=[json.dumps({"binding_type": "facebook-messenger", "address": "5"})],
        body="Ahoy",
    )
    with pytest.raises(AssertionError) as failed:
        twilio.assert_pushed(channel="facebook-messenger", body="Ahoi")
    said = str(failed.value)
    assert "Expected at least 1 push delivery with channel" in said
    assert "nearest miss facebook-messenger → 5:\n  body: expected 'Ahoi', was 'Ahoy'" in said
    assert "notifications (1):" in said
    with pytest.raises(AssertionError, match="Expected exactly 0 push deliveries"):
        twilio.assert_not_pushed(to="5")
    with pytest.raises(AssertionError, match="Expected at most 0"):
        twilio.assert_pushed(at_most=0)


async def test_the_twin() -> None:
    """Has the same, each a coroutine."""
    async with AsyncMockTwilio(seed=7) as twilio:
        client = twilio.client()
        made = await client.notify.v1.services.create_async(facebook_messenger_page_id="4")
        binding = json.dumps({"binding_type": "facebook-messenger", "address": "5"})
        await made.notifications.create_async(to_binding=[binding], body="Ahoy")
        await twilio.assert_pushed(body="Ahoy", times=1)
        await twilio.assert_not_pushed(body="Ahoi")
        [pushed] = await twilio.push_deliveries()
        [told] = await twilio.notifications()
        assert pushed.notification_sid == told.sid
        assert str(pushed) == "facebook-messenger → 5 SENT 'Ahoy'"
        assert str(told) == f"{told.sid} 'Ahoy', 1 recipients: 1 sent, 0 failed"


def test_equal_runs_have_equal_journals() -> None:
    """One seed, the same calls one after the other: the same to the last byte."""
    journals = []
    for _ in range(2):
        with MockTwilio(seed=11) as twilio:
            mine = service(twilio)
            mine.bindings.create(identity="Bob", binding_type="sms", address=BOB)
            hook = "http://127.0.0.1:9/none"
            mine.notifications.create(identity="Bob", body="Ahoy", delivery_callback_url=hook)
            twilio.clock.run_until_idle()
            journal = twilio._control.call("GET", "/journal", query={"canonical": 1})
            journals.append(json.dumps(journal))
    assert journals[0] == journals[1]
