"""`POST /Messages.json`: what it makes, and every refusal that can be reached, with its text."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.dates import rfc2822
from mockserver.domain.numbers import Number, OptOut, Service

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

ME, YOU = "+15017122661", "+14155552671"
SERVICE = "MG" + "a" * 32
EMPTY = "MG" + "e" * 32
CONTENT = "HX" + "a" * 32
TRIAL = Account("AC" + "b" * 32, "t" * 32, type="Trial")
TEST = Account("AC" + "c" * 32, "t" * 32, mode="test")

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
    assert "not fetched" in api.journal[0].warnings[0]


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


# -- what is refused -------------------------------------------------------------------------------


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


INVALID_TO = "Invalid 'To' Phone Number: "
NO_FROM = "A 'From' phone number is required."
NO_BODY = "Message body is required."
NO_CONTENT = "A text message body or media urls must be specified."
CHANNELS = "Invalid From and To pair. From and To should be of the same channel"
NO_CHANNEL = "Twilio could not find a Channel with the specified From address"
WINDOW = (
    "SendAt time must be between 300 seconds and 35 days (3024000 seconds) in the future, "
    "inclusive."
)
VARIABLES = {"From": "-", "MessagingServiceSid": SERVICE, "ContentSid": CONTENT, "Body": "-"}


def bad_from(sender: str) -> str:
    return (
        f"The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric "
        "sender ID."
    )


def no_route(to: str, sender: str, via: str = "SMS") -> str:
    return (
        f"The 'To' phone number: {to}, is not currently reachable using the 'From' phone number: "
        f"{sender} via {via}."
    )


REFUSALS: list[tuple[dict[str, str], int, str]] = [
    # missing
    ({"To": "-"}, 21604, "A 'To' phone number is required."),
    ({"To": ""}, 21604, "A 'To' phone number is required."),
    ({"From": "-"}, 21603, NO_FROM),
    ({"From": ""}, 21603, NO_FROM),
    ({"From": "", "MessagingServiceSid": ""}, 21603, NO_FROM),
    ({"Body": "-"}, 21602, NO_BODY),
    ({"Body": ""}, 21602, NO_BODY),
    ({"Body": "", "From": "ACME"}, 21602, NO_BODY),
    ({"Body": "", "From": "12345"}, 21602, NO_BODY),
    ({"Body": "", "MessagingServiceSid": SERVICE}, 21619, NO_CONTENT),
    ({"Body": "", "From": SERVICE}, 21619, NO_CONTENT),
    ({"Body": "", "From": "whatsapp:+15017122661"}, 21619, NO_CONTENT),
    # formats
    (
        {"Body": "a" * 1601},
        21617,
        "The concatenated message body exceeds the 1600 character limit.",
    ),
    (
        {"Body": "😀" * 801},
        21617,
        "The concatenated message body exceeds the 1600 character limit.",
    ),
    ({"MediaUrl": "ftp://example.com/a"}, 21620, "Invalid media URL(s)"),
    ({"MediaUrl": "example.com/a"}, 21620, "Invalid media URL(s)"),
    ({"MediaUrl": "http://"}, 21620, "Invalid media URL(s)"),
    ({"StatusCallback": "x"}, 21609, "The 'StatusCallback' URL x is not a valid URL."),
    ({"StatusCallback": "/x"}, 21609, "The 'StatusCallback' URL /x is not a valid URL."),
    (
        {"StatusCallback": "ftp://example.com"},
        21609,
        "The 'StatusCallback' URL ftp://example.com is not a valid URL.",
    ),
    ({"StatusCallback": "http://"}, 21609, "The 'StatusCallback' URL http:// is not a valid URL."),
    (
        {"StatusCallback": "http://example.com/" + "a" * 4000},
        21609,
        f"The 'StatusCallback' URL http://example.com/{'a' * 4000} is not a valid URL.",
    ),
    ({"ValidityPeriod": "0"}, 21624, "Invalid validity period value"),
    ({"ValidityPeriod": "36001"}, 21624, "Invalid validity period value"),
    ({"ValidityPeriod": "1.5"}, 21624, "Invalid validity period value"),
    ({"ValidityPeriod": "soon"}, 21624, "Invalid validity period value"),
    ({"MaxPrice": "cheap"}, 21627, "Max Price must be a valid float"),
    ({"ContentSid": "HX1"}, 21655, "The ContentSid is Invalid"),
    ({"ContentVariables": "{}"}, 21654, "ContentSid Required"),
    *(
        (
            {**VARIABLES, "ContentVariables": text},
            21656,
            "The ContentVariables Parameter is invalid",
        )
        for text in ("no", "[]", '"x"', '{"1": 2}', '{"1": null}', '{"1": ""}', '{"1": "a\\tb"}')
    ),
    (
        {"MessagingServiceSid": "MG1"},
        21705,
        "The Messaging Service Sid MG1 is invalid.",
    ),
    ({"ApplicationSid": "AP1"}, 21218, "Invalid ApplicationSid"),
    ({"ContentRetention": "keep"}, 30029, "Invalid ContentRetention"),
    ({"AddressRetention": "keep"}, 30030, "Invalid AddressRetention"),
    # schedule
    (
        {"ScheduleType": "fixed", "MessagingServiceSid": SERVICE},
        35111,
        "SendAt timestamp is missing",
    ),
    (
        {"ScheduleType": "fixed", "SendAt": "2030-01-01T00:00:00Z"},
        35118,
        "MessagingServiceSid is required to schedule a message",
    ),
    (
        {"ScheduleType": "loose", "SendAt": "2030-01-01T00:00:00Z", "From": SERVICE},
        35126,
        "The ScheduleType value provided is not supported for this channel",
    ),
    ({"ScheduleType": "fixed", "SendAt": "soon", "From": SERVICE}, 35114, WINDOW),
    ({"ScheduleType": "fixed", "SendAt": "2020-01-01", "From": SERVICE}, 35114, WINDOW),
    # the sender
    *(
        ({"From": sender}, 21212, bad_from(sender))
        for sender in ("ACME-Industry", "+123", "1234", "1234567", "ACME!", "+1415555267x", "&")
    ),
    ({"From": "+15005550001"}, 21212, bad_from("+15005550001")),
    ({"From": f"whatsapp:{ME}"}, 21910, CHANNELS),
    ({"To": f"whatsapp:{YOU}"}, 21910, CHANNELS),
    ({"To": "messenger:1", "From": f"whatsapp:{ME}"}, 21910, CHANNELS),
    ({"From": "whatsapp:15017122661", "To": f"whatsapp:{YOU}"}, 63007, NO_CHANNEL),
    ({"From": "whatsapp:ACME", "To": f"whatsapp:{YOU}"}, 63007, NO_CHANNEL),
    # the recipient
    *(
        ({"To": to}, 21211, f"{INVALID_TO}{shown}")
        for to, shown in (
            ("me", "me"),
            ("123", "123"),
            ("+123", "+123"),
            ("+1234567890", "+123456XXXX"),
            ("00441632960000", "0044163296XXXX"),
            ("+15555555555", "+1555555XXXX"),
            ("+11155552671", "+1115555XXXX"),
            ("+14151552671", "+1415155XXXX"),
            ("+141555526711", "+14155552XXXX"),
            ("+1234567890123456", "+123456789012XXXX"),
            ("ACME", "ACME"),
            (" ", " "),
        )
    ),
    (
        {"To": "whatsapp:14155552671", "From": f"whatsapp:{ME}"},
        21211,
        f"{INVALID_TO}whatsapp:1415555XXXX",
    ),
    ({"To": "12345"}, 21265, "'To' number cannot be a Short Code"),
    ({"To": "123456"}, 21265, "'To' number cannot be a Short Code"),
    ({"To": ME}, 21266, "'To' and 'From' number cannot be the same"),
    ({"To": "(501) 712-2661"}, 21266, "'To' and 'From' number cannot be the same"),
    (
        {"To": "+19002345678"},
        21268,
        "Sending to Premium rate or Information Service numbers is not allowed",
    ),
    (
        {"To": "+448712345678"},
        21268,
        "Sending to Premium rate or Information Service numbers is not allowed",
    ),
    ({"From": "ACME"}, 21612, no_route(YOU, "ACME")),
    (
        {"From": "ACME", "To": "+16045551234", "MediaUrl": "https://example.com/a"},
        21612,
        no_route("+16045551234", "ACME", "MMS"),
    ),
    # magic numbers, on a live account
    ({"To": "+15005550001"}, 21211, f"{INVALID_TO}+1500555XXXX"),
    ({"To": "+15005550002"}, 21612, no_route("+15005550002", ME)),
    (
        {"To": "+15005550003"},
        21408,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' "
        "number: +1500555XXXX",
    ),
    ({"To": "+15005550004"}, 21610, "Attempt to send to unsubscribed recipient"),
    ({"To": "+15005550009"}, 21614, "To number: +15005550009, is not a mobile number"),
    (
        {"From": "+15005550007"},
        21606,
        "The From phone number +15005550007 is not a valid, SMS-capable inbound phone number or "
        "short code for your account.",
    ),
]


@pytest.mark.parametrize(("changes", "code", "message"), REFUSALS)
async def test_a_refusal(api: "Caller", changes: dict[str, str], code: int, message: str) -> None:
    """400 with Twilio's code and text; nothing is made."""
    answer = await api.create(**changes)
    assert (answer.status, answer.code, answer.json["message"]) == (400, code, message)
    assert len(api.sandbox.tables.messages) == 0


