"""WhatsApp, RCS and Messenger, and texts that go as MMS: over the wire, judged by the official
library where it can judge."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.domain.content import ContentTemplate
from mockserver.handles.twilio_client import http_client

if TYPE_CHECKING:
    from tests.edge.api.conftest import Control, Put
    from tests.edge.conftest import Caller, Webhook

ME, YOU = "+15017122661", "+14155552671"
WHATSAPP = {"To": f"whatsapp:{YOU}", "From": f"whatsapp:{ME}"}
CHANNELS = [
    WHATSAPP,
    {"To": f"rcs:{YOU}", "From": "rcs:acme_agent"},
    {"To": "messenger:1234567890", "From": "messenger:99887766"},
]
SERVICE = "MG" + "a" * 32
CONTENT = "HX" + "a" * 32


async def ended(api: "Caller", **form: str) -> dict[str, object]:
    """A message that was made and has come to its end, as a fetch shows it."""
    created = await api.create(**form)
    assert created.status == 201, created.body
    await api.settled()
    document: dict[str, object] = (await api.get(created.json["uri"])).json
    return document


# -- status callbacks ------------------------------------------------------------------------------


async def announced(api: "Caller", webhook: "Webhook", **form: str) -> list[list[tuple[str, str]]]:
    """The forms of a message's callbacks, each signed as the official library wants it."""
    await ended(api, StatusCallback=webhook.url, **form)
    validator = RequestValidator(DEFAULT_TOKEN)
    found = []
    for headers, body in webhook.posted:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        signature = dict(headers)["X-Twilio-Signature"]
        assert validator.validate(webhook.url, dict(pairs), signature)
        found.append(pairs)
    return found


SENT = """SmsSid SmsStatus MessageStatus ChannelToAddress To ChannelPrefix MessageSid AccountSid
    StructuredMessage From ApiVersion ChannelInstallSid"""
"""Parameters of a captured callback of WhatsApp."""


@pytest.mark.parametrize("form", CHANNELS)
async def test_callbacks_of_a_channel(
    api: "Caller", webhook: "Webhook", control: "Control", form: dict[str, str]
) -> None:
    """In the captured order, with the channel's own parameters and without a carrier's date."""
    await control(api, "POST", "/delivery", {"outcome": "read"})
    sent, delivered, read = await announced(api, webhook, **form)
    assert [name for name, _ in sent] == SENT.split()
    later = ["EventType", *SENT.replace("StructuredMessage", "").split()]
    assert [name for name, _ in delivered] == [name for name, _ in read] == later
    told, channel = dict(read), form["To"].split(":")[0]
    assert (told["EventType"], told["MessageStatus"]) == ("READ", "read")
    assert (told["ChannelPrefix"], told["To"]) == (channel, form["To"])
    assert told["ChannelToAddress"] == form["To"].split(":")[1][:-4] + "XXXX"
    assert dict(sent)["ChannelInstallSid"] == told["ChannelInstallSid"]


@pytest.mark.parametrize(
    ("digits", "code", "status", "event"),
    [
        ("3016", "63016", "undelivered", "UNDELIVERED"),
        ("3010", "63010", "failed", None),
    ],
)
async def test_callbacks_of_a_failure(
    api: "Caller", webhook: "Webhook", digits: str, code: str, status: str, event: str | None
) -> None:
    """The channel's words beside the code; an event where the channel has reported it."""
    to = f"whatsapp:+1500556{digits}"
    told = dict((await announced(api, webhook, **{**WHATSAPP, "To": to}))[-1])
    assert (told["MessageStatus"], told["ErrorCode"]) == (status, code)
    message = (await api.get()).json["messages"][0]
    assert told["ChannelStatusMessage"] == message["error_message"]
    assert told.get("EventType") == event


async def test_texts_have_nothing_of_it(api: "Caller", webhook: "Webhook") -> None:
    """Their callbacks name no channel; the receipt has a date."""
    _, delivered = await announced(api, webhook)
    names = {name for name, _ in delivered}
    assert "RawDlrDoneDate" in names
    assert not any(name.startswith("Channel") or name == "EventType" for name in names)


async def test_an_errors_text_is_an_option(api: "Caller", webhook: "Webhook", put: "Put") -> None:
    """`ErrorMessage` beside `ErrorCode`, and nothing in its place otherwise."""
    for wanted in (False, True):
        await put(api, options={"error_message_in_callbacks": wanted})
        webhook.posted.clear()
        told = dict((await announced(api, webhook, To="+15005560005"))[-1])
        said = "Unknown destination handset" if wanted else None
        assert (told["ErrorCode"], told.get("ErrorMessage")) == ("30005", said)


