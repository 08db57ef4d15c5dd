"""The CloudEvent around an event's data."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.events.catalogue import LOGGED, TEST
from mockserver.domain.events.envelope import Event, encoded, envelope, timestamp

DELIVERED = "com.twilio.messaging.message.delivered"
AT = 1_767_323_045_678_901
"""2026-01-02T03:04:05.678901Z."""

EVENT = Event(
    "EZ" + "1" * 32,
    DELIVERED,
    "/2010-04-01/Accounts/AC1/Messages/SM1.json",
    AT,
    {"messageSid": "SM1", "mcc": "310", "dateUpdated": "x", "secret": "y"},
)


def test_an_envelope() -> None:
    """Member by member, in the order of Twilio's samples."""
    assert list(envelope(EVENT, 7).items()) == [
        ("specversion", "1.0"),
        ("type", DELIVERED),
        ("source", EVENT.source),
        ("id", EVENT.id),
        ("dataschema", "https://events-schemas.twilio.com/Messaging.MessageStatus/7"),
        ("datacontenttype", "application/json"),
        ("time", "2026-01-02T03:04:05.678Z"),
        ("data", {"messageSid": "SM1", "mcc": "310", "dateUpdated": "x"}),
    ]


@pytest.mark.parametrize(
    ("version", "members"),
    [(1, {"messageSid"}), (4, {"messageSid"}), (5, {"messageSid", "mcc"})],
)
def test_who_subscribed_to_an_older_version_gets_that(version: int, members: set[str]) -> None:
    """What the version does not know is left out, and `dataschema` names it."""
    found = envelope(EVENT, version)
    assert set(found["data"]) == members
    assert found["dataschema"].endswith(f"/Messaging.MessageStatus/{version}")


def test_a_test_event() -> None:
    """Its schema ends in `.json`, unlike all others."""
    test = Event("AC1", TEST, "/v1/Sinks/DG1", AT, {"test_id": "x"})
    found = envelope(test, 1)
    assert found["dataschema"] == "https://events-schemas.twilio.com/EventStreams.TestSink/1.json"
    assert (found["id"], found["data"]) == ("AC1", {"test_id": "x"})


def test_an_unknown_type() -> None:
    """There is none: `KeyError`."""
    with pytest.raises(KeyError):
        envelope(Event("x", "com.twilio.nothing", "/", 0, {}), 1)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2))
def test_what_is_posted(text: str, version: int) -> None:
    """The same as JSON, whatever the data says."""
    event = Event("NO1", LOGGED, "/v1/Alerts/NO1", AT, {"sid": "NO1", "payload": text})
    assert json.loads(encoded(event, version)) == envelope(event, version)


@given(st.integers(0, 253_402_300_799_999_999))
def test_any_time(at: int) -> None:
    """RFC 3339 in UTC, cut to milliseconds."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    expected = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert timestamp(at) == expected
