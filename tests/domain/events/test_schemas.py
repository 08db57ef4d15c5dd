"""The documents that say what an event's data may hold."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.domain.events.schemas import HOST, SCHEMAS, Version, document

STATUS = "Messaging.MessageStatus"
EVERY = [each for schema in SCHEMAS.values() for each in schema.versions]


@pytest.mark.parametrize(
    ("schema_id", "latest"),
    [
        (STATUS, 7),
        ("Messaging.InboundMessageV1", 6),
        ("Messaging.ApprovalUpdated", 1),
        ("Notification.Delivered", 2),
        ("ErrorLogs.Error", 2),
        ("EventStreams.TestSink", 1),
        ("CommsApi.OperationProcessing", 2),
        ("CommsApi.OperationCompleted", 2),
        ("CommsApi.OperationScheduled", 2),
        ("CommsApi.MessageQueued", 3),
        ("CommsApi.MessageSent", 4),
        ("CommsApi.MessageFailed", 4),
        ("CommsApi.MessageDelivered", 4),
        ("CommsApi.MessageUndelivered", 4),
        ("CommsApi.MessageRead", 4),
        ("CommsApi.MessageInbound", 2),
    ],
)
def test_latest_versions(schema_id: str, latest: int) -> None:
    """Those of live tests, else of Twilio's pages; all before are there too."""
    schema = SCHEMAS[schema_id]
    assert schema.latest == latest
    assert [each.number for each in schema.versions] == [*range(1, latest + 1)]


@pytest.mark.parametrize("version", EVERY, ids=lambda each: f"{each.schema_id}/{each.number}")
def test_every_document(version: Version) -> None:
    """A JSON Schema in Twilio's form, which allows nothing that it does not name."""
    found = document(version.schema_id, version.number)
    Draft202012Validator.check_schema({**found, "$schema": Draft202012Validator.META_SCHEMA["$id"]})
    assert list(found) == sorted(found)
    assert found["$id"] == version.raw == f"{HOST}/{version.schema_id}/{version.number}"
    assert found["$schema"] == "https://events-schemas.twilio.com/vocabulary/twilio"
    assert found["additionalProperties"] is False
    assert found["title"] == version.schema_id.split(".")[1]
    names = set(found["properties"])
    assert set(found["required"]) <= names == SCHEMAS[version.schema_id].names(version.number)
    assert all(each["description"] and each["type"] for each in found["properties"].values())


def test_no_two_versions_are_one() -> None:
    """In page tokens."""
    assert len({each.sid for each in EVERY}) == len(EVERY)


def test_a_message_status_through_its_versions() -> None:
    """4 knows neither network, receipt, segments nor the date of the change; 7 is as 6."""
    four, six, seven = (SCHEMAS[STATUS].names(number) for number in (4, 6, 7))
    added = {"mcc", "mnc", "rawDlrDoneDate", "numberOfSegments", "dateUpdated"}
    assert six - four == added
    assert seven == six


def test_what_a_message_status_requires() -> None:
    """In every version."""
    for number in range(1, 8):
        assert set(document(STATUS, number)["required"]) == {
            *("messageSid", "timestamp", "accountSid", "eventName", "apiVersion"),
            *("from", "to", "messageStatus"),
        }


@pytest.mark.parametrize(
    ("schema_id", "data"),
    [
        ("CommsApi.OperationCompleted", {"operation_id": "comms_operation_1"}),
        ("CommsApi.OperationCompleted", {}),
        ("CommsApi.MessageSent", {"attempt": "1", "to": {"address": "+1", "channel": "PHONE"}}),
        ("EventStreams.TestSink", {"test_id": "x"}),
    ],
)
def test_what_fits(schema_id: str, data: dict[str, Any]) -> None:
    """Of the Communications API nothing is required."""
    Draft202012Validator(document(schema_id, SCHEMAS[schema_id].latest)).validate(data)


@pytest.mark.parametrize(
    ("schema_id", "data"),
    [
        ("CommsApi.OperationCompleted", {"id": "comms_operation_1"}),
        ("CommsApi.MessageSent", {"attempt": 1}),
        ("CommsApi.MessageSent", {"to": {"number": "+1"}}),
        ("CommsApi.MessageSent", {"tags": {"a": 1}}),
        ("EventStreams.TestSink", {}),
    ],
)
def test_what_does_not_fit(schema_id: str, data: dict[str, Any]) -> None:
    """Other names, other kinds, and what is missing."""
    assert not Draft202012Validator(document(schema_id, 1)).is_valid(data)


def test_there_are_no_others() -> None:
    """Who asks for one gets a `KeyError`."""
    with pytest.raises(KeyError):
        document("Messaging.Nothing", 1)