async def test_a_full_queue(api: "Caller") -> None:
    """The magic sender whose queue is full gets 429."""
    answer = await api.create(From="+15005550008")
    assert (answer.status, answer.code) == (429, 21611)
    assert answer.json["message"] == "SMS queue is full."


@pytest.mark.parametrize(
    ("seconds", "status"), [(299, 400), (300, 201), (3_024_000, 201), (3_024_001, 400)]
)
async def test_the_window_of_a_schedule(serve: "Serve", seconds: int, status: int) -> None:
    """300 seconds to 35 days ahead, both included."""
    api = await serve(clock="manual")
    answer = await api.create(**schedule(api, seconds))
    assert answer.status == status


async def test_a_schedule_in_another_zone(serve: "Serve") -> None:
    """Offsets count; without one it is UTC."""
    api = await serve(clock="manual", seed=1)
    for text in ("2026-12-01T02:10:00+02:00", "2026-12-01T00:10:00", "2026-11-30T19:10:00-05:00"):
        created = await api.create(**schedule(api, 0, SendAt=text))
        assert (created.status, created.json["status"]) == (201, "scheduled")
        kept = api.sandbox.tables.messages.get(created.json["sid"])
        assert kept is not None
        assert kept.send_at == api.sandbox.clock.now() + 600_000_000


