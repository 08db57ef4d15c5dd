"""Each kind of API fault, as a program that uses the official library meets it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from mockserver import MockTwilio

MESSAGE = {"to": "+14155552671", "from_": "+15017122661", "body": "Ahoy"}
CREATE = {"operation": "api.v2010.CreateMessage"}


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    with MockTwilio(clock="manual") as twilio:
        yield twilio


@pytest.fixture
def client(twilio: MockTwilio) -> Client:
    client: Client = twilio.client()
    return client


def refusal(client: Client) -> TwilioRestException:
    """What the library raises for a create."""
    with pytest.raises(TwilioRestException) as raised:
        client.messages.create(**MESSAGE)
    return raised.value


def broken(client: Client) -> None:
    """A create whose connection is reset."""
    with pytest.raises(requests.RequestException, match="Connection reset by peer"):
        client.messages.create(**MESSAGE)


@pytest.mark.parametrize(
    ("then", "status", "code"),
    [
        ({"error": 20429, "retry_after": 1}, 429, 20429),
        ({"error": 21211, "latency": "20ms"}, 400, 21211),
        ({"status": 503}, 503, 503),
        ({"status": 500, "body": {"code": 20500, "message": "Oh"}}, 500, 20500),
    ],
)
def test_an_answer_in_the_place_of_the_apis(
    twilio: MockTwilio, client: Client, then: dict[str, Any], status: int, code: int
) -> None:
    """The library raises its exception; nothing was made."""
    twilio.fault(when=CREATE, **then)
    raised = refusal(client)
    assert raised.status == status
    assert raised.code == code
    assert twilio.messages() == []


def test_a_rate_limit(twilio: MockTwilio, client: Client) -> None:
    """Over it: 429 with 20429; time on the sandbox's clock fills the bucket."""
    twilio.fault(when=CREATE, rate_limit={"per_second": 1, "burst": 2})
    for _ in range(2):
        client.messages.create(**MESSAGE)
    assert (refusal(client).status, refusal(client).code) == (429, 20429)
    twilio.clock.advance(seconds=1)
    client.messages.create(**MESSAGE)
    refused = twilio.requests(operation=CREATE["operation"])[2]
    assert refused.response.headers["Retry-After"] == "1"
    assert refused.response.headers["Twilio-Concurrent-Requests"] == "1"


def test_latency(twilio: MockTwilio, client: Client) -> None:
    """The message is made, later."""
    twilio.fault(when=CREATE, latency="50ms")
    assert client.messages.create(**MESSAGE).sid
    [request] = twilio.requests()
    assert request.duration_ms > 49  # timers may be a part of a millisecond early
    assert request.fault


def test_stale_reads(twilio: MockTwilio, client: Client) -> None:
    """A message that was just made is not there yet, by itself and in the list."""
    twilio.fault(stale={"for": "1s"})
    sid = client.messages.create(**MESSAGE).sid
    with pytest.raises(TwilioRestException) as raised:
        client.messages(sid).fetch()
    assert (raised.value.status, raised.value.code) == (404, 20404)
    assert client.messages.list() == []
    twilio.clock.advance(seconds=1)
    assert client.messages(sid).fetch().sid == sid
    assert [message.sid for message in client.messages.list()] == [sid]


def test_stale_lists_of_operations(twilio: MockTwilio) -> None:
    """The Communications API does not list the messages of a new operation either."""
    twilio.fault(stale={"for": "1s"})
    order = {
        "from": {"address": MESSAGE["from_"], "channel": "SMS"},
        "to": [{"address": MESSAGE["to"], "channel": "PHONE"}],
        "content": {"text": "Ahoy"},
    }
    assert twilio.comms.post("/Messages", json=order).status == 202
    assert twilio.comms.get("/Messages").json()["messages"] == []
    twilio.clock.advance(seconds=1)
    assert len(twilio.comms.get("/Messages").json()["messages"]) == 1


def test_a_stale_fetch_alone(twilio: MockTwilio, client: Client) -> None:
    """A rule about fetches is not about lists."""
    twilio.fault(when={"operation": "api.v2010.FetchMessage"}, stale={"reads": 1})
    sid = client.messages.create(**MESSAGE).sid
    assert [message.sid for message in client.messages.list()] == [sid]
    with pytest.raises(TwilioRestException):
        client.messages(sid).fetch()
    assert client.messages(sid).fetch().sid == sid


@pytest.mark.parametrize(("reset", "made"), [("before", 0), ("during", 1), ("after", 1)])
def test_resets(twilio: MockTwilio, client: Client, reset: str, made: int) -> None:
    """The library cannot tell whether there is a message; for two of the three there is."""
    twilio.fault(when=CREATE, reset=reset)
    broken(client)
    assert len(twilio.messages()) == made


def test_a_client_that_tries_again_sends_twice(twilio: MockTwilio, client: Client) -> None:
    """The answer was lost, the message was not: the case that makes duplicates in production."""
    twilio.fault(when=CREATE, reset="after", times=1)
    broken(client)
    client.messages.create(**MESSAGE)
    assert len(twilio.messages(to=MESSAGE["to"])) == 2
    lost, told = twilio.requests()
    assert (lost.response.status, told.response.status) == (0, 201)
    assert json.loads(lost.response.raw["unwritten"]["body"])["sid"] == twilio.messages()[0].sid


def test_a_truncated_answer(twilio: MockTwilio, client: Client) -> None:
    """There is less than was promised."""
    twilio.fault(when=CREATE, truncate=0.5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        client.messages.create(**MESSAGE)


def test_malformed_json(twilio: MockTwilio, client: Client) -> None:
    """All comes, and cannot be read."""
    twilio.fault(when=CREATE, malformed=True)
    with pytest.raises(json.JSONDecodeError):
        client.messages.create(**MESSAGE)


def test_what_the_library_does_not_notice(twilio: MockTwilio, client: Client) -> None:
    """A wrong type, a slow body, a connection that is not kept: all goes well."""
    thens: list[dict[str, Any]] = [
        {"wrong_type": "text/html"},
        {"slow_body": "50ms"},
        {"keep_alive": "drop"},
    ]
    for then in thens:
        twilio.fault(when=CREATE, times=1, **then)
        assert client.messages.create(**MESSAGE).body == "Ahoy"
    assert all(request.fault for request in twilio.requests())


def test_refused_connections(twilio: MockTwilio, client: Client) -> None:
    """Real ones, for a while; the handle's own talk with its server goes on."""
    with MockTwilio(url=twilio.base_url) as other:
        twilio.fault(when=CREATE, refuse="300ms", times=1)
        broken(client)
        with pytest.raises(requests.ConnectionError, match="refused"):
            requests.get(twilio.base_url, timeout=20)
        other._control.pool.close()  # so that it has to connect again
        assert other.messages() == []
        assert len(twilio.requests()) == 1
    client.messages.create(**MESSAGE)
    assert len(twilio.messages()) == 1
