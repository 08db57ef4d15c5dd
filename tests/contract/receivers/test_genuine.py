"""Whatever the mock sends, applications that validate it with Twilio's own libraries believe."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import MockTwilio

if TYPE_CHECKING:
    from tests.contract.receivers.conftest import Kept, Receiver

NUMBER, HANDSET = "+15017122661", "+14155552671"
SERVICE = "MG" + "5" * 32
HARD_TEXTS = [
    "Hello",
    "",
    " ",
    "a+b c%20d%zz & e=f;g",
    "ünïcödé 世界 👍🏽",
    "two\nlines\r\nand a tab\t",
    "'\"<>\\^`{|}~*!()",
]
"""Texts of handsets that a sloppy encoding would break."""


def believed(twilio: MockTwilio, receiver: "Receiver") -> list["Kept"]:
    """What the application got: all that was sent to it, and believed."""
    twilio.clock.run_until_idle()
    sent, kept = twilio.callbacks(), receiver.kept()
    assert len(kept) == len(sent) > 0
    assert all(each.believed for each in kept), kept
    for each in sent:
        params = {name: _listed(value) for name, value in each.params.items()}
        assert any(params.items() <= got.params.items() for got in kept), each
    return kept


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def statuses(kept: list["Kept"]) -> list[str]:
    return [each.params["MessageStatus"][0] for each in kept if each.path != "/sms"]


# -- status callbacks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        {"from_": NUMBER, "body": "Ahoy"},
        {"from_": NUMBER, "body": "Ahoy", "media_url": ["https://example.com/a.png"]},
        {"from_": f"whatsapp:{NUMBER}", "to": f"whatsapp:{HANDSET}", "body": "Ahoy"},
    ],
    ids=["SMS", "MMS", "WhatsApp"],
)
def test_status_callbacks(twilio: MockTwilio, receiver: "Receiver", form: dict[str, Any]) -> None:
    """Of every kind of message."""
    callback = f"{receiver.url}/status"
    twilio.client().messages.create(**{"to": HANDSET, "status_callback": callback, **form})
    assert statuses(believed(twilio, receiver)) == ["sent", "delivered"]


def test_status_callbacks_of_a_service(twilio: MockTwilio, receiver: "Receiver") -> None:
    """They name it."""
    callback = f"{receiver.url}/status"
    service = {"sid": SERVICE, "senders": [NUMBER], "status_callback": callback}
    twilio.given(numbers=[NUMBER], services=[service])
    twilio.client().messages.create(to=HANDSET, messaging_service_sid=SERVICE, body="Ahoy")
    kept = believed(twilio, receiver)
    assert {each.params["MessagingServiceSid"] for each in kept} == {(SERVICE,)}


def test_status_callbacks_of_a_failure(twilio: MockTwilio, receiver: "Receiver") -> None:
    """They have an error code, and a carrier's date."""
    twilio.deliver(outcome="undelivered", error_code=30003)
    callback = f"{receiver.url}/status"
    twilio.client().messages.create(to=HANDSET, from_=NUMBER, body="Ahoy", status_callback=callback)
    last = believed(twilio, receiver)[-1]
    assert last.params["ErrorCode"] == ("30003",)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}?a=1",
        "http://127.0.0.1:{port}/status?",
        "http://127.0.0.1:{port}/status?a=1&b=&c&a=1&d=x%20y%2Bz%25+w",
        "http://127.0.0.1:{port}/a%20path/~with/%E2%82%AC%2F/",
        "http://127.0.0.1:{port}/status#rc=2&rp=all",
        "http://127.0.0.1:{port}/status?a=1#ct=500&rt=9000",
        "http://user:p%40ss@127.0.0.1:{port}/status?a=@b",
        "http://localhost:{port}/status",
    ],
)
def test_urls(twilio: MockTwilio, receiver: "Receiver", url: str) -> None:
    """Port, query, login, overrides, or no path at all: the application sees what was signed."""
    callback = url.format(port=receiver.port)
    twilio.client().messages.create(to=HANDSET, from_=NUMBER, body="Ahoy", status_callback=callback)
    kept = believed(twilio, receiver)
    assert [each.status for each in kept] == [204, 204]


# -- inbound ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", HARD_TEXTS)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_inbound(twilio: MockTwilio, receiver: "Receiver", method: str, body: str) -> None:
    """Whatever a handset writes, as a form and as a query; the reply's status callbacks too."""
    url = f"{receiver.url}/sms?a=b%20c&d="
    given = {"phone_number": NUMBER, "sms_url": url, "sms_method": method}
    twilio.given(numbers=[given])
    received = twilio.receive(from_=HANDSET, to=NUMBER, body=body)
    assert [reply.body for reply in received.replies] == ["Thank you"]
    first, *others = believed(twilio, receiver)
    assert (first.method, first.params["Body"], first.params["d"]) == (method, (body,), ("",))
    assert statuses(others) == ["sent", "delivered"]


def test_a_question_as_a_query(twilio: MockTwilio, receiver: "Receiver") -> None:
    """Of Node's library this is not asked: up to 6.2 it reads `%3F` as `?`, and refuses Twilio."""
    given = {"phone_number": NUMBER, "sms_url": f"{receiver.url}/sms", "sms_method": "GET"}
    twilio.given(numbers=[given])
    twilio.receive(from_=HANDSET, to=NUMBER, body="Is it you?")
    first = receiver.kept()[0]
    assert first.believed or receiver.name == "express"


