"""What a callback looks like on the wire, and what comes back."""

import asyncio
import gzip
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.edge.outbound.courier import BODY_LIMIT, HttpCourier
from mockserver.world.ports import Limits, Parcel

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]


async def test_a_callback_is_sent_as_twilio_sends_it(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """These headers in this order and no other; the journal is told exactly what was sent."""
    result = await courier.deliver(
        parcel(f"{receiver.url}/sms?x=1#rc=2", ("To", "+1415"), ("Body", "a b")), limits
    )
    assert receiver.requests == [
        b"POST /sms?x=1 HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"User-Agent: TwilioProxy/1.1\r\n"
        b"Accept: */*\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"X-Twilio-Signature: RSOYDt4T1cUTdK1PDd93/VVr8B8=\r\n"
        b"I-Twilio-Idempotency-Token: 0b1c\r\n"
        b"X-Home-Region: us1\r\n"
        b"Content-Length: 19\r\n"
        b"Connection: keep-alive\r\n"
        b"\r\n"
        b"To=%%2B1415&Body=a+b" % receiver.port
    ]
    assert list(result.sent_headers) == receiver.headers_of(receiver.requests[0])
    assert (result.status, result.error_code, result.body) == (204, 0, b"")


async def test_a_get_has_its_parameters_in_the_query(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """After the query that is there; without a body there are no headers about one."""
    await courier.deliver(
        parcel(f"{receiver.url}/x?a=%7e#rc=1", ("To", "+1"), method="get"), limits
    )
    [request] = receiver.requests
    assert request.startswith(b"GET /x?a=%7e&To=%2B1 HTTP/1.1\r\n")
    assert not {"Content-Type", "Content-Length"} & dict(receiver.headers_of(request)).keys()


async def test_an_empty_form_is_still_a_form(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """A POST without parameters says that it has none."""
    await courier.deliver(Parcel("event", receiver.url, "POST", (), "s", "t", "AC1"), limits)
    [request] = receiver.requests
    assert request.startswith(b"POST / HTTP/1.1\r\n")
    assert dict(receiver.headers_of(request))["Content-Length"] == "0"


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_json_is_sent_as_it_is(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    method: str,
) -> None:
    """By either method; without the headers of callbacks that nobody has seen on events."""
    body = '[{"a": "ü"}]'.encode()
    sent = replace(parcel(f"{receiver.url}/e?bodySHA256=1", method=method), params=(), body=body)
    assert (await courier.deliver(sent, limits)).status == 204
    [request] = receiver.requests
    assert request.startswith(f"{method} /e?bodySHA256=1 HTTP/1.1\r\n".encode())
    assert request.endswith(b"\r\n\r\n" + body)
    names = [name for name, _ in receiver.headers_of(request)]
    assert names == [
        *("Host", "User-Agent", "Accept", "Content-Type", "X-Twilio-Signature"),
        *("Content-Length", "Connection"),
    ]
    assert dict(receiver.headers_of(request))["Content-Type"] == "application/json"


async def test_credentials_in_the_url_become_basic_authorization(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Undone of percent encoding on the wire; the journal does not get the password."""
    url = f"http://ann%40x:p%3Aw@127.0.0.1:{receiver.port}/"
    result = await courier.deliver(parcel(url), limits)
    sent, told = dict(receiver.headers_of(receiver.requests[0])), dict(result.sent_headers)
    assert sent["Authorization"] == f"Basic {b64encode(b'ann@x:p:w').decode()}"
    assert told == {**sent, "Authorization": "Basic ann@x:***"}
    assert sent["Host"] == f"127.0.0.1:{receiver.port}"


async def test_proxy_variables_and_cookies_are_left_alone(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Callbacks go straight to the application, and no cookie comes back to it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    receiver.answers = [receiver.answer("200 OK", "Set-Cookie: a=b")]
    for _ in range(2):
        await courier.deliver(parcel(f"http://localhost:{receiver.port}/"), limits)
    assert [b"cookie" in request.lower() for request in receiver.requests] == [False, False]


async def test_a_mapped_callback_keeps_its_host(
    receiver: "Receiver", parcel: Make, limits: Limits
) -> None:
    """It looks like the public URL, which is what its signature is over."""
    courier = HttpCourier(webhook_map=[("https://app.example", receiver.url)])
    await courier.deliver(parcel("https://App.example/sms?x=1"), limits)
    await courier.close()
    [request] = receiver.requests
    assert request.startswith(b"POST /sms?x=1 HTTP/1.1\r\nHost: App.example\r\n")


async def test_connections_are_kept(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Many callbacks, few connections; at once, as many as are under way."""
    for _ in range(5):
        await courier.deliver(parcel(receiver.url), limits)
    assert receiver.connections == 1
    await asyncio.gather(*(courier.deliver(parcel(receiver.url), limits) for _ in range(150)))
    assert len(receiver.requests) == 155
    assert receiver.connections <= 150


async def test_a_connection_closed_meanwhile_loses_no_callback(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """An application may close after any answer without saying so."""
    receiver.closing = True
    results = [await courier.deliver(parcel(receiver.url), limits) for _ in range(20)]
    assert [result.status for result in results] == [204] * 20
    assert len(receiver.requests) == 20


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("200 OK", 0),
        ("202 Accepted", 0),
        ("300 Multiple Choices", 11216),
        ("304 Not Modified", 11216),
        ("404 Not Found", 11200),
        ("429 Too Many Requests", 11200),
        ("503 Service Unavailable", 11200),
    ],
)
async def test_an_answer_is_handed_back(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, status: str, code: int
) -> None:
    """2xx is a success; 4xx and 5xx are alert 11200, and 3xx that is not followed is 11216."""
    receiver.answers = [receiver.answer(status, "X-A: 1", "X-A: \xfc")]
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (int(status[:3]), code)
    assert [value for name, value in result.headers if name == "X-A"] == ["1", "\ufffd"]


async def test_a_long_answer_is_cut(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """64 KiB are read, the rest is dropped together with its connection."""
    receiver.answers = [
        receiver.answer("200 OK", body=b"x" * (BODY_LIMIT + n)) for n in (0, 1_000_000)
    ]
    results = [await courier.deliver(parcel(receiver.url), limits) for _ in range(3)]
    assert [len(result.body) for result in results] == [BODY_LIMIT, BODY_LIMIT, 0]


async def test_a_compressed_answer_is_read(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Some applications compress without being asked."""
    body = gzip.compress(b"<Response/>")
    receiver.answers = [receiver.answer("200 OK", "Content-Encoding: gzip", body=body)]
    assert (await courier.deliver(parcel(receiver.url), limits)).body == b"<Response/>"