@pytest.mark.parametrize("count", [10, 11])
async def test_how_many_media(api: "Caller", count: int) -> None:
    """Ten; an eleventh is 21623."""
    form = [("To", YOU), ("From", ME), *[("MediaUrl", "https://example.com/a")] * count]
    answer = await api.post(form)
    if count == 10:
        assert (answer.status, answer.json["num_media"]) == (201, "10")
        return
    assert (answer.status, answer.code) == (400, 21623)
    assert answer.json["message"] == "Number of media files exceeds allowed limit"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": "-", "From": "-", "Body": "-"}, 21604),
        ({"From": "-", "Body": "-"}, 21603),
        ({"From": "+123", "Body": "-"}, 21602),
        ({"From": "-", "Body": "a" * 1601}, 21603),
        ({"Body": "a" * 1601, "MediaUrl": "x", "StatusCallback": "x"}, 21617),
        ({"MediaUrl": "x", "StatusCallback": "x", "ValidityPeriod": "0"}, 21620),
        ({"StatusCallback": "x", "ValidityPeriod": "0", "MaxPrice": "x"}, 21609),
        ({"ValidityPeriod": "0", "MaxPrice": "x", "ContentSid": "x"}, 21624),
        ({"MaxPrice": "x", "ContentSid": "x", "MessagingServiceSid": "x"}, 21627),
        ({"ContentSid": "x", "MessagingServiceSid": "x", "ContentRetention": "x"}, 21655),
        ({"MessagingServiceSid": "x", "ContentRetention": "x", "To": "me"}, 21705),
        ({"ContentRetention": "x", "AddressRetention": "x", "To": "me"}, 30029),
        ({"ValidityPeriod": "0", "ScheduleType": "fixed"}, 21624),
        ({"ScheduleType": "fixed", "To": "me", "From": "+123"}, 35111),
        ({"From": "+123", "To": f"whatsapp:{YOU}"}, 21212),
        ({"From": f"whatsapp:{ME}", "To": "me"}, 21910),
        ({"From": "+123", "To": "me"}, 21212),
        ({"From": "+15005550007", "To": "me"}, 21211),
        ({"From": "+15005550007", "To": "12345"}, 21265),
        ({"From": "+15005550007", "To": "+15005550004"}, 21610),
        ({"From": "ACME", "To": "+19002345678"}, 21268),
    ],
)
async def test_which_refusal_wins(api: "Caller", changes: dict[str, str], code: int) -> None:
    """What is missing, formats, schedule, sender's form, channel, recipient's form, the rest."""
    assert (await api.create(**changes)).code == code


