"""What events are made of: messages, the Debugger, handsets, operations, templates, tests."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.domain.events.catalogue import TYPES
from mockserver.domain.events.schemas import document

if TYPE_CHECKING:
    from tests.edge.events.conftest import MakeStreams, Receiver, Streams

STATUS = "com.twilio.messaging.message"
COMMS = "com.twilio.comms-api"
TEST = "com.twilio.eventstreams.test-event"

COMMS_TYPES = [name for name in TYPES if name.startswith(COMMS)]


def check(event: dict[str, Any]) -> None:
    """Its data is what the schema that it names allows."""
    _, _, _, schema_id, version = event["dataschema"].split("/")
    Draft202012Validator(document(schema_id, int(version))).validate(event["data"])


# -- the Debugger, handsets -----------------------------------------------------------------------


async def test_a_message_that_fails(streams: "Streams", receiver: "Receiver") -> None:
    """With its error code; the Debugger's entry about it is an event of its own."""
    logged = "com.twilio.error-logs.error.logged"
    await streams.follow(receiver.url, "undelivered", logged)
    rule = {"when": {}, "outcome": "undelivered", "error_code": 30003}
    await streams.control("POST", "/delivery", rule)
    sid = await streams.send()
    await streams.pass_time(9)
    undelivered, entry = receiver.events
    assert undelivered["data"]["errorCode"] == 30003
    assert undelivered["data"]["messageStatus"] == "UNDELIVERED"
    assert (entry["type"], entry["id"][:2]) == (logged, "NO")
    assert (entry["data"]["error_code"], entry["data"]["level"]) == ("30003", "ERROR")
    assert json.loads(entry["data"]["payload"])["resource_sid"] == sid


async def test_a_create_that_is_refused(streams: "Streams", receiver: "Receiver") -> None:
    """Is in the Debugger, too."""
    await streams.follow(receiver.url, "com.twilio.error-logs.error.logged")
    streams.caller.host = "api.twilio.com"
    assert (await streams.caller.create(To="+1")).status == 400
    await streams.pass_time(1)
    [entry] = receiver.events
    assert entry["data"]["error_code"] == "21211"


async def test_what_a_handset_sends(streams: "Streams", receiver: "Receiver") -> None:
    """With where both ends are at home, and what it was taken for."""
    await streams.follow(receiver.url, "com.twilio.messaging.inbound-message.received")
    sid = await streams.receive()
    await streams.pass_time(1)
    [event] = receiver.events
    data = event["data"]
    assert (data["messageSid"], data["body"], data["fromCountry"]) == (sid, "Hi", "US")
    check(event)


async def test_words_of_opting_out(streams: "Streams", receiver: "Receiver") -> None:
    """Twilio's own answer to them is no message of the account, and makes no event."""
    received = "com.twilio.messaging.inbound-message.received"
    await streams.follow(receiver.url, received, "sent", "delivered")
    await streams.receive("STOP")
    await streams.pass_time(9)
    assert receiver.kinds == [[received]]


# -- the Communications API ------------------------------------------------------------------------


async def test_an_operation(streams: "Streams", receiver: "Receiver") -> None:
    """Tells of itself and of its messages; the ten types and no others."""
    assert len(COMMS_TYPES) == 10
    await streams.follow(receiver.url, *COMMS_TYPES)
    id_ = await streams.operation("+14155550100", "+14155550101")
    await streams.pass_time(1)
    kinds = [event["type"].removeprefix(f"{COMMS}.") for event in receiver.events]
    assert kinds == [
        *("operation.processing", "message.queued", "message.queued"),
        *("message.sent", "message.sent", "operation.completed"),
        *("message.delivered", "message.delivered"),
    ]
    for event in receiver.events:
        check(event)
        assert event["data"]["operation_id"] == id_
    assert receiver.events == (await streams.control("GET", "/cloud_events"))["cloud_events"]


async def test_classic_messages_of_an_operation(streams: "Streams", receiver: "Receiver") -> None:
    """Its attempts are messages: they make the events of these, with a tag that names it."""
    await streams.follow(receiver.url)
    id_ = await streams.operation("+14155550100", "+14155550101")
    await streams.pass_time(1)
    assert receiver.kinds == [["sent", "sent"], ["delivered", "delivered"]]
    for event in receiver.events:
        check(event)
        assert event["data"]["tags"]["Twilio.operation_info"].split(",")[0] == id_
        assert event["data"]["tags"]["campaign"] == "launch"
    shown = await streams.control("GET", "/messages")
    sids = {message["sid"] for message in shown["messages"]}
    assert {event["data"]["messageSid"] for event in receiver.events} == sids
    assert len({event["id"] for event in receiver.events}) == 4


