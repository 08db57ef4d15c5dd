"""What the events say that are not about classic messages."""

import json

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from mockserver.domain.events.envelope import Event, envelope
from mockserver.domain.events.others import (
    EVENT_STREAMS,
    Changed,
    Entry,
    Handed,
    approval,
    logged,
    notified,
    of_test,
)
from mockserver.domain.events.schemas import SCHEMAS, document

AC, NO, EZ = "AC" + "a" * 32, "NO" + "b" * 32, "EZ" + "c" * 32
IS, NT, DG = "IS" + "d" * 32, "NT" + "e" * 32, "DG" + "f" * 32
AT = 1_767_323_045_678_901

ENTRY = Entry(NO, AC, AT, 30003, "Unreachable destination handset", "SM" + "1" * 32)


def check(event: Event, schema_id: str) -> None:
    """Its data is what the document of the latest version allows."""
    latest = SCHEMAS[schema_id].latest
    whole = envelope(event, latest)
    assert f"/{schema_id}/" in whole["dataschema"]
    assert whole["data"] == event.data
    Draft202012Validator(document(schema_id, latest)).validate(event.data)


def test_an_entry_of_the_debugger() -> None:
    """The event has its SID; the payload is JSON text, not an object."""
    event = logged(ENTRY)
    check(event, "ErrorLogs.Error")
    assert (event.id, event.type) == (NO, "com.twilio.error-logs.error.logged")
    payload = json.loads(event.data.pop("payload"))
    assert payload == {
        "error_code": 30003,
        "message": "Unreachable destination handset",
        "resource_sid": "SM" + "1" * 32,
    }
    assert event.data == {
        "sid": NO,
        "account_sid": AC,
        "date_created": "2026-01-02T03:04:05.678Z",
        "level": "ERROR",
        "master_account_sid": AC,
        "product_name": "Programmable Messaging",
        "error_code": "30003",
    }


def test_an_entry_with_everything() -> None:
    """A subaccount's names its parent."""
    parent, request, service = "AC" + "2" * 32, "RQ" + "3" * 32, "MG" + "4" * 32
    entry = replace(
        ENTRY,
        resource_sid="",
        parent_sid=parent,
        request_sid=request,
        service_sid=service,
        product_name=EVENT_STREAMS,
    )
    event = logged(entry)
    check(event, "ErrorLogs.Error")
    assert event.data["master_account_sid"] == parent
    assert (event.data["request_sid"], event.data["service_sid"]) == (request, service)
    assert event.data["product_name"] == "Event Streams"
    assert "resource_sid" not in json.loads(event.data["payload"])


@pytest.mark.parametrize(("code", "level"), [(30003, "ERROR"), (12200, "WARNING")])
def test_levels(code: int, level: str) -> None:
    """As Monitor has them, in capitals."""
    assert logged(replace(ENTRY, code=code)).data["level"] == level


@pytest.mark.parametrize(
    "handed",
    [Handed("SM" + "1" * 32, "+14155552671", "sms"), Handed("projects/x/1", "token", "fcm")],
)
def test_a_delivery_of_a_notification(handed: Handed) -> None:
    """Which binding it was for, whatever its channel."""
    event = notified(EZ, AC, IS, NT, handed, AT)
    check(event, "Notification.Delivered")
    assert (event.id, event.type) == (EZ, "com.twilio.notify.notification.delivered")
    assert event.source == f"/v1/Services/{IS}/Notifications/{NT}"
    assert event.data == {
        "notification_sid": NT,
        "account_sid": AC,
        "service_sid": IS,
        "delivery_state": {
            "id": handed.id,
            "address": handed.address,
            "type": handed.type,
            "status": "SENT",
        },
    }


def test_what_whatsapp_says_of_a_template() -> None:
    """What it said before, and what it says now, under the name that it was handed in with."""
    changed = Changed("HX" + "1" * 32, "greeting", "the_greeting", "en", "pending", "approved")
    event = approval("EZ" + "2" * 32, AC, changed, AT)
    check(event, "Messaging.ApprovalUpdated")
    assert event.data["type"] == "status_update"
    assert event.data["template"] == {
        "sid": changed.sid,
        "friendlyName": "greeting",
        "externalTemplateName": "the_greeting",
        "language": "en",
        "previousValue": "pending",
        "currentValue": "approved",
    }


def test_a_test_of_a_sink() -> None:
    """The event has the account's SID."""
    event = of_test(DG, AC, "4f9d9aa4-8ab1-4f0e-9f35-4ea4cbd6e9a7", AT)
    check(event, "EventStreams.TestSink")
    assert (event.id, event.type) == (AC, "com.twilio.eventstreams.test-event")
    assert event.source == f"/v1/Sinks/{DG}"
