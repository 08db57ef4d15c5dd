"""What each channel is handed, to the letter."""

from typing import Any

import pytest

from mockserver.domain.message import SECOND
from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.channels import CHANNELS
from mockserver.domain.notify.payloads import Payload, addressed, render
from mockserver.domain.notify.services import NotifyService

AC, IS, MG = ("".join((prefix, "a" * 32)) for prefix in ("AC", "IS", "MG"))
SERVICE = NotifyService(
    IS, AC, messaging_service_sid=MG, facebook_messenger_page_id="4", alexa_skill_id="skill"
)
BARE = NotifyService(IS, AC)
NOW = 1_800_000_000
FULL: dict[str, Any] = {
    "body": "B",
    "title": "T",
    "sound": "S",
    "action": "A",
    "data": {"k": "v"},
}


def rendered(channel: str, service: NotifyService = SERVICE, **asked: Any) -> Payload:
    return render(Ask(**asked), channel, service, NOW * SECOND + 999)


def document(channel: str, **asked: Any) -> dict[str, Any]:
    """Of a payload with which nothing is wrong."""
    payload = rendered(channel, **asked)
    assert payload.code == 0
    return payload.document


# -- FCM and GCM -----------------------------------------------------------------------------------

DATA = {"twi_body": "B", "twi_title": "T", "twi_sound": "S"}


def test_fcm() -> None:
    """Twilio's keys and the application's in `data`; no action."""
    payload = rendered("fcm", **FULL)
    assert addressed(payload, "token") == {
        "to": "token",
        "priority": "high",
        "time_to_live": 2_419_200,
        "data": {**DATA, "k": "v"},
    }
    assert (payload.code, dict(payload.headers)) == (0, {})


def test_gcm() -> None:
    """The same with the action; low priority is called normal."""
    assert addressed(rendered("gcm", **FULL, priority="low", ttl=0), "token") == {
        "to": "token",
        "priority": "normal",
        "time_to_live": 0,
        "data": {**DATA, "twi_action": "A", "k": "v"},
    }


@pytest.mark.parametrize("channel", ["fcm", "gcm"])
def test_google_overrides(channel: str) -> None:
    """Are of the root; they add and replace, and take nothing away."""
    override = {
        "priority": "normal",
        "time_to_live": None,
        "collapse_key": "c",
        "data": {"k": "w", "n": 1},
        "notification": {"title": "N"},
    }
    assert document(channel, body="B", data={"k": "v"}, **{channel: override}) == {
        "priority": "normal",
        "time_to_live": 2_419_200,
        "collapse_key": "c",
        "data": {"twi_body": "B", "k": "w", "n": 1},
        "notification": {"title": "N"},
    }
    other = {"gcm": "fcm", "fcm": "gcm"}[channel]
    assert "collapse_key" not in document(channel, body="B", **{other: override})


@pytest.mark.parametrize("channel", ["fcm", "gcm"])
def test_nothing_said_is_no_key(channel: str) -> None:
    """Not even `data`."""
    assert document(channel) == {"priority": "high", "time_to_live": 2_419_200}


@pytest.mark.parametrize("channel", ["fcm", "gcm"])
@pytest.mark.parametrize("key", ["from", "gcm", "google", "google.x", "googled"])
def test_googles_own_keys(channel: str, key: str) -> None:
    """52107, from wherever they come."""
    assert rendered(channel, data={key: "x"}).code == 52107
    data: dict[str, Any] = {channel: {"data": {key: "x"}}}
    root: dict[str, Any] = {channel: {key: "x"}}
    assert rendered(channel, **data).code == 52107
    assert rendered(channel, **root).code == 0
    assert rendered(channel, data={"a": {key: "x"}, "From": "x", "xgcm": "x"}).code == 0


