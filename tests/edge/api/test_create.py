"""`POST /Messages.json`: what it makes of what it is told."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.content import ContentTemplate
from mockserver.domain.dates import rfc2822
from mockserver.domain.numbers import Service

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

ME, YOU = "+15017122661", "+14155552671"
SERVICE = "MG" + "a" * 32
EMPTY = "MG" + "e" * 32
CONTENT = "HX" + "a" * 32

KEYS = [
    "body",
    "num_segments",
    "direction",
    "from",
    "date_updated",
    "price",
    "error_message",
    "uri",
    "account_sid",
    "num_media",
    "to",
    "date_created",
    "status",
    "sid",
    "date_sent",
    "messaging_service_sid",
    "error_code",
    "price_unit",
    "api_version",
    "subresource_uris",
]


# -- what is made ----------------------------------------------------------------------------------


async def test_a_message(api: "Caller") -> None:
    """Field for field as Twilio renders it, byte for byte: keys, separators, dates."""
    answer = await api.create(Body="Ahoy")
    message = answer.json
    sid = message["sid"]
    kept = api.sandbox.tables.messages.get(sid)
    assert kept is not None
    made = rfc2822(kept.created_at)
    base = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages/{sid}"
    assert answer.status == 201
    assert answer.body.decode() == (
        '{"body": "Ahoy", "num_segments": "1", "direction": "outbound-api", '
        f'"from": "{ME}", "date_updated": "{made}", "price": null, "error_message": null, '
        f'"uri": "{base}.json", "account_sid": "{DEFAULT_SID}", "num_media": "0", '
        f'"to": "{YOU}", "date_created": "{made}", "status": "queued", "sid": "{sid}", '
        '"date_sent": null, "messaging_service_sid": null, "error_code": null, '
        '"price_unit": "USD", "api_version": "2010-04-01", '
        f'"subresource_uris": {{"media": "{base}/Media.json"}}}}'
    )
    assert list(message) == KEYS


async def test_a_delivered_message(api: "Caller") -> None:
    """It has a date and a price, and names its feedback."""
    uri = (await api.create()).json["uri"]
    message = (await api.get(uri)).json
    assert list(message) == KEYS
    assert (message["status"], message["price"], message["price_unit"]) == (
        "delivered",
        "-0.00790",
        "USD",
    )
    assert message["date_sent"] is not None
    base = uri.removesuffix(".json")
    assert message["subresource_uris"] == {
        "media": f"{base}/Media.json",
        "feedback": f"{base}/Feedback.json",
    }


@pytest.mark.parametrize("form", [{"MessagingServiceSid": SERVICE, "From": "-"}, {"From": SERVICE}])
async def test_through_a_service(api: "Caller", form: dict[str, str]) -> None:
    """`accepted`, without sender, segments and price unit; then it has them."""
    message = (await api.create(**form)).json
    expected = {
        "status": "accepted",
        "from": None,
        "messaging_service_sid": SERVICE,
        "num_segments": "0",
        "price_unit": None,
    }
    assert expected.items() <= message.items()
    later = (await api.get(message["uri"])).json
    assert (later["status"], later["num_segments"], later["price_unit"]) == (
        "delivered",
        "1",
        "USD",
    )
    assert later["from"].startswith("+1415200")


async def test_through_a_service_with_a_sender(api: "Caller") -> None:
    """`accepted` with that sender."""
    message = (await api.create(MessagingServiceSid=SERVICE)).json
    assert (message["status"], message["from"], message["num_segments"]) == ("accepted", ME, "0")


async def test_a_service_without_senders(api: "Caller") -> None:
    """It is found out later: the message fails with 21704."""
    api.sandbox.tables.services[EMPTY] = Service(EMPTY, DEFAULT_SID)
    message = (await api.create(MessagingServiceSid=EMPTY, From="-")).json
    later = (await api.get(message["uri"])).json
    assert (later["status"], later["error_code"]) == ("failed", 21704)
    assert later["error_message"] == "The Messaging Service contains no senders"


async def test_media(api: "Caller") -> None:
    """An `MM…` with as many as were given, one segment; the body may be missing."""
    url = "https://example.com/a.png"
    form = [("To", YOU), ("From", ME), ("MediaUrl", url), ("MediaUrl", url)]
    message = (await api.post(form)).json
    assert message["sid"].startswith("MM")
    assert (message["num_media"], message["num_segments"], message["body"]) == ("2", "1", "")
    assert not api.journal[0].warnings


async def test_one_mms_in_place_of_many_segments(api: "Caller") -> None:
    """`SendAsMms` makes an `MM…` of one segment without media."""
    message = (await api.create(To=YOU, From=ME, Body="a" * 500, SendAsMms="true")).json
    assert message["sid"].startswith("MM")
    assert (message["num_media"], message["num_segments"]) == ("0", "1")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"ContentSid": CONTENT}, "`Body` was ignored: what is sent is the template"),
        ({"ContentSid": CONTENT, "Body": "-", "MediaUrl": "http://x"}, "`MediaUrl` was ignored"),
        ({"SendAt": "2030-01-01T00:00:00Z"}, "without `ScheduleType=fixed` the message goes out"),
    ],
)
async def test_what_a_message_does_not_get(api: "Caller", form: dict[str, str], said: str) -> None:
    """It is made all the same, and the journal says what was left out."""
    types = {"twilio/text": {"body": "Hi"}}
    api.sandbox.tables.content[CONTENT] = ContentTemplate(CONTENT, DEFAULT_SID, types)
    answer = await api.create(**{"To": YOU, "From": ME, "Body": "Ahoy", **form})
    assert (answer.status, answer.json["status"]) == (201, "queued")
    [warning] = api.journal[0].warnings
    assert said in warning


async def test_a_number_that_the_hosted_service_would_refuse(api: "Caller") -> None:
    """It passes, and the journal says what would happen at Twilio."""
    await api.create(To="+15558675310", From=ME, Body="Ahoy")
    [warning] = api.journal[0].warnings
    assert warning == (
        "the hosted service would refuse To +15558675310 (21211): 555 is no area code"
    )


async def test_scheduled(api: "Caller") -> None:
    """`scheduled` until its appointment, to which the instant clock does not jump."""
    message = (await api.create(**schedule(api, 300))).json
    expected = {
        "status": "scheduled",
        "from": None,
        "num_segments": "0",
        "price_unit": None,
        "date_sent": None,
    }
    assert expected.items() <= message.items()
    assert (await api.get(message["uri"])).json["status"] == "scheduled"
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 301_000_000)
    later = (await api.get(message["uri"])).json
    assert later["status"] == "delivered"
    assert later["date_created"] == message["date_created"]


async def test_send_at_without_schedule_type(api: "Caller") -> None:
    """It is ignored, and the message goes out at once."""
    message = (await api.create(SendAt="2030-01-01T00:00:00Z", MessagingServiceSid=SERVICE)).json
    assert message["status"] == "accepted"
    assert (await api.get(message["uri"])).json["status"] == "delivered"


async def test_the_same_message_twice(api: "Caller") -> None:
    """Each POST makes a message."""
    first, second = (await api.create()).json, (await api.create()).json
    assert first["sid"] != second["sid"]
    assert await api.sids() == [second["sid"], first["sid"]]


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        (YOU, YOU),
        ("4155552671", YOU),
        ("14155552671", YOU),
        ("(415) 555-2671", YOU),
        ("+1 415-555-2671", YOU),
        ("+1.415.555.2671", YOU),
        (" 14155552671", YOU),
        ("+442071838750", "+442071838750"),
        ("442071838750", "+442071838750"),
        ("+15558675310", "+15558675310"),
        ("+15005550006", "+15005550006"),
    ],
)
async def test_recipients_are_normalised(api: "Caller", to: str, shown: str) -> None:
    """Into E.164; spaces, hyphens, dots and brackets are dropped."""
    answer = await api.create(To=to)
    assert (answer.status, answer.json["to"]) == (201, shown)


@pytest.mark.parametrize(
    ("sender", "to", "shown"),
    [
        ("(501) 712-2661", YOU, ME),
        ("12345", YOU, "12345"),
        ("123456", YOU, "123456"),
        ("whatsapp:+15017122661", f"whatsapp:{YOU}", "whatsapp:+15017122661"),
        ("messenger:1234", "messenger:5678", "messenger:1234"),
        ("ACME", "+442071838750", "ACME"),
        ("Acme & Co_1", "+442071838750", "Acme & Co_1"),
        ("ACME", "+12424671234", "ACME"),
    ],
)
async def test_senders(api: "Caller", sender: str, to: str, shown: str) -> None:
    """Numbers, short codes, channel addresses, alphanumeric ids outside the US and Canada."""
    answer = await api.create(From=sender, To=to)
    assert (answer.status, answer.json["from"]) == (201, shown)


@pytest.mark.parametrize(
    ("body", "smart", "segments"),
    [
        ("a" * 160, "false", "1"),
        ("a" * 161, "false", "2"),
        ("[" * 80, "false", "1"),
        ("[" * 81, "false", "2"),
        ("é" * 160, "false", "1"),
        ("ç" * 70, "false", "1"),
        ("ç" * 71, "false", "2"),
        ("😀" * 35, "false", "1"),
        ("😀" * 36, "false", "2"),
        ("a" * 1600, "false", "11"),
        ("ç" * 1600, "false", "24"),
        ("😀" * 800, "false", "25"),
        ("[" * 1600, "false", "22"),
        ("’" * 160, "false", "3"),
        ("’" * 160, "true", "1"),
        ("’" * 160, "True", "1"),
        ("’ç" * 80, "true", "3"),
        (" ", "false", "1"),
    ],
)
async def test_segments(api: "Caller", body: str, smart: str, segments: str) -> None:
    """GSM-7 or UCS-2, by what is in it; smart encoding counts look-alikes, the body stays."""
    message = (await api.create(Body=body, SmartEncoded=smart)).json
    assert (message["num_segments"], message["body"]) == (segments, body)


async def test_smart_encoding_of_a_service(api: "Caller") -> None:
    """Its messages are encoded so, without having asked."""
    api.sandbox.tables.services[SERVICE] = Service(SERVICE, DEFAULT_SID, (ME,))
    form = {"MessagingServiceSid": SERVICE, "Body": "’" * 160}
    uri = (await api.create(**form)).json["uri"]
    assert (await api.get(uri)).json["num_segments"] == "1"


def schedule(api: "Caller", seconds: int, **changes: str) -> dict[str, str]:
    """A schedule so far ahead on the sandbox's clock."""
    now = datetime.fromtimestamp(api.sandbox.clock.now() // 1_000_000, UTC)
    form = {
        "From": "-",
        "MessagingServiceSid": SERVICE,
        "ScheduleType": "fixed",
        "SendAt": (now + timedelta(seconds=seconds)).isoformat(),
    }
    return {**form, **changes}
