"""`POST /Messages.json`: every refusal that can be reached, with its text, and which one wins."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.content import ContentTemplate
from mockserver.domain.numbers import OptOut
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

ME, YOU = "+15017122661", "+14155552671"
SERVICE = "MG" + "a" * 32
CONTENT = "HX" + "a" * 32


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
    ({"ContentSid": "HX" + "0" * 32}, 21655, "The ContentSid is Invalid"),
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
    ({"To": f"whatsapp:{YOU}", "MessagingServiceSid": SERVICE}, 21910, CHANNELS),
    ({"From": f"whatsapp:{ME}", "MessagingServiceSid": SERVICE}, 21910, CHANNELS),
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
    types = {"twilio/text": {"body": "Hi {{1}}"}}
    api.sandbox.tables.content[CONTENT] = ContentTemplate(CONTENT, DEFAULT_SID, types)
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


async def test_an_rcs_sender_of_a_service_reaches_numbers(api: "Caller") -> None:
    """As its service would choose it; without the service the channels differ."""
    form = {"From": "rcs:acme", "MessagingServiceSid": SERVICE}
    assert (await api.create(**form)).status == 201
    del form["MessagingServiceSid"]
    assert (await api.create(**form)).code == 21910


async def test_an_opted_out_recipient(api: "Caller") -> None:
    """21610 at once for a sender, afterwards through a service."""
    for stopped in (ME, SERVICE):
        api.sandbox.tables.opt_outs.add(OptOut(stopped, YOU), Unit())
    refused = await api.create()
    assert (refused.status, refused.code) == (400, 21610)
    assert refused.json["message"] == "Attempt to send to unsubscribed recipient"
    assert (await api.create(To="+14155552672")).status == 201
    accepted = (await api.create(From="-", MessagingServiceSid=SERVICE)).json
    assert (accepted["status"], accepted["error_code"]) == ("accepted", None)
    later = (await api.get(accepted["uri"])).json
    assert (later["status"], later["error_code"]) == ("failed", 21610)