def test_inbound_mms(twilio: MockTwilio, receiver: "Receiver") -> None:
    """Media have a URL and a content type."""
    twilio.given(numbers=[{"phone_number": NUMBER, "sms_url": f"{receiver.url}/sms"}])
    pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    twilio.receive(from_=HANDSET, to=NUMBER, media_urls=[pixel])
    first = believed(twilio, receiver)[0]
    assert (first.params["NumMedia"], first.params["MediaContentType0"]) == (("1",), ("image/gif",))


def test_inbound_whatsapp(twilio: MockTwilio, receiver: "Receiver") -> None:
    """With a profile."""
    twilio.given(numbers=[{"phone_number": f"whatsapp:{NUMBER}", "sms_url": f"{receiver.url}/sms"}])
    twilio.receive(from_=HANDSET, to=NUMBER, body="¿Qué tal?", channel="whatsapp")
    first = believed(twilio, receiver)[0]
    assert first.params["WaId"] == (HANDSET[1:],)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_inbound_of_a_service(twilio: MockTwilio, receiver: "Receiver", method: str) -> None:
    """The service's webhook is called, with its SID."""
    url = f"{receiver.url}/sms"
    hook = {"inbound_request_url": url, "inbound_method": method}
    twilio.given(numbers=[NUMBER], services=[{"sid": SERVICE, "senders": [NUMBER], **hook}])
    twilio.receive(from_=HANDSET, to=NUMBER, body="Hi")
    first = believed(twilio, receiver)[0]
    assert first.params["MessagingServiceSid"] == (SERVICE,)


def test_status_callbacks_of_replies_as_queries(twilio: MockTwilio, receiver: "Receiver") -> None:
    """`<Message method="GET">`; the URL may have a query of its own."""
    twilio.given(numbers=[{"phone_number": NUMBER, "sms_url": f"{receiver.url}/sms-get"}])
    twilio.receive(from_=HANDSET, to=NUMBER, body="Hi")
    told = believed(twilio, receiver)[1:]
    assert [each.method for each in told] == ["GET", "GET"]
    assert {(each.params["by"], each.params["x"]) for each in told} == {(("get",), ("+",))}


@pytest.mark.parametrize("path", ["moved", "moved-get"])
def test_redirects(twilio: MockTwilio, receiver: "Receiver", path: str) -> None:
    """The second document is asked for with a signature of its own."""
    twilio.given(numbers=[{"phone_number": NUMBER, "sms_url": f"{receiver.url}/{path}"}])
    received = twilio.receive(from_=HANDSET, to=NUMBER, body="50% + 🎉")
    second = believed(twilio, receiver)[1]
    assert second.method == ("GET" if path == "moved-get" else "POST")
    assert (second.params["step"], second.params["Body"]) == (("2",), ("50% + 🎉",))
    assert [reply.body for reply in received.replies] == ["Thank you"]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(("path", "code"), [("broken", "11200"), ("unclosed", "12100")])
def test_fallback(
    twilio: MockTwilio, receiver: "Receiver", path: str, code: str, method: str
) -> None:
    """It is told what went wrong, and where."""
    given = {
        "phone_number": NUMBER,
        "sms_url": f"{receiver.url}/{path}",
        "sms_fallback_url": f"{receiver.url}/sms",
        "sms_fallback_method": method,
    }
    twilio.given(numbers=[given])
    received = twilio.receive(from_=HANDSET, to=NUMBER, body="Hi")
    second = believed(twilio, receiver)[1]
    assert (second.method, second.params["ErrorCode"]) == (method, (code,))
    assert second.params["ErrorUrl"] == (f"{receiver.url}/{path}",)
    assert [reply.body for reply in received.replies] == ["Thank you"]


# -- another token, another address ----------------------------------------------------------------


def test_another_account_is_not_believed(receiver: "Receiver") -> None:
    """The same request with another Auth Token's signature is refused, and the mock says so."""
    with MockTwilio() as stranger:
        stranger.given(numbers=[{"phone_number": NUMBER, "sms_url": f"{receiver.url}/sms"}])
        received = stranger.receive(from_=HANDSET, to=NUMBER, body="Hi")
        assert [each.believed for each in receiver.kept()] == [False]
        assert received.replies == []
        assert received.webhook is not None
        assert received.webhook.response_status == 403


PUBLIC = ("https://app.example.com", "https://app.example.com:8443", "http://app.example.com")


@pytest.fixture(scope="module")
def mapping(running_receiver: "Receiver") -> Iterator[str]:
    """The URL of a server that finds the application under each of these."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mockserver", "serve", "--port=0", "--quiet"),
            *(f"--webhook-map={public}={running_receiver.url}" for public in PUBLIC),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        found = re.search(rb"listening on (http://\S+)", process.stdout.readline())
        assert found
        yield found[1].decode()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("public", PUBLIC)
def test_a_public_address(mapping: str, receiver: "Receiver", public: str) -> None:
    """`--webhook-map`: an application behind a proxy validates its public URL, and sees it."""
    with MockTwilio(url=mapping, auth_token=receiver.token) as twilio:
        twilio.given(numbers=[{"phone_number": NUMBER, "sms_url": f"{public}/moved-get?a=1"}])
        received = twilio.receive(from_=HANDSET, to=NUMBER, body="Hi")
        assert [reply.body for reply in received.replies] == ["Thank you"]
        kept = believed(twilio, receiver)
        assert [each.path for each in kept] == ["/moved-get", "/sms", "/status", "/status"]