async def test_sending_is_announced_where_wanted(
    api: "Caller", webhook: "Webhook", put: "Put"
) -> None:
    """Of texts; a channel does not pass it, and by default nobody is told."""
    statuses = []
    for wanted, form in ((True, {}), (True, WHATSAPP), (False, {})):
        await put(api, options={"sending_callbacks": wanted})
        webhook.posted.clear()
        told = await announced(api, webhook, **form)
        statuses.append([dict(pairs)["MessageStatus"] for pairs in told])
    assert statuses == [["sending", "sent", "delivered"], *[["sent", "delivered"]] * 2]


# -- what the API shows ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", CHANNELS)
async def test_a_channel_has_no_price(api: "Caller", form: dict[str, str]) -> None:
    """Nor its unit, from the create to the end; a text has both, the unit at once."""
    for fields, unit in ((form, None), ({}, "USD")):
        created = (await api.create(**fields)).json
        assert (created["price"], created["price_unit"]) == (None, unit)
        message = (await api.get(created["uri"])).json
        assert (message["status"], message["price_unit"]) == ("delivered", unit)
        assert (message["price"] is None) == (unit is None)


@pytest.mark.parametrize("form", CHANNELS)
async def test_a_channels_message_is_one_segment(api: "Caller", form: dict[str, str]) -> None:
    """Whatever its length, which has the limit of a text."""
    message = (await api.create(**form, Body="x" * 1_600)).json
    assert (message["sid"][:2], message["num_segments"]) == ("SM", "1")
    assert (await api.create(**form, Body="x" * 1_601)).code == 21617


@pytest.mark.parametrize(
    ("form", "prefix"),
    [
        ({"From": f"whatsapp:{ME}", "To": f"whatsapp:{YOU}"}, "MM"),
        ({"From": "-", "MessagingServiceSid": SERVICE, "To": f"whatsapp:{YOU}"}, "MM"),
        ({"From": "-", "MessagingServiceSid": SERVICE}, "SM"),
    ],
)
async def test_a_template_on_whatsapp(api: "Caller", form: dict[str, str], prefix: str) -> None:
    """Has the SID of an MMS, though no media; elsewhere a template is a text."""
    types = {"twilio/text": {"body": "Hi {{1}}"}}
    api.sandbox.tables.content[CONTENT] = ContentTemplate(CONTENT, DEFAULT_SID, types)
    variables = '{"1": "Ada"}'
    message = await ended(api, **form, ContentSid=CONTENT, ContentVariables=variables, Body="-")
    assert message["body"] == "Hi Ada"
    assert str(message["sid"]).startswith(prefix)
    assert (message["num_media"], message["num_segments"]) == ("0", "1")


async def test_a_text_sent_as_mms(api: "Caller") -> None:
    """An MMS without media: one segment, its price, and the control API says so."""
    message = await ended(api, SendAsMms="true", Body="x" * 700)
    assert str(message["sid"]).startswith("MM")
    assert (message["num_media"], message["num_segments"]) == ("0", "1")
    assert (message["price"], message["price_unit"]) == ("-0.00790", "USD")
    kept = api.sandbox.tables.messages.get(str(message["sid"]))
    assert kept is not None
    assert kept.channel == "mms"


async def test_a_text_sent_as_mms_through_a_service(api: "Caller") -> None:
    """It has its one segment at once, where a text has none before there is a sender."""
    form = {"From": "-", "MessagingServiceSid": SERVICE}
    for asked, segments in (("true", "1"), ("false", "0")):
        created = (await api.create(**form, SendAsMms=asked)).json
        assert (created["status"], created["num_segments"]) == ("accepted", segments)
        assert created["price_unit"] is None


async def test_the_official_library(api: "Caller") -> None:
    """It reads what a channel's message has and lacks."""
    url = f"http://127.0.0.1:{api.server.port}"
    client = Client(DEFAULT_SID, DEFAULT_TOKEN, http_client=http_client(url))

    def act() -> tuple[object, ...]:
        made = client.messages.create(to=WHATSAPP["To"], from_=WHATSAPP["From"], body="Ahoy")
        message = client.messages(made.sid or "").fetch()
        return made.price_unit, message.price, message.price_unit, message.status, message.from_

    assert await asyncio.to_thread(act) == (None, None, None, "delivered", WHATSAPP["From"])
