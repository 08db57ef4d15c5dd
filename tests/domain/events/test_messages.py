"""What the events of classic messages say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from mockserver.domain.events.envelope import Event, envelope
from mockserver.domain.events.messages import (
    NO_NETWORK,
    STATUS_TYPES,
    Network,
    reached,
    received,
)
from mockserver.domain.events.schemas import SCHEMAS, document
from mockserver.domain.inbound import Facts, Place
from mockserver.domain.message import Message

AC, SM, MG, EZ = ("AC" + "a" * 32, "SM" + "b" * 32, "MG" + "c" * 32, "EZ" + "d" * 32)
ME, YOU = "+15017122661", "+14155552671"
AT = 1_767_323_045_678_901
INSTANT = "2026-01-02T03:04:05.678Z"
STATUS = "com.twilio.messaging.message"

PLAIN = Message(
    SM, 0, AC, "outbound-api", "sms", "messages", YOU, ME, "Ahoy", "GSM-7", 1, 0, AT - 500_000
)
IN = replace(
    PLAIN, direction="inbound", origin="inbound", from_=YOU, to=ME, created_at=AT, num_media=2
)


def check(event: Event) -> None:
    """Its data is what the documents of all versions allow."""
    for version in SCHEMAS[_schema(event)].versions:
        data = envelope(event, version.number)["data"]
        Draft202012Validator(document(version.schema_id, version.number)).validate(data)


def _schema(event: Event) -> str:
    inbound = event.type.endswith("received")
    return "Messaging.InboundMessageV1" if inbound else "Messaging.MessageStatus"


# -- messages that are sent ------------------------------------------------------------------------


def test_a_plain_message() -> None:
    """What does not apply is left out, not null."""
    event = reached(EZ, PLAIN, "sent", AT)
    check(event)
    assert (event.id, event.type, event.at) == (EZ, f"{STATUS}.sent", AT)
    assert event.source == f"/2010-04-01/Accounts/{AC}/Messages/{SM}.json"
    assert event.data == {
        "messageSid": SM,
        "accountSid": AC,
        "timestamp": INSTANT,
        "eventName": f"{STATUS}.sent",
        "from": ME,
        "to": YOU,
        "apiVersion": "2010-04-01",
        "messageStatus": "SENT",
        "body": "Ahoy",
        "numberOfSegments": 1,
        "dateUpdated": INSTANT,
    }


def test_a_message_with_everything() -> None:
    """Every member that the schema has."""
    message = replace(
        PLAIN,
        messaging_service_sid=MG,
        status_callback="https://example.com/status#rc=2",
        tags='{"campaign": "spring"}',
        num_segments=3,
    )
    event = reached(EZ, message, "undelivered", AT, 30003, Network("310", "090"))
    check(event)
    assert set(event.data) == SCHEMAS["Messaging.MessageStatus"].names(7)
    assert event.data["messagingServiceSid"] == MG
    assert event.data["statusCallBackUrl"] == "https://example.com/status#rc=2"
    assert event.data["tags"] == {"campaign": "spring"}
    assert event.data["numberOfSegments"] == 3
    assert (event.data["mcc"], event.data["mnc"]) == ("310", "090")
    assert event.data["errorCode"] == 30003


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("queued", "QUEUED"),
        ("sent", "SENT"),
        ("delivered", "DELIVERED"),
        ("undelivered", "UNDELIVERED"),
        ("failed", "FAILED"),
        ("read", "READ"),
    ],
)
def test_every_status_that_has_an_event(status: str, shown: str) -> None:
    """In capitals in the data, as it is in the type."""
    event = reached(EZ, PLAIN, status, AT)
    check(event)
    assert event.data["messageStatus"] == shown
    assert event.type == event.data["eventName"] == f"{STATUS}.{status}"


@pytest.mark.parametrize("status", ["accepted", "scheduled", "sending", "canceled", "received"])
def test_statuses_without_an_event(status: str) -> None:
    """There is no type for them."""
    assert status not in STATUS_TYPES
    with pytest.raises(KeyError):
        reached(EZ, PLAIN, status, AT)


@pytest.mark.parametrize(
    ("status", "coded"),
    [("failed", True), ("undelivered", True), ("delivered", False), ("sent", False)],
)
def test_error_codes(status: str, coded: bool) -> None:
    """Of messages that were not delivered alone, as whole numbers."""
    data = reached(EZ, PLAIN, status, AT, 30005).data
    assert data.get("errorCode") == (30005 if coded else None)
    assert "errorCode" not in reached(EZ, PLAIN, status, AT).data


@pytest.mark.parametrize(
    ("channel", "status", "receipt"),
    [
        ("sms", "delivered", "2601020304"),
        ("mms", "delivered", "2601020304"),
        ("sms", "undelivered", "2601020304"),
        ("sms", "sent", None),
        ("sms", "failed", None),
        ("whatsapp", "delivered", None),
        ("rcs", "delivered", None),
    ],
)
def test_receipts(channel: str, status: str, receipt: str | None) -> None:
    """The date is the carrier's: channels without one have none."""
    data = reached(EZ, replace(PLAIN, channel=channel), status, AT).data
    assert data.get("rawDlrDoneDate") == receipt