@pytest.mark.parametrize("channel", ["fcm", "gcm"])
def test_4096_bytes_for_google(channel: str) -> None:
    """So many pass; one more is 52106. Bytes, not characters, and without the address."""
    frame = len('{"priority":"high","time_to_live":2419200,"data":{"twi_body":""}}')
    room = 4_096 - frame
    payload = rendered(channel, body="é" * (room // 2) + "x" * (room % 2))
    assert payload.code == 0
    assert addressed(payload, "t" * 200)["to"] == "t" * 200
    assert rendered(channel, body="x" * (room + 1)).code == 52106


# -- APNs ------------------------------------------------------------------------------------------


def test_apn() -> None:
    """Alert, sound and category in `aps`, the application's keys beside it; the rest is headers."""
    payload = rendered("apn", **FULL, ttl=60)
    expected = {"aps": {"alert": {"title": "T", "body": "B"}, "sound": "S", "category": "A"}}
    assert addressed(payload, "token") == payload.document == {**expected, "k": "v"}
    assert payload.headers == {"apns-priority": "10", "apns-expiration": str(NOW + 60)}


def test_apn_once() -> None:
    """Without time to live it expires at once; low priority is 5."""
    payload = rendered("apn", body="B", priority="low", ttl=0)
    assert payload.headers == {"apns-priority": "5", "apns-expiration": "0"}
    assert payload.document == {"aps": {"alert": {"body": "B"}}}


def test_apn_overrides() -> None:
    """Standard attributes under `aps`, keys of the application's own in the root."""
    override = {"aps": {"alert": {"title": "N", "subtitle": "s"}, "badge": 1}, "k": "w"}
    assert document("apn", **FULL, apn=override) == {
        "aps": {
            "alert": {"title": "N", "body": "B", "subtitle": "s"},
            "sound": "S",
            "category": "A",
            "badge": 1,
        },
        "k": "w",
    }
    alone = {"aps": {"alert": "text", "content-available": 1}}
    assert document("apn", apn=alone) == alone
    assert document("apn", body="B", apn=alone)["aps"]["alert"] == "text"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, 52136),
        ({"title": "T"}, 52136),
        ({"data": {}, "apn": {}}, 52136),
        *(({name: value}, 0) for name, value in FULL.items() if name != "title"),
        ({"apn": {"aps": {"badge": 1}}}, 0),
    ],
)
def test_apn_needs_something(asked: dict[str, Any], code: int) -> None:
    """52136 unless a body, sound, action, data or override is given; a title does not count."""
    assert rendered("apn", **asked).code == code


def test_4096_bytes_for_apple() -> None:
    """So many pass, one more is 52138."""
    room = 4_096 - len('{"aps":{"alert":{"body":""}}}')
    assert rendered("apn", body="x" * room).code == 0
    assert rendered("apn", body="x" * (room + 1)).code == 52138


def test_another_limit_for_apple() -> None:
    """As many bytes as are said, for no other channel, and after what else is wrong."""
    for channel, asked, code in (("apn", "x", 52138), ("apn", "", 52136), ("fcm", "x", 0)):
        assert render(Ask(body=asked), channel, BARE, 0, apn_max=10).code == code


# -- text messages ---------------------------------------------------------------------------------


def test_sms() -> None:
    """The parameters of a Message; all but the body is left out."""
    payload = rendered("sms", **FULL, ttl=0, priority="low")
    form = {"To": "+14155552671", "Body": "B", "MessagingServiceSid": MG}
    assert addressed(payload, "+14155552671") == form
    assert payload.code == 0


@pytest.mark.parametrize(
    ("service", "asked", "code"),
    [
        (BARE, {"body": "B"}, 52182),
        (BARE, {}, 52182),
        (BARE, {"body": "B", "sms": {"from": "+1"}}, 0),
        (BARE, {"sms": {"from": "+1"}}, 21602),
        (SERVICE, {}, 21619),
        (SERVICE, {"title": "T", "sms": {"body": ""}}, 21619),
        (SERVICE, {"sms": {"body": "B"}}, 0),
        (SERVICE, {"sms": {"media_urls": ["http://a.b/"]}}, 0),
        (SERVICE, {"sms": {"media_urls": []}}, 21619),
    ],
)
def test_sms_needs_sender_and_content(
    service: NotifyService, asked: dict[str, Any], code: int
) -> None:
    """52182 without a sender; without content what the Messages API says to that sender."""
    assert rendered("sms", service, **asked).code == code