async def test_a_large_operation(make_streams: "MakeStreams", receiver: "Receiver") -> None:
    """On the instant clock batches are full, and nothing is lost or told twice."""
    streams = await make_streams(clock="instant")
    await streams.follow(receiver.url, f"{COMMS}.message.delivered", "delivered")
    await streams.operation(*(f"+1415{n:07}" for n in range(2_000_000, 2_001_500)))
    engine = streams.caller.sandbox.engine
    await engine.advance(None)
    assert len(receiver.events) == 3_000
    assert len({event["id"] for event in receiver.events}) == 3_000
    assert len(receiver.posts) < 60
    assert max(len(post.events) for post in receiver.posts) == 100


# -- templates -------------------------------------------------------------------------------------


async def test_a_template_that_is_reviewed(streams: "Streams", receiver: "Receiver") -> None:
    """Each word of WhatsApp's is an event."""
    await streams.follow(receiver.url, "com.twilio.messaging.template.approval.updated")
    headers = {"Content-Type": "application/json", "Host": "content.twilio.com"}
    template = {
        "friendly_name": "greeting",
        "language": "en",
        "types": {"twilio/text": {"body": "Hello"}},
    }
    call = streams.caller.call
    made = await call("POST", "/v1/Content", json.dumps(template).encode(), headers)
    sid = made.json["sid"]
    asked = json.dumps({"name": "the_greeting", "category": "UTILITY"}).encode()
    path = f"/v1/Content/{sid}/ApprovalRequests/whatsapp"
    assert (await call("POST", path, asked, headers)).status == 201
    await streams.pass_time(7 * 86_400)
    for event in receiver.events:
        check(event)
    said = [event["data"]["template"] for event in receiver.events]
    assert [(each["previousValue"], each["currentValue"]) for each in said] == [
        ("received", "pending"),
        ("pending", "approved"),
    ]
    assert {(each["sid"], each["externalTemplateName"]) for each in said} == {(sid, "the_greeting")}


# -- tests of sinks --------------------------------------------------------------------------------


@pytest.mark.parametrize("batched", [True, False])
async def test_a_test_of_a_webhook(
    streams: "Streams", receiver: "Receiver", *, batched: bool
) -> None:
    """Posts one event, with what the sink can be validated by."""
    sink = await streams.sink(destination=receiver.url, method="POST", batch_events=batched)
    path = f"/v1/Sinks/{sink['sid']}"
    await streams.caller.made({}, f"{path}/Test")
    await streams.settled()
    [post] = receiver.posts
    assert isinstance(json.loads(post.body), list) == batched
    assert post.is_genuine()
    [event] = post.events
    assert (event["type"], event["id"]) == (TEST, streams.caller.account)
    assert event["dataschema"] == "https://events-schemas.twilio.com/EventStreams.TestSink/1.json"
    told = {"TestId": event["data"]["test_id"]}
    assert (await streams.caller.made(told, f"{path}/Validate")) == {"result": "valid"}
    await streams.caller.made({}, f"{path}/Test")
    await streams.settled()
    assert len({event["data"]["test_id"] for event in receiver.events}) == 2


async def test_a_test_of_a_stream(streams: "Streams") -> None:
    """Nothing is posted: the event is in the list of all events, and says how to validate it."""
    sink = await streams.sink("kinesis")
    path = f"/v1/Sinks/{sink['sid']}"
    await streams.caller.made({}, f"{path}/Test")
    [event] = (await streams.control("GET", f"/cloud_events?type={TEST}"))["cloud_events"]
    told = {"TestId": event["data"]["test_id"]}
    assert (await streams.caller.made(told, f"{path}/Validate")) == {"result": "valid"}
    assert (await streams.caller.get(path)).json["status"] == "active"
    assert streams.posts == []


@pytest.mark.parametrize("kind", ["kinesis", "segment", "eventbridge"])
async def test_what_a_stream_would_get(streams: "Streams", kind: str) -> None:
    """Is in the list of all events, each once, in the latest version that was asked for."""
    sink = await streams.sink(kind)
    await streams.caller.made({}, f"/v1/Sinks/{sink['sid']}/Test")
    told = {"TestId": streams.test_id(sink["sid"])}
    await streams.caller.made(told, f"/v1/Sinks/{sink['sid']}/Validate")
    await streams.subscription(sink["sid"], f"{STATUS}.sent")
    await streams.follow("http://127.0.0.1:1/events", "sent", version=4)
    sid = await streams.send()
    await streams.pass_time(0.25)
    page = await streams.control("GET", f"/cloud_events?type={STATUS}.*")
    [event] = page["cloud_events"]
    assert event["dataschema"].endswith("Messaging.MessageStatus/7")
    assert (await streams.control("GET", f"/cloud_events?message_id={sid}")) == page
    assert (await streams.control("GET", "/cloud_events?operation_id=x"))["total"] == 0
    said = await streams.caller.call(
        "GET", "/_mock/cloud_events?type=com.twilio.x", None, {"Host": "x"}
    )
    assert said.status == 400
