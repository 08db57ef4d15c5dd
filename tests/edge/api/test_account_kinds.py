"""What a create may do by kind of account: on trial, in test mode, with strict senders."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.numbers import Number, Service

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

ME, YOU = "+15017122661", "+14155552671"
SERVICE = "MG" + "a" * 32
TRIAL = Account("AC" + "b" * 32, "t" * 32, type="Trial")
TEST = Account("AC" + "c" * 32, "t" * 32, mode="test")
NO_CHANNEL = "Twilio could not find a Channel with the specified From address"


def bad_from(sender: str) -> str:
    return (
        f"The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric "
        "sender ID."
    )


# -- trial accounts --------------------------------------------------------------------------------


@pytest.fixture
async def trial(serve: "Serve") -> "Caller":
    """A trial account that may write to one number."""
    return await _trial(serve)


async def _trial(serve: "Serve", **settings: Any) -> "Caller":
    api = await serve(account=(TRIAL,), **settings)
    api.account, api.auth = TRIAL.sid, f"{TRIAL.sid}:{TRIAL.auth_token}"
    verified = CallerId("PN" + "c" * 32, TRIAL.sid, "+14155550100")
    api.sandbox.tables.verified_callers[verified.phone_number] = verified
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