# -- Messenger -------------------------------------------------------------------------------------


def test_messenger() -> None:
    """The text alone; a recipient is an id, or a phone number."""
    payload = rendered("facebook-messenger", **FULL)
    said = {"message": {"text": "B"}}
    assert addressed(payload, "123") == {"recipient": {"id": "123"}, **said}
    number = {"recipient": {"phone_number": "+14155552671"}}
    assert addressed(payload, "+14155552671") == {**number, **said}


def test_messenger_overrides() -> None:
    """Of the root; `body` is an older name of the text."""
    quick = {"message": {"quick_replies": []}, "notification_type": "REGULAR"}
    assert document("facebook-messenger", body="B", facebook_messenger=quick) == {
        "message": {"text": "B", "quick_replies": []},
        "notification_type": "REGULAR",
    }
    older = {"body": "other"}
    assert document("facebook-messenger", body="B", facebook_messenger=older) == {
        "message": {"text": "other"}
    }
    assert older == {"body": "other"}


@pytest.mark.parametrize(
    ("service", "asked", "code"),
    [
        (SERVICE, {}, 52203),
        (SERVICE, {"title": "T", "data": {"k": "v"}}, 52203),
        (SERVICE, {"facebook_messenger": {}}, 52203),
        (SERVICE, {"facebook_messenger": {"body": ""}}, 52203),
        (SERVICE, {"facebook_messenger": {"message": {"attachment": {}}}}, 52203),
        (SERVICE, {"facebook_messenger": {"sender_action": "typing_on"}}, 52203),
        (SERVICE, {"facebook_messenger": {"message": {"text": ""}}}, 52203),
        (SERVICE, {"facebook_messenger": {"message": {"text": "x"}}}, 0),
        (
            SERVICE,
            {"facebook_messenger": {"message": {"attachment": {"payload": {"url": "x"}}}}},
            0,
        ),
        (BARE, {"body": "B"}, 52202),
        (BARE, {}, 52203),
    ],
)
def test_messenger_needs_text_and_page(
    service: NotifyService, asked: dict[str, Any], code: int
) -> None:
    """52203 without a text, 52202 without a page."""
    assert rendered("facebook-messenger", service, **asked).code == code


# -- Alexa -----------------------------------------------------------------------------------------


def test_alexa() -> None:
    """The title twice, the rest as data."""
    payload = rendered("alexa", **FULL)
    shown = {"content": [{"title": "T", "toast": {"primaryText": "T"}}]}
    message = {"displayInfo": shown, "data": {"twi_body": "B", "k": "v"}}
    assert addressed(payload, "user") == {"request": {"message": message}}
    assert payload.code == 0


@pytest.mark.parametrize(
    ("service", "asked", "code"),
    [
        (SERVICE, {"body": "B"}, 52215),
        (SERVICE, {"alexa": {"request": "x"}}, 52215),
        (SERVICE, {"alexa": {"request": {"message": {"displayInfo": {"content": [1]}}}}}, 52215),
        (
            SERVICE,
            {"alexa": {"request": {"message": {"displayInfo": {"content": [{"title": "T"}]}}}}},
            0,
        ),
        (BARE, {"title": "T"}, 52212),
    ],
)
def test_alexa_needs_title_and_skill(
    service: NotifyService, asked: dict[str, Any], code: int
) -> None:
    """52215 without a title, be it an override's; 52212 without a skill."""
    assert rendered("alexa", service, **asked).code == code


# -- all -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_is_rendered(channel: str) -> None:
    """What is done to one delivery is not done to the others, nor to the request."""
    overrides: dict[str, Any] = {"apn": {"x": 1}, "fcm": {"x": 1}, "sms": {"from": "x"}}
    asked = Ask(**FULL, **overrides)
    payload = render(asked, channel, SERVICE, 0)
    before = repr((asked, payload))
    addressed(payload, "a")["new"] = 1
    assert payload.channel == channel
    assert repr((asked, payload)) == before


def test_another_channel() -> None:
    """There is none."""
    with pytest.raises(KeyError):
        render(Ask(), "fax", SERVICE, 0)
