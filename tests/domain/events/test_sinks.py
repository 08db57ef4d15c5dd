"""What a sink may be told, and how it becomes active."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.batches import BATCHED, SINGLE
from mockserver.domain.events.sinks import (
    KINDS,
    Sink,
    configured,
    first_status,
    fits,
    under_test,
    validated,
)

URL = "https://example.com/events"
KINESIS = {
    "arn": "arn:aws:kinesis:us-east-1:111111111:stream/test",
    "role_arn": "arn:aws:iam::111111111:role/Role",
    "external_id": "1234567890",
}
SINK = Sink("DG1", "AC1", "A sink", "kinesis", KINESIS, "initialized")


def kept(kind: str, **members: Any) -> dict[str, Any]:
    configuration, ignored = configured(kind, json.dumps(members))
    assert ignored == ()
    assert fits(kind, configuration)
    return configuration


def refused(kind: str, text: str) -> None:
    with pytest.raises(TwilioError) as error:
        configured(kind, text)
    assert (error.value.code, error.value.status) == (91000, 400)


def test_a_webhook() -> None:
    """What is left out is stored as its default: POST, an event at a time."""
    assert kept("webhook", destination=URL) == {
        "destination": URL,
        "method": "POST",
        "batch_events": False,
    }
    whole = {"destination": URL, "method": "GET", "batch_events": True}
    assert kept("webhook", **whole) == whole


@pytest.mark.parametrize(
    "destination",
    [
        "http://127.0.0.1:9000",
        "HTTP://localhost/events?a=b",
        "https://user:password@example.com/events",
        "http://[::1]:9000/events#rc=2",
    ],
)
def test_destinations(destination: str) -> None:
    """Anything that HTTP leads to, a password included."""
    assert kept("webhook", destination=destination)["destination"] == destination


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"destination": ""},
        {"destination": None},
        {"destination": "example.com"},
        {"destination": "ftp://example.com"},
        {"destination": "http://"},
        {"destination": "http:///path"},
        {"destination": "http://a b/"},
        {"destination": "http://[::1/"},
        {"destination": "http://a:x/"},
        {"destination": "http://a:65536/"},
        {"destination": "http://a:0/"},
        {"destination": URL, "method": "PUT"},
        {"destination": URL, "method": ""},
        {"destination": URL, "method": None},
        {"destination": URL, "batch_events": None},
        {"destination": URL, "batch_events": ""},
        {"destination": URL, "batch_events": "true"},
        {"destination": URL, "batch_events": 1},
    ],
)
def test_webhooks_that_are_none(members: dict[str, Any]) -> None:
    """What is there must be right: an empty member is worse than none."""
    refused("webhook", json.dumps(members))


def test_eventbridge() -> None:
    """Told an event bus, in place of a stream."""
    bus = {**KINESIS, "arn": "arn:aws:events:us-east-1:111111111:event-bus/twilio"}
    assert kept("eventbridge", **bus) == bus
    refused("eventbridge", json.dumps(KINESIS))
    refused("kinesis", json.dumps(bus))


def test_kinesis_and_segment() -> None:
    """Stored as they are given."""
    assert kept("kinesis", **KINESIS) == KINESIS
    assert kept("segment", write_key="k") == {"write_key": "k"}


@pytest.mark.parametrize("name", KINESIS)
@pytest.mark.parametrize("value", ["", None, 7])
def test_a_stream_needs_all_of_it(name: str, value: object) -> None:
    """And each in its form."""
    refused("kinesis", json.dumps({**KINESIS, name: value}))
    refused("kinesis", json.dumps({each: KINESIS[each] for each in KINESIS if each != name}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("arn", "arn:aws:sqs:us-east-1:111111111:queue"),
        ("arn", "arn:aws:kinesis:us-east-1:111111111:stream/"),
        ("role_arn", "arn:aws:iam::111111111:user/Me"),
    ],
)
def test_names_of_other_things(name: str, value: str) -> None:
    """Are no streams and no roles."""
    refused("kinesis", json.dumps({**KINESIS, name: value}))


@pytest.mark.parametrize("members", [{}, {"write_key": ""}, {"write_key": 1}])
def test_segment_needs_a_key(members: dict[str, Any]) -> None:
    """That is all that it needs."""
    refused("segment", json.dumps(members))


def test_email() -> None:
    """What it is told is not published: any text is kept."""
    assert kept("email", address="a@b.c") == {"address": "a@b.c"}
    assert kept("email") == {}
    refused("email", '{"address": 1}')


def test_members_that_nobody_knows() -> None:
    """Are left out, and named."""
    text = json.dumps({"destination": URL, "colour": "red", "size": {"a": []}})
    configuration, ignored = configured("webhook", text)
    assert set(configuration) == {"destination", "method", "batch_events"}
    assert ignored == ("colour", "size")


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "1", '"a"', "{", "[" * 10_000])
def test_what_is_no_object(text: str) -> None:
    """91000, however it is broken."""
    for kind in KINDS:
        refused(kind, text)


@given(
    st.sampled_from([*KINDS]),
    st.text() | st.builds(json.dumps, st.dictionaries(st.text(), st.text())),
)
def test_any_text(kind: str, text: str) -> None:
    """A configuration that fits, or a refusal."""
    with suppress(TwilioError):
        configuration, _ = configured(kind, text)
        assert fits(kind, configuration)


@pytest.mark.parametrize(
    ("kind", "configuration"),
    [
        ("pigeon", {}),
        ("webhook", {"destination": URL}),
        ("segment", {"write_key": "k", "more": "x"}),
        ("kinesis", {**KINESIS, "arn": 1}),
    ],
)
def test_what_does_not_fit(kind: str, configuration: dict[str, Any]) -> None:
    """Of what was stored: another kind, too little, too much, something else."""
    assert not fits(kind, configuration)


def test_how_events_come() -> None:
    """In batches only where that was asked for."""
    assert SINK.bounds == SINGLE
    batched = Sink("DG1", "AC1", "", "webhook", {"batch_events": True}, "active")
    assert batched.bounds == BATCHED


# -- active ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("webhook", "active"),
        *((kind, "initialized") for kind in ("kinesis", "segment", "eventbridge", "email")),
    ],
)
def test_first_statuses(kind: str, status: str) -> None:
    """A webhook needs no validation."""
    assert first_status(kind) == status


def test_validation() -> None:
    """With what the test event said, and nothing else."""
    under_way = under_test(SINK, "one", 5)
    assert (under_way.status, under_way.test_id, under_way.tests) == ("validating", "one", 1)
    after = validated(under_way, "one", 7)
    assert (after.status, under_way.updated_at, after.updated_at) == ("active", 5, 7)


def test_the_last_test_counts() -> None:
    """The one before is over: 91005."""
    again = under_test(under_test(SINK, "one", 5), "two", 6)
    assert again.tests == 2
    with pytest.raises(TwilioError) as error:
        validated(again, "one", 7)
    assert error.value.code == 91005
    assert validated(again, "two", 7).status == "active"


def test_no_test() -> None:
    """91004."""
    with pytest.raises(TwilioError) as error:
        validated(SINK, "", 7)
    assert (error.value.code, error.value.status) == (91004, 404)


def test_a_test_takes_nothing_away() -> None:
    """A sink that is active stays so."""
    active = Sink("DG1", "AC1", "", "webhook", {}, "active")
    assert under_test(active, "one", 5).status == "active"