async def test_an_opted_out_recipient(api: "Caller") -> None:
    """21610 at once for a sender, afterwards through a service."""
    api.sandbox.tables.opt_outs |= {OptOut(ME, YOU), OptOut(SERVICE, YOU)}
    refused = await api.create()
    assert (refused.status, refused.code) == (400, 21610)
    assert refused.json["message"] == "Attempt to send to unsubscribed recipient"
    assert (await api.create(To="+14155552672")).status == 201
    accepted = (await api.create(From="-", MessagingServiceSid=SERVICE)).json
    assert (accepted["status"], accepted["error_code"]) == ("accepted", None)
    later = (await api.get(accepted["uri"])).json
    assert (later["status"], later["error_code"]) == ("failed", 21610)


# -- trial accounts --------------------------------------------------------------------------------


@pytest.fixture
async def trial(serve: "Serve") -> "Caller":
    """A trial account that may write to one number."""
    return await _trial(serve)


async def _trial(serve: "Serve", **settings: Any) -> "Caller":
    api = await serve(account=(TRIAL,), **settings)
    api.account, api.auth = TRIAL.sid, f"{TRIAL.sid}:{TRIAL.auth_token}"
    api.sandbox.tables.verified_callers.add("+14155550100")
    return api


async def test_an_unverified_recipient(trial: "Caller") -> None:
    """400 with 21219."""
    answer = await trial.create()
    assert (answer.status, answer.code) == (400, 21219)
    assert answer.json["message"] == "'To' phone number not verified"


async def test_an_unverified_recipient_at_the_hosted_service(serve: "Serve") -> None:
    """21608 with its text, where that was chosen."""
    api = await _trial(serve, trial_unverified_code=21608)
    answer = await api.create()
    assert (answer.status, answer.code) == (400, 21608)
    assert answer.json["message"] == (
        "The number +1415555XXXX is unverified. Trial accounts cannot send messages to unverified "
        "numbers; verify +1415555XXXX at twilio.com/user/account/phone-numbers/verified, or "
        "purchase a Twilio number to send messages to unverified numbers"
    )


@pytest.mark.parametrize("to", ["+14155550100", "(415) 555-0100"])
async def test_a_verified_recipient(trial: "Caller", to: str) -> None:
    """It gets the text with the prefix, which counts for segments."""
    message = (await trial.create(To=to, Body="a" * 123)).json
    assert message["body"] == "Sent from your Twilio trial account - " + "a" * 123
    assert message["num_segments"] == "2"
    assert (await trial.create(To=to, Body="a" * 122)).json["num_segments"] == "1"


async def test_the_prefix_is_not_counted_for_the_limit(trial: "Caller") -> None:
    """1600 characters may be sent, too."""
    assert (await trial.create(To="+14155550100", Body="a" * 1600)).status == 201
    assert (await trial.create(To="+14155550100", Body="a" * 1601)).code == 21617


async def test_channels_on_trial(trial: "Caller") -> None:
    """Their addresses are not checked."""
    answer = await trial.create(From=f"whatsapp:{ME}", To=f"whatsapp:{YOU}")
    assert answer.status == 201


async def test_an_alphanumeric_sender_on_trial(trial: "Caller") -> None:
    """21267, before anything about the recipient."""
    answer = await trial.create(From="ACME", To="+442071838750")
    assert (answer.status, answer.code) == (400, 21267)
    assert answer.json["message"] == (
        "Alphanumeric Sender ID cannot be used as the 'From' number on trial accounts"
    )


# -- test credentials ------------------------------------------------------------------------------

MAGIC = "+15005550006"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"From": "+15005550001"}, 400, 21212),
        ({"From": "+15005550007"}, 400, 21606),
        ({"From": "+15005550008"}, 429, 21611),
        ({"From": "+15017122661"}, 400, 21606),
        ({"From": "+123"}, 400, 21606),
        ({"From": "ACME-Industry"}, 400, 21212),
        ({"To": "+15005550001"}, 400, 21211),
        ({"To": "+15005550002"}, 400, 21612),
        ({"To": "+15005550003"}, 400, 21408),
        ({"To": "+15005550004"}, 400, 21610),
        ({"To": "+15005550009"}, 400, 21614),
        ({"To": "123"}, 400, 21211),
        ({"From": "+15005550007", "To": "+15005550002"}, 400, 21612),
        ({"From": "+15017122661", "To": "+15005550009"}, 400, 21614),
        ({"From": "+15017122661", "To": "me"}, 400, 21211),
    ],
)
async def test_magic_numbers(
    serve: "Serve", changes: dict[str, str], status: int, code: int
) -> None:
    """As documented; recipients are looked at before senders."""
    api = await serve(account=(TEST,))
    api.account, api.auth = TEST.sid, f"{TEST.sid}:{TEST.auth_token}"
    answer = await api.create(**{"From": MAGIC, **changes})
    assert (answer.status, answer.code) == (status, code)