@pytest.mark.parametrize("tags", ["", "x", "[]", '{"a": 1}', "[" * 5_000, "null"])
def test_tags_that_are_none(tags: str) -> None:
    """A message keeps whatever was sent as its tags; the schema allows texts by name alone."""
    event = reached(EZ, replace(PLAIN, tags=tags), "sent", AT)
    check(event)
    assert "tags" not in event.data


def test_an_empty_text() -> None:
    """A redacted one, or none beside a file, has no body."""
    assert "body" not in reached(EZ, replace(PLAIN, body=""), "sent", AT).data


# -- messages that come in -------------------------------------------------------------------------

HERE = Place("NASHUA", "NH", "03049", "US")
THERE = Place("FORT MEADE", "FL", "33841", "US")


def test_an_inbound_message() -> None:
    """Where both ends are at home; neither status nor version of the API."""
    event = received(EZ, IN, Facts(HERE, THERE))
    check(event)
    assert event.type == "com.twilio.messaging.inbound-message.received"
    assert event.source == f"/2010-04-01/Accounts/{AC}/Messages/{SM}.json"
    assert event.data == {
        "messageSid": SM,
        "accountSid": AC,
        "timestamp": INSTANT,
        "eventName": event.type,
        "from": YOU,
        "to": ME,
        "body": "Ahoy",
        "numMedia": 2,
        "numSegments": 1,
        "toCountry": "US",
        "toState": "FL",
        "toCity": "FORT MEADE",
        "toZip": "33841",
        "fromCountry": "US",
        "fromState": "NH",
        "fromCity": "NASHUA",
        "fromZip": "03049",
    }


def test_an_inbound_message_with_everything() -> None:
    """Every member that the schema has."""
    facts = Facts(HERE, THERE, opt_out_type="STOP", extras=(("ReferralCtwaClid", "ARAk"),))
    message = replace(IN, messaging_service_sid=MG)
    event = received(EZ, message, facts, Network("310", "090"), [ME, "+15046081420"])
    check(event)
    assert set(event.data) == SCHEMAS["Messaging.InboundMessageV1"].names(6)
    assert event.data["optOutType"] == "STOP"
    assert event.data["referralCtwaClid"] == "ARAk"
    assert event.data["recipients"] == [ME, "+15046081420"]


def test_a_place_that_is_not_known() -> None:
    """As on WhatsApp, which has no geography."""
    data = received(EZ, replace(IN, channel="whatsapp"), Facts(Place(country="US"))).data
    assert data["fromCountry"] == "US"
    assert not {"fromState", "fromCity", "fromZip", "toCountry"} & set(data)


def test_an_empty_inbound_message() -> None:
    """Its body is there all the same."""
    assert received(EZ, replace(IN, body=""), Facts()).data["body"] == ""


# -- anything --------------------------------------------------------------------------------------

TEXTS = st.text(max_size=20)


@given(
    st.fixed_dictionaries(
        {"body": TEXTS, "from_": TEXTS, "tags": TEXTS, "status_callback": TEXTS},
        optional={"channel": st.sampled_from(["sms", "whatsapp"]), "num_segments": st.integers(1)},
    ),
    st.sampled_from([*STATUS_TYPES]),
    st.integers(0, 63_055),
)
def test_any_message(changes: dict[str, Any], status: str, code: int) -> None:
    """Fits the documents of all versions."""
    check(reached(EZ, replace(PLAIN, **changes), status, AT, code, NO_NETWORK))


@given(TEXTS, TEXTS, st.builds(Place, TEXTS, TEXTS, TEXTS, TEXTS))
def test_any_inbound_message(body: str, opt_out: str, where: Place) -> None:
    """The same."""
    check(received(EZ, replace(IN, body=body), Facts(where, opt_out_type=opt_out)))
