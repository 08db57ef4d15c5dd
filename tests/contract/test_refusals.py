"""Every refusal of the create call that a client can cause, told to the official client.

`rows/rows.json` says which there are, and with which HTTP status; the texts are those of the API.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base import values
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

ROWS = json.loads(Path(__file__).with_name("rows").joinpath("rows.json").read_text("utf-8"))
STATUS = {row["code"]: row["answers"] for row in ROWS if row["section"] == "3.4"}
"""HTTP status by code."""

ME, YOU, GERMAN = "+15017122661", "+14155552671", "+4915123456789"
SERVICE, OTHER = "MG" + "a" * 32, "AC" + "b" * 32
CONTENT = "HX" + "c" * 32
NOTHING = values.unset

GOOD = {"to": YOU, "from_": ME, "body": "Ahoy"}


@dataclass(frozen=True)
class Case:
    """A create that is refused: how it differs from a good one, and what it is told."""

    text: str
    form: Mapping[str, Any] = field(default_factory=dict)
    scenario: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    """HTTP status; 0: that of the row."""
    legacy: str = ""
    """The older text, where there are two."""
    before: int = 0
    """Good messages that are made first."""
    alert: bool = True


# -- scenarios -------------------------------------------------------------------------------------


def given(**furniture: Any) -> dict[str, Any]:
    return {"given": furniture}


def options(**options: Any) -> dict[str, Any]:
    return {"options": options}


def strict(*numbers: Any, **furniture: Any) -> dict[str, Any]:
    """Strict senders, of whom these are known."""
    return {"senders": "strict", **given(numbers=list(numbers), **furniture)}


def out_of(number: str, **changes: Any) -> dict[str, Any]:
    return {"phone_number": number, **changes}


TRIAL = given(account={"type": "Trial"})
TEST = given(account={"mode": "test"})
GEO = given(account={"geo_permissions_off": ["DE"]})
LANDLINE = given(handsets=[{"phone_number": YOU, "line_type": "landline"}])
OPT_OUT = given(opt_outs=[{"from": ME, "to": YOU}])
TEMPLATE = given(content=[{"sid": CONTENT, "types": {"twilio/text": {"body": "Hi {{1}}"}}}])
LOCATION = given(
    content=[{"sid": CONTENT, "types": {"twilio/location": {"latitude": 1, "longitude": 2}}}]
)
POOL = given(services=[{"sid": SERVICE, "senders": [ME]}])
EMPTY = given(services=[{"sid": SERVICE}])


# -- forms -----------------------------------------------------------------------------------------


def by_service(**changes: Any) -> dict[str, Any]:
    return {"from_": NOTHING, "messaging_service_sid": SERVICE, **changes}


def scheduled(seconds: int = 3_600, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return by_service(**{"schedule_type": "fixed", "send_at": at, **changes})


def variables(text: str) -> dict[str, Any]:
    return {"body": NOTHING, "content_sid": CONTENT, "content_variables": text}


# -- texts -----------------------------------------------------------------------------------------

INVALID_TO = "Invalid 'To' Phone Number: "
NO_FROM = "A 'From' phone number is required."
NO_CONTENT = "A text message body or media urls must be specified."
TOO_LONG = "The concatenated message body exceeds the 1600 character limit."
MEDIA = "Invalid media URL(s)"
VALIDITY = "Invalid validity period value"
VARIABLES = "The ContentVariables Parameter is invalid"
WINDOW = (
    "SendAt time must be between 300 seconds and 35 days (3024000 seconds) in the future, "
    "inclusive."
)
CHANNELS = "Invalid From and To pair. From and To should be of the same channel"
NO_CHANNEL = "Twilio could not find a Channel with the specified From address"
PREMIUM = "Sending to Premium rate or Information Service numbers is not allowed"
GEO_TEXT = (
    "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: "
)
UNSUBSCRIBED = "Attempt to send to unsubscribed recipient"
BLACKLIST = "The message From/To pair violates a blacklist rule."
NO_SERVICE = "The Messaging Service does not exist"
NO_SENDERS = "The Messaging Service contains no senders"
SAME = "'To' and 'From' number cannot be the same"


def invalid_to(number: str) -> str:
    """The text until about 2023."""
    return f"The 'To' number {number} is not a valid phone number."


def invalid_from(sender: str) -> str:
    return (
        f"The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric "
        "sender ID."
    )


def not_owned(sender: str) -> str:
    return (
        f"The From phone number {sender} is not a valid, SMS-capable inbound phone number or "
        "short code for your account."
    )


def not_twilio(sender: str) -> str:
    return f"'From' {sender} is not a Twilio phone number or Short Code country mismatch"


def no_route(to: str, sender: str, via: str = "SMS") -> str:
    return (
        f"The 'To' phone number: {to}, is not currently reachable using the 'From' phone number: "
        f"{sender} via {via}."
    )


def unverified(number: str, end: str = "") -> str:
    return (
        f"The number {number} is unverified. Trial accounts cannot send messages to unverified "
        f"numbers; verify {number} at twilio.com/user/account/phone-numbers/verified, or purchase "
        f"a Twilio number to send messages to unverified numbers{end}"
    )


def callback(url: str) -> str:
    return f"The 'StatusCallback' URL {url} is not a valid URL."


LONG_URL = f"http://example.com/{'a' * 4_000}"

CASES: dict[str, Case] = {
    # missing
    "21604": Case("A 'To' phone number is required.", {"to": NOTHING}),
    "21604 empty": Case("A 'To' phone number is required.", {"to": ""}),
    "21603": Case(NO_FROM, {"from_": NOTHING}),
    "21603 empty": Case(NO_FROM, {"from_": "", "messaging_service_sid": ""}),
    "21602": Case("Message body is required.", {"body": NOTHING}),
    "21602 empty": Case("Message body is required.", {"body": "", "from_": "ACME"}),
    "21619": Case(NO_CONTENT, by_service(body=NOTHING)),
    "21619 service as From": Case(NO_CONTENT, {"from_": SERVICE, "body": NOTHING}),
    "21619 channel": Case(
        NO_CONTENT, {"to": f"whatsapp:{YOU}", "from_": f"whatsapp:{ME}", "body": NOTHING}
    ),
    # formats
    "21617": Case(TOO_LONG, {"body": "a" * 1_601}),
    "21617 emoji": Case(TOO_LONG, {"body": "😀" * 801}),
    "21623": Case(
        "Number of media files exceeds allowed limit",
        {"media_url": ["https://example.com/a.png"] * 11},
    ),
    "21620": Case(MEDIA, {"media_url": ["ftp://example.com/a.png"]}),
    "21620 no host": Case(MEDIA, {"media_url": ["https://example.com/a.png", "http://"]}),
    "21609": Case(callback("ftp://example.com"), {"status_callback": "ftp://example.com"}),
    "21609 relative": Case(callback("/status"), {"status_callback": "/status"}),
    "21609 no host": Case(callback("http://"), {"status_callback": "http://"}),
    "21609 too long": Case(callback(LONG_URL), {"status_callback": LONG_URL}),
    "21624": Case(VALIDITY, {"validity_period": 0}),
    "21624 too long": Case(VALIDITY, {"validity_period": 36_001}),
    "21624 no integer": Case(VALIDITY, {"validity_period": "soon"}),
    "21627": Case("Max Price must be a valid float", {"max_price": "cheap"}),
    "21655 unknown": Case("The ContentSid is Invalid", {"content_sid": CONTENT}),
    "216602": Case(
        "Content type is not supported on this channel", {"content_sid": CONTENT}, LOCATION, 400
    ),
    "21655": Case("The ContentSid is Invalid", {"content_sid": "HX1"}),
    "21654": Case("ContentSid Required", {"content_variables": '{"1": "a"}'}),
    "21656": Case(VARIABLES, variables("no JSON"), TEMPLATE),
    "21656 array": Case(VARIABLES, variables('["a"]'), TEMPLATE),
    "21656 number": Case(VARIABLES, variables('{"1": 2}'), TEMPLATE),
    "21656 null": Case(VARIABLES, variables('{"1": null}'), TEMPLATE),
    "21656 empty": Case(VARIABLES, variables('{"1": ""}'), TEMPLATE),
    "21656 newline": Case(VARIABLES, variables('{"1": "a\\nb"}'), TEMPLATE),
    "21656 tab": Case(VARIABLES, variables('{"1": "a\\tb"}'), TEMPLATE),
    "21705": Case(
        "The Messaging Service Sid MG1 is invalid.", by_service(messaging_service_sid="MG1")
    ),
    "30029": Case("Invalid ContentRetention", {"content_retention": "keep"}),
    "30030": Case("Invalid AddressRetention", {"address_retention": "keep"}),
    "21218": Case("Invalid ApplicationSid", {"application_sid": "AP1"}),
    "21664": Case(
        "'FallbackFrom' cannot be used with a 'From' sender", {"fallback_from": "+14155550123"}
    ),
    "21665": Case("Invalid 'FallbackFrom'", by_service(fallback_from="+1")),
    "21666": Case(
        "'FallbackFrom' requires 'MessagingServiceSid'",
        {"from_": NOTHING, "fallback_from": "+14155550123"},
    ),
    "21667": Case(
        "'FallbackFrom' requires the Messaging Service to have an RCS Sender",
        by_service(fallback_from="+14155550123"),
        POOL,
    ),
    # schedule
    "35111": Case("SendAt timestamp is missing", scheduled(send_at=NOTHING)),
    "35114": Case(WINDOW, scheduled(60)),
    "35114 late": Case(WINDOW, scheduled(36 * 86_400)),
    "35114 no time": Case(WINDOW, scheduled(send_at="soon")),
    "35118": Case(
        "MessagingServiceSid is required to schedule a message",
        scheduled(from_=ME, messaging_service_sid=NOTHING),
    ),
    "35125": Case(
        "Maximum limit reached in the account for scheduling messages",
        scheduled(),
        options(scheduled_max=1),
        before=1,
    ),
    "35126": Case(
        "The ScheduleType value provided is not supported for this channel",
        scheduled(schedule_type="loose"),
    ),
    # the sender's form, and its channel
    "21212": Case(invalid_from("ACME!"), {"from_": "ACME!"}),
    "21212 too long": Case(invalid_from("ACMEACMEACME"), {"from_": "ACMEACMEACME"}),
    "21212 digits": Case(invalid_from("1234567"), {"from_": "1234567"}),
    "21212 magic": Case(invalid_from("+15005550001"), {"from_": "+15005550001"}),
    "21212 not allowed": Case(invalid_from("ACME"), {"to": GERMAN, "from_": "ACME"}, strict()),
    "21212 impossible": Case(
        invalid_from("+15558675310"), {"from_": "+15558675310"}, {"numbers": "strict"}
    ),
    "21910": Case(CHANNELS, {"to": f"whatsapp:{YOU}"}),
    "21910 from": Case(CHANNELS, {"from_": f"whatsapp:{ME}"}),
    "63007": Case(NO_CHANNEL, {"to": f"whatsapp:{YOU}", "from_": f"whatsapp:{ME}"}, strict()),
    "63007 malformed": Case(NO_CHANNEL, {"to": f"whatsapp:{YOU}", "from_": "whatsapp:1501712"}),
    # the recipient's form
    "21211": Case(
        f"{INVALID_TO}+1555555XXXX", {"to": "+15555555555"}, legacy=invalid_to("+15555555555")
    ),
    "21211 no number": Case(f"{INVALID_TO}me", {"to": "me"}, legacy=invalid_to("me")),
    "21211 magic": Case(
        f"{INVALID_TO}+1500555XXXX", {"to": "+15005550001"}, legacy=invalid_to("+15005550001")
    ),
    "21211 strict": Case(
        f"{INVALID_TO}+1555867XXXX",
        {"to": "+15558675310"},
        {"numbers": "strict"},
        legacy=invalid_to("+15558675310"),
    ),
    "21265": Case("'To' number cannot be a Short Code", {"to": "12345"}),
    "21266": Case(SAME, {"to": ME}),
    "21266 normalised": Case(SAME, {"to": "(501) 712-2661"}),
    "63031": Case(
        "Channels message cannot have same 'From' and 'To'",
        {"to": f"whatsapp:{ME}", "from_": f"whatsapp:{ME}"},
        status=400,
    ),
    "21268": Case(PREMIUM, {"to": "+19002345678"}),
    "21268 abroad": Case(PREMIUM, {"to": "+448712345678"}),
    # the sender's rights
    "21659": Case(not_twilio(ME), {}, strict()),
    "21659 short code": Case(
        not_twilio("12345"), {"from_": "12345", "to": GERMAN}, strict(out_of("12345"))
    ),
    "21660": Case(
        f"Mismatch between the 'From' number {ME} and the account {{account}}",
        {},
        strict(out_of(ME, account_sid=OTHER), accounts=[{"sid": OTHER}]),
    ),
    "21661": Case(f"'From' number {ME} is not SMS-capable", {}, strict(out_of(ME, sms=False))),
    "21606": Case(not_owned("+15005550007"), {"from_": "+15005550007"}),
    "21606 test": Case(not_owned(ME), {}, TEST),
    "21606 option": Case(not_owned(ME), {}, {**strict(), **options(from_not_owned_code=21606)}),
    "21621": Case(
        "The 'From' number has not been enabled for MMS",
        {"media_url": ["https://example.com/a.png"]},
        strict(out_of(ME, mms=False)),
    ),
    "21267": Case(
        "Alphanumeric Sender ID cannot be used as the 'From' number on trial accounts",
        {"from_": "ACME", "to": GERMAN},
        TRIAL,
    ),
    # the service
    "21701": Case(NO_SERVICE, by_service(), strict()),
    "21701 foreign": Case(
        NO_SERVICE,
        by_service(),
        given(accounts=[{"sid": OTHER}], services=[{"sid": SERVICE, "account_sid": OTHER}]),
    ),
    "21701 test": Case(NO_SERVICE, by_service(), TEST),
    "21704": Case(NO_SENDERS, by_service(), {**EMPTY, **options(service_refusals="at_once")}, 400),
    "21711": Case(
        "Phone Number, Shortcode, Destination AlphaSender, and Global AlphaSender is not "
        "associated to the specified Messaging Service.",
        by_service(from_="+14155550123"),
        POOL,
        status=400,
    ),
    # the recipient
    "21219": Case("'To' phone number not verified", {}, TRIAL),
    "21608": Case(
        unverified("+1415555XXXX"),
        {},
        {**TRIAL, "trial_unverified_code": 21608},
        legacy=unverified(YOU, "."),
    ),
    "21408": Case(f"{GEO_TEXT}+491512345XXXX", {"to": GERMAN}, GEO, legacy=f"{GEO_TEXT}{GERMAN}."),
    "21408 service": Case(
        f"{GEO_TEXT}+491512345XXXX", by_service(to=GERMAN), GEO, legacy=f"{GEO_TEXT}{GERMAN}."
    ),
    "21408 magic": Case(
        f"{GEO_TEXT}+1500555XXXX", {"to": "+15005550003"}, legacy=f"{GEO_TEXT}+15005550003."
    ),
    "21610": Case(UNSUBSCRIBED, {}, OPT_OUT, legacy=BLACKLIST),
    "21610 magic": Case(UNSUBSCRIBED, {"to": "+15005550004"}, legacy=BLACKLIST),
    "21610 test": Case(BLACKLIST, {"to": "+15005550004", "from_": "+15005550006"}, TEST),
    "21610 at once": Case(
        UNSUBSCRIBED,
        by_service(),
        {
            **given(
                opt_outs=[{"from": SERVICE, "to": YOU}],
                services=[{"sid": SERVICE, "senders": [ME]}],
            ),
            **options(service_refusals="at_once"),
        },
        legacy=BLACKLIST,
    ),
    "21614": Case(f"To number: {YOU}, is not a mobile number", {}, LANDLINE),
    "21614 magic": Case("To number: +15005550009, is not a mobile number", {"to": "+15005550009"}),
    "21635": Case(
        "'To' number cannot be a landline", {}, {**LANDLINE, **options(landline_code=21635)}
    ),
    "21612": Case(no_route(YOU, "ACME"), {"from_": "ACME"}),
    "21612 magic": Case(no_route("+15005550002", ME), {"to": "+15005550002"}),
    "21612 from abroad": Case(no_route(YOU, GERMAN), {"from_": GERMAN}, strict(out_of(GERMAN))),
    "21612 toll-free": Case(
        no_route(GERMAN, "+18005550199"),
        {"from_": "+18005550199", "to": GERMAN},
        strict(out_of("+18005550199")),
    ),
    "21612 media": Case(
        no_route(GERMAN, ME, "MMS"),
        {"to": GERMAN, "media_url": ["https://example.com/a.png"]},
        strict(out_of(ME)),
    ),
    # limits
    "21611": Case("SMS queue is full.", {"from_": "+15005550008"}),
    "21611 option": Case(
        "SMS queue is full.", {"from_": "+15005550008"}, options(queue_full_status=400), 400
    ),
    "63038": Case(
        "Account {account} exceeded the 1 daily messages limit",
        {},
        options(daily_messages=1),
        before=1,
    ),
    "30454": Case("Account exceeded the messages limit", {}, options(total_messages=1), before=1),
    "20429": Case(
        "Too Many Requests", {}, {"faults": [{"then": {"error": 20429}, "times": 1}]}, alert=False
    ),
}
"""By code, with a word where one code has several causes."""


def refused(stage: "Stage", form: Mapping[str, Any]) -> tuple[TwilioRestException, dict[str, Any]]:
    """What the library raises, and the document it was told."""
    with pytest.raises(TwilioRestException) as raised:
        stage.client.messages.create(**{**GOOD, **form})
    return raised.value, json.loads(stage.http.exchanges[-1].text)


@pytest.mark.parametrize("name", CASES)
def test_a_refusal(stage: "MakeStage", name: str) -> None:
    """Code, status, text and page; no message; an alert; an entry of the journal."""
    case, code = CASES[name], int(name.split()[0])
    on = stage(case.scenario)
    for _ in range(case.before):
        on.client.messages.create(**{**GOOD, **case.form})
    error, document = refused(on, case.form)
    text = case.text.format(account=on.account_sid)
    status = case.status or STATUS[code]
    assert (error.code, error.status, error.msg) == (
        code,
        status,
        f"Unable to create record: {text}",
    )
    assert document == {
        "code": code,
        "message": text,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    _leaves_nothing(on, case)
    _is_noted(on, case, code, text)


def _leaves_nothing(on: "Stage", case: Case) -> None:
    """No message more than before, here and there."""
    assert on.control("GET", "/messages")["total"] == case.before
    if case.scenario is not TEST:  # whose reads are refused
        assert len(on.client.messages.list()) == case.before


def _is_noted(on: "Stage", case: Case, code: int, text: str) -> None:
    """Monitor and the journal have it."""
    alerts = on.control("GET", "/alerts")["alerts"]
    told = [(alert["error_code"], alert["text"], alert["resource_sid"]) for alert in alerts]
    assert told == ([(code, text, on.account_sid)] if case.alert else [])
    calls = on.control("GET", "/requests?operation=api.v2010.CreateMessage")["requests"]
    assert [call["error"] for call in calls] == [None] * case.before + [code]
    assert json.dumps(text)[:1_000] in calls[-1]["response"]["body"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.legacy])
def test_an_older_text(stage: "MakeStage", name: str) -> None:
    """`error_texts: legacy` words it as the API did before; code and status are the same."""
    case, code = CASES[name], int(name.split()[0])
    error, document = refused(stage({**case.scenario, "error_texts": "legacy"}), case.form)
    assert (error.code, error.status) == (code, STATUS[code])
    assert document["message"] == case.legacy


LATER: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "21610": (
        by_service(),
        given(
            opt_outs=[{"from": SERVICE, "to": YOU}],
            services=[{"sid": SERVICE, "senders": [ME]}],
        ),
        "failed",
    ),
    "21704": (by_service(), EMPTY, "failed"),
    "63015": (
        {"to": f"whatsapp:{YOU}", "from_": "whatsapp:+14155238886"},
        options(whatsapp_join=True),
        "undelivered",
    ),
    "63016": (
        {"to": f"whatsapp:{YOU}", "from_": f"whatsapp:{ME}"},
        options(whatsapp_session="24h"),
        "undelivered",
    ),
}
"""Form, scenario and final status, by code."""


@pytest.mark.parametrize("name", LATER)
def test_found_out_later(stage: "MakeStage", name: str) -> None:
    """The create is answered 201 without a word of it; the message ends with the code."""
    form, scenario, status = LATER[name]
    on = stage(scenario)
    created = on.client.messages.create(**{**GOOD, **form})
    assert (created.status in ("accepted", "queued"), created.error_code) == (True, None)
    on.advance(until="idle")
    ended = created.fetch()
    assert (ended.status, ended.error_code) == (status, int(name))


def test_an_underscore_in_the_host_of_a_callback(stage: "MakeStage") -> None:
    """21609 is an alert then: the message is made, and goes without callbacks."""
    on = stage()
    created = on.client.messages.create(**GOOD, status_callback="http://my_host.test/status")
    on.advance(until="idle")
    assert created.fetch().status == "delivered"
    assert {alert["error_code"] for alert in on.control("GET", "/alerts")["alerts"]} == {21609}
    attempts = on.control("GET", "/callbacks")["callbacks"]
    assert {attempt["response_status"] for attempt in attempts} == {None}