async def test_a_blocked_recipient_has_the_old_text(serve: "Serve") -> None:
    """All captures with test credentials have it."""
    api = await serve(account=(TEST,))
    api.account, api.auth = TEST.sid, f"{TEST.sid}:{TEST.auth_token}"
    answer = await api.create(From=MAGIC, To="+15005550004")
    assert answer.json["message"] == "The message From/To pair violates a blacklist rule."


async def test_the_magic_sender(serve: "Serve") -> None:
    """Its message is `queued`, with its dates and without a date of sending."""
    api = await serve(account=(TEST,))
    api.account, api.auth = TEST.sid, f"{TEST.sid}:{TEST.auth_token}"
    message = (await api.create(From=MAGIC)).json
    assert (message["status"], message["date_sent"]) == ("queued", None)
    assert message["date_created"] == message["date_updated"]


async def test_the_magic_sender_on_a_live_account(api: "Caller") -> None:
    """Its messages live as all do."""
    uri = (await api.create(From=MAGIC)).json["uri"]
    assert (await api.get(uri)).json["status"] == "delivered"


# -- strict senders --------------------------------------------------------------------------------


@pytest.fixture
async def strict(serve: "Serve") -> "Caller":
    """Only what was set up may send."""
    api = await serve(strict_senders=True)
    tables = api.sandbox.tables
    for number in (
        Number(ME, DEFAULT_SID),
        Number("+15017122662", "AC" + "d" * 32),
        Number("+15017122663", DEFAULT_SID, sms=False),
        Number("+15017122664", DEFAULT_SID, mms=False),
        Number("ACME", DEFAULT_SID),
        Number("12345", DEFAULT_SID),
        Number(f"whatsapp:{ME}", DEFAULT_SID),
    ):
        tables.numbers[number.phone_number] = number
    tables.services[SERVICE] = Service(SERVICE, DEFAULT_SID, (ME,))
    return api


@pytest.mark.parametrize(
    ("changes", "status", "code", "message"),
    [
        (
            {"From": "+15017122660"},
            400,
            21659,
            "'From' +15017122660 is not a Twilio phone number or Short Code country mismatch",
        ),
        (
            {"From": "54321"},
            400,
            21659,
            "'From' 54321 is not a Twilio phone number or Short Code country mismatch",
        ),
        (
            {"From": "+15017122662"},
            400,
            21660,
            f"Mismatch between the 'From' number +15017122662 and the account {DEFAULT_SID}",
        ),
        ({"From": "+15017122663"}, 400, 21661, "'From' number +15017122663 is not SMS-capable"),
        (
            {"From": "+15017122664", "MediaUrl": "https://example.com/a"},
            400,
            21621,
            "The 'From' number has not been enabled for MMS",
        ),
        ({"From": "OTHER", "To": "+442071838750"}, 400, 21212, bad_from("OTHER")),
        ({"From": f"whatsapp:{YOU}", "To": f"whatsapp:{ME}"}, 400, 63007, NO_CHANNEL),
        (
            {"MessagingServiceSid": "MG" + "0" * 32, "From": "-"},
            404,
            21701,
            "The Messaging Service does not exist",
        ),
    ],
)
async def test_strict_senders(
    strict: "Caller", changes: dict[str, str], status: int, code: int, message: str
) -> None:
    """Twilio's error for each case."""
    answer = await strict.create(**changes)
    assert (answer.status, answer.code, answer.json["message"]) == (status, code, message)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"From": "12345"},
        {"From": "+15017122664"},
        {"From": "ACME", "To": "+442071838750"},
        {"From": f"whatsapp:{ME}", "To": f"whatsapp:{YOU}"},
        {"From": "-", "MessagingServiceSid": SERVICE},
        {"From": ME, "MessagingServiceSid": SERVICE},
    ],
)
async def test_senders_that_were_set_up(strict: "Caller", changes: dict[str, str]) -> None:
    """They may."""
    assert (await strict.create(**changes)).status == 201


async def test_a_sender_outside_its_service(api: "Caller") -> None:
    """21711 where the service has senders; a stand-in service takes any."""
    api.sandbox.tables.services[SERVICE] = Service(SERVICE, DEFAULT_SID, ("+15017122660",))
    answer = await api.create(MessagingServiceSid=SERVICE)
    assert (answer.status, answer.code) == (400, 21711)
    assert (await api.create(MessagingServiceSid="MG" + "0" * 32)).status == 201
