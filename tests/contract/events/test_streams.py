"""Event Streams by the official client, all its operations."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage
    from tests.contract.events.conftest import Judging

SENT, READ, LOGGED = (
    "com.twilio.messaging.message.sent",
    "com.twilio.messaging.message.read",
    "com.twilio.error-logs.error.logged",
)
SCHEMA = "Messaging.MessageStatus"
WEBHOOK = {"destination": "http://127.0.0.1:9/events", "method": "POST", "batch_events": False}
STREAM = {
    "arn": "arn:aws:kinesis:us-east-1:111111111:stream/test",
    "role_arn": "arn:aws:iam::111111111:role/Role",
    "external_id": "1234567890",
}


@pytest.fixture
def staged(stage: "MakeStage") -> "Stage":
    return stage(seed=7)


def refused(call: Any, status: int, code: int, text: str = "") -> None:
    with pytest.raises(TwilioRestException) as error:
        call()
    assert (error.value.status, error.value.code) == (status, code)
    assert text in error.value.msg


def types_and_schemas(staged: "Stage") -> None:
    """The catalogue: a list in pages, one type, its schema and that's versions."""
    events = staged.client.events.v1
    names = [each.type for each in events.event_types.list(page_size=7)]
    assert names == sorted(names)
    assert {SENT, READ, LOGGED} <= set(names)
    assert {each.type for each in events.event_types.list(schema_id=SCHEMA)} < set(names)
    sent = events.event_types(SENT).fetch()
    assert (sent.schema_id, sent.status) == (SCHEMA, "available")
    schema = events.schemas(SCHEMA).fetch()
    assert schema.latest_version == 7
    versions = events.schemas(SCHEMA).versions.list(page_size=3)
    assert [each.schema_version for each in versions] == [*range(1, 8)]
    version = events.schemas(SCHEMA).versions(4).fetch()
    assert version.raw == f"https://events-schemas.twilio.com/{SCHEMA}/4"
    refused(events.event_types("com.twilio.nothing").fetch, 404, 91202)


def a_sinks_life(staged: "Stage") -> None:
    """Made, listed, described, tested, validated, deleted."""
    sinks = staged.client.events.v1.sinks
    webhook = sinks.create("Mine", WEBHOOK, "webhook")
    assert (webhook.status, webhook.sink_configuration) == ("active", WEBHOOK)
    assert webhook.date_created == datetime(2026, 12, 1, tzinfo=UTC)
    stream = sinks.create("Stream", STREAM, "kinesis")
    assert [each.sid for each in sinks.list(page_size=1)] == [stream.sid, webhook.sid]
    assert [each.sid for each in sinks.list(status="initialized")] == [stream.sid]
    assert [each.sid for each in sinks.list(in_use=True)] == []
    assert webhook.update("Yours").description == "Yours"
    assert stream.sink_test.create().result == "submitted"
    assert stream.fetch().status == "validating"
    refused(lambda: stream.sink_validate.create("x"), 400, 91005)
    kept = {each["sid"]: each for each in staged.control("GET", "/snapshot")["sinks"]}
    assert stream.sink_validate.create(kept[stream.sid]["test_id"]).result == "valid"
    assert stream.fetch().status == "active"
    assert stream.delete()
    refused(stream.fetch, 404, 91001)


def a_subscriptions_life(staged: "Stage") -> None:
    """Made, listed, described, its types one by one, deleted."""
    events = staged.client.events.v1
    sink = events.sinks.create("Mine", WEBHOOK, "webhook")
    types = [{"type": SENT}, {"type": READ, "schema_version": 5}]
    made = events.subscriptions.create("All", sink.sid, types)
    assert (made.account_sid, made.sink_sid) == (staged.account_sid, sink.sid)
    assert [each.sid for each in events.subscriptions.list(sink_sid=sink.sid)] == [made.sid]
    assert made.update(description="Some").fetch().description == "Some"
    subscribed = made.subscribed_events
    assert {each.type: each.schema_version for each in subscribed.list(page_size=1)} == {
        READ: 5,
        SENT: 7,
    }
    assert subscribed.create(LOGGED).schema_version == 2
    assert subscribed.create(LOGGED, schema_version=1).schema_version == 1
    assert subscribed(LOGGED).update(schema_version=2).schema_version == 2
    assert subscribed(LOGGED).fetch().subscription_sid == made.sid
    assert subscribed(LOGGED).delete()
    refused(subscribed(LOGGED).fetch, 404, 91104)
    refused(sink.delete, 409, 91007, f"Sink with SID {sink.sid} is in use")
    assert made.delete()
    assert sink.delete()


@pytest.mark.parametrize("drive", [types_and_schemas, a_sinks_life, a_subscriptions_life])
def test_lives(staged: "Stage", drive: Callable[["Stage"], None]) -> None:
    """Every answer is as it is described."""
    drive(staged)


def test_every_operation(staged: "Stage", described: dict[str, Any], judging: "Judging") -> None:
    """The client drives all that are described."""
    for drive in (types_and_schemas, a_sinks_life, a_subscriptions_life):
        drive(staged)
    published = {
        operation["operationId"]
        for item in described["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert judging() == published


def test_what_the_official_client_is_refused(staged: "Stage") -> None:
    """As Twilio words it."""
    events = staged.client.events.v1
    refused(lambda: events.sinks.create("x", {}, "webhook"), 400, 91000)
    sink = events.sinks.create("Mine", WEBHOOK, "webhook")
    create = events.subscriptions.create
    said = "Missing required input parameter event_types[0].type"
    refused(lambda: create("x", sink.sid, [[{"type": SENT}]]), 400, 20001, said)
    refused(lambda: create("x", sink.sid, [{"type": "x"}]), 404, 91104, "not found in the system")
    refused(lambda: create("x", sink.sid, []), 400, 91103)
    create("x", sink.sid, [{"type": SENT}])
    refused(lambda: create("y", sink.sid, [{"type": SENT}]), 409, 91007)
