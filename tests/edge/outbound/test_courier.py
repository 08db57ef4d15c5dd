"""Callbacks on the wire."""

import asyncio
import gzip
import ssl
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.outbound.courier import BODY_LIMIT, HttpCourier
from mockserver.world.ports import Limits, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

Make = Callable[..., Parcel]


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def headers_of(request: bytes) -> list[tuple[str, str]]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


async def failure(courier: HttpCourier, parcel: Parcel, limits: Limits) -> Unreachable:
    with pytest.raises(Unreachable) as problem:
        await courier.deliver(parcel, limits)
    return problem.value


# What is sent


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
        b"Content-Length: 20\r\n"
        b"Connection: keep-alive\r\n"
        b"\r\n"
        b"To=%%2B1415&Body=a+b" % receiver.port
    ]
    assert list(result.sent_headers) == headers_of(receiver.requests[0])
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
    assert not {"Content-Type", "Content-Length"} & dict(headers_of(request)).keys()


async def test_an_empty_form_is_still_a_form(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """A POST without parameters says that it has none."""
    await courier.deliver(Parcel("event", receiver.url, "POST", (), "s", "t", "AC1"), limits)
    [request] = receiver.requests
    assert request.startswith(b"POST / HTTP/1.1\r\n")
    assert dict(headers_of(request))["Content-Length"] == "0"


async def test_credentials_in_the_url_become_basic_authorization(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Undone of percent encoding on the wire; the journal does not get the password."""
    url = f"http://ann%40x:p%3Aw@127.0.0.1:{receiver.port}/"
    result = await courier.deliver(parcel(url), limits)
    sent, told = dict(headers_of(receiver.requests[0])), dict(result.sent_headers)
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
    receiver.answers = [answer("200 OK", "Set-Cookie: a=b")]
    for _ in range(2):
        await courier.deliver(parcel(receiver.url), limits)
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


# What comes back


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("200 OK", 0),
        ("202 Accepted", 0),
        ("304 Not Modified", 11200),
        ("404 Not Found", 11200),
        ("429 Too Many Requests", 11200),
        ("503 Service Unavailable", 11200),
    ],
)
async def test_an_answer_is_handed_back(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, status: str, code: int
) -> None:
    """2xx is a success; everything else is an answer with alert code 11200."""
    receiver.answers = [answer(status, "X-A: 1", "X-A: \xfc")]
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (int(status[:3]), code)
    assert [value for name, value in result.headers if name == "X-A"] == ["1", "\ufffd"]


async def test_a_long_answer_is_cut(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """64 KiB are read, the rest is dropped together with its connection."""
    receiver.answers = [answer("200 OK", body=b"x" * (BODY_LIMIT + n)) for n in (0, 1_000_000)]
    results = [await courier.deliver(parcel(receiver.url), limits) for _ in range(3)]
    assert [len(result.body) for result in results] == [BODY_LIMIT, BODY_LIMIT, 0]


async def test_a_compressed_answer_is_read(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """Some applications compress without being asked."""
    body = gzip.compress(b"<Response/>")
    receiver.answers = [answer("200 OK", "Content-Encoding: gzip", body=body)]
    assert (await courier.deliver(parcel(receiver.url), limits)).body == b"<Response/>"


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_turns_into_a_get(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, status: int
) -> None:
    """Without the form fields; the headers told are those of the request that was answered."""
    receiver.answers = [answer(f"{status} Found", "Location: /next?y=1#there")]
    result = await courier.deliver(parcel(f"{receiver.url}/first"), limits)
    first, second = receiver.requests
    assert first.startswith(b"POST /first ")
    assert second.startswith(b"GET /next?y=1 HTTP/1.1\r\n")
    assert second.endswith(b"\r\n\r\n")
    assert list(result.sent_headers) == headers_of(second)
    assert (result.status, result.error_code) == (204, 0)


async def test_a_redirect_may_hold_foreign_letters(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """A `Location` is UTF-8, encoded when it is followed."""
    receiver.answers = [answer("302 Found", f"Location: /{'ü'.encode().decode('latin-1')}")]
    await courier.deliver(parcel(receiver.url), limits)
    assert receiver.requests[1].startswith(b"GET /%C3%BC HTTP/1.1\r\n")


@pytest.mark.parametrize("status", [307, 308])
async def test_some_redirects_keep_method_and_form(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, status: int
) -> None:
    """307 and 308 send the same again."""
    receiver.answers = [answer(f"{status} Again", f"Location: {receiver.url}/next")]
    await courier.deliver(parcel(f"{receiver.url}/first", ("A", "1")), limits)
    first, second = receiver.requests
    assert second == first.replace(b"/first", b"/next")


async def test_ten_redirects_are_followed_and_no_more(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """The eleventh is alert 11215."""
    hop = answer("302 Found", "Location: /again")
    receiver.answers = [hop] * 10
    assert (await courier.deliver(parcel(receiver.url), limits)).error_code == 0
    receiver.answers = [hop] * 11
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (302, 11215)
    assert len(receiver.requests) == 22


@pytest.mark.parametrize(
    "header",
    [
        "X-None: 1",
        "Location:",
        "Location: ftp://h/",
        "Location: http://[",
        "Location: /a b",
        "Location: http://a..b/",
        "Location: http://h:0/",
    ],
)
async def test_a_redirect_to_nowhere_is_an_alert(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, header: str
) -> None:
    """No `Location`, or one that is no URL: 11216."""
    receiver.answers = [answer("302 Found", header)]
    result = await courier.deliver(parcel(receiver.url), limits)
    assert (result.status, result.error_code) == (302, 11216)


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/", "http://8.8.8.8/", "http://[::ffff:8.8.8.8]/"]
)
async def test_a_redirect_is_checked_like_a_url(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits, location: str
) -> None:
    """An application cannot lead the mock to where it may not go."""
    receiver.answers = [answer("307 Again", f"Location: {location}")]
    problem = await failure(courier, parcel(receiver.url), limits)
    assert problem.phase == "refused"
    assert list(problem.sent_headers) == headers_of(receiver.requests[0])


async def test_a_password_stays_with_its_origin(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """The same origin gets it again; another one does not, unless its URL has its own."""
    there = f"127.0.0.1:{receiver.port}"
    hops = (f"http://{there}/a", f"http://localhost:{receiver.port}/b", f"http://v:w@{there}/c")
    receiver.answers = [answer("307 Again", f"Location: {hop}") for hop in hops]
    await courier.deliver(parcel(f"http://u:p@{there}/"), limits)
    sent = [dict(headers_of(request)).get("Authorization") for request in receiver.requests]
    first, last = (f"Basic {b64encode(pair).decode()}" for pair in (b"u:p", b"v:w"))
    assert sent == [first, first, None, last]


# Names and addresses


async def test_a_name_is_resolved_and_checked(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """`localhost` is this machine, whatever addresses it has."""
    await courier.deliver(parcel(f"http://localhost:{receiver.port}/"), limits)
    assert dict(headers_of(receiver.requests[0]))["Host"] == f"localhost:{receiver.port}"


async def test_a_name_for_a_forbidden_address_is_not_called(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is judged is the address that would be connected to, not the name."""
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _names("203.0.113.9"))
    problem = await failure(courier, parcel("http://app.example/"), limits)
    assert problem.phase == "refused"
    assert "app.example (203.0.113.9)" in problem.reason
    assert "--webhook-allow app.example" in problem.reason


async def test_of_several_addresses_the_allowed_ones_are_called(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name with a public and a private address leads to the private one."""
    addresses = ("203.0.113.9", "127.0.0.1", "169.254.169.254")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _names(*addresses))
    await courier.deliver(parcel(f"http://app.example:{receiver.port}/"), limits)
    assert len(receiver.requests) == 1


def _names(*addresses: str) -> Callable[..., object]:
    """Stands for the system's name service: every name has these addresses."""

    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host[0].isdigit():
            return [(2, 1, 6, "", (host, port))]
        return [(2, 1, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


async def test_a_name_that_nobody_knows(courier: HttpCourier, parcel: Make, limits: Limits) -> None:
    """`.invalid` never exists (RFC 2606): 11210."""
    problem = await failure(courier, parcel("http://app.invalid/"), limits)
    assert (problem.code, problem.phase, problem.sent_headers) == (11210, "connect", ())


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://my_app/", 21609),
        ("nonsense", 11100),
        ("http://127.0.0.1:0/", 11100),
        ("http://8.8.8.8/", 11200),
        ("http://bücher.invalid/", 11210),
    ],
)
async def test_what_cannot_be_called_says_so(
    courier: HttpCourier, parcel: Make, limits: Limits, url: str, code: int
) -> None:
    """Every such URL is `Unreachable`, with a code and a sentence."""
    problem = await failure(courier, parcel(url), limits)
    assert problem.code == code
    assert problem.reason


async def test_a_header_that_cannot_be_sent(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """Nothing is smuggled into a request by way of a header."""
    smuggler = Parcel("status", receiver.url, "POST", (), "s\r\nX-Evil: 1", "t", "AC1")
    problem = await failure(courier, smuggler, limits)
    assert problem.code == 11100
    assert receiver.requests == []


# When it goes wrong


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nobody_listens(
    courier: HttpCourier, parcel: Make, limits: Limits, host: str
) -> None:
    """A refused connection is 11202, of a name with several addresses too."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    problem = await failure(courier, parcel(f"http://{host}:{port}/"), limits)
    assert (problem.code, problem.phase, problem.sent_headers) == (11202, "connect", ())
    assert f"{host}:{port}" in problem.reason


@pytest.mark.parametrize(
    ("scheme", "limits", "code", "phase"),
    [
        ("https", Limits(connect=0.05, read=30, total=30), 11201, "connect"),
        ("https", Limits(connect=30, read=30, total=0.05), 11203, "connect"),
        ("http", Limits(connect=30, read=0.05, total=30), 11200, "read"),
        ("http", Limits(connect=30, read=30, total=0.05), 11203, "read"),
    ],
)
async def test_nobody_answers(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    scheme: str,
    limits: Limits,
    code: int,
    phase: str,
) -> None:
    """Each limit has its code, and the phase tells whether there was a connection, TLS included."""
    receiver.hanging = True
    problem = await failure(courier, parcel(f"{scheme}://127.0.0.1:{receiver.port}/"), limits)
    assert (problem.code, problem.phase) == (code, phase)
    assert "0.05 s" in problem.reason
    assert bool(problem.sent_headers) == (phase == "read")


async def test_the_total_time_is_for_all_redirects(
    receiver: "Receiver", courier: HttpCourier, parcel: Make
) -> None:
    """An answer that does not end is over with it as well."""
    receiver.answers = [
        answer("307 Again", "Location: /next"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    ]
    limits = Limits(connect=30, read=30, total=0.1)
    problem = await failure(courier, parcel(receiver.url), limits)
    assert (problem.code, problem.phase) == (11203, "read")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"", 11205),
        (b"HTTP/1.1 500", 11205),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 11206),
        (b"HTTP/1.1 abc OK\r\n\r\n", 11206),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 9\r\n\r\nhalf", 11206),
        (b"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 11206),
        (b"HTTP/1.1 302 Found\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 11206),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_broken_answer(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    reply: bytes,
    code: int,
    method: str,
) -> None:
    """Closed without an answer is 11205, not HTTP is 11206; the request is not made again."""
    receiver.answers = [reply]
    problem = await failure(courier, parcel(receiver.url, method=method), limits)
    assert (problem.code, problem.phase) == (code, "read")
    assert list(problem.sent_headers) == headers_of(receiver.requests[0])
    assert len(receiver.requests) == 1


async def test_a_closed_courier_carries_nothing(
    receiver: "Receiver", parcel: Make, limits: Limits
) -> None:
    """Neither what comes later nor what is under way; closing twice is fine."""
    courier = HttpCourier()
    receiver.hanging = True
    under_way = asyncio.create_task(courier.deliver(parcel(receiver.url), limits))
    await receiver.visited.wait()
    await courier.close()
    await courier.close()
    with pytest.raises(Unreachable):
        await under_way
    assert (await failure(courier, parcel(receiver.url), limits)).phase == "refused"


async def test_a_cancelled_delivery_is_cancelled(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """A reset of the sandbox gives up what is in flight, and later parcels go out as ever."""
    receiver.hanging = True
    under_way = asyncio.create_task(courier.deliver(parcel(receiver.url), limits))
    await receiver.visited.wait()
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    receiver.hanging = False
    assert (await courier.deliver(parcel(receiver.url), limits)).status == 204


# TLS


@pytest.mark.parametrize(("name", "code"), [("right", 0), ("other", 11235), ("expired", 11236)])
async def test_certificates_are_checked(
    receiver: "Receiver",
    parcel: Make,
    limits: Limits,
    certificate: Callable[[str], ssl.SSLContext],
    trust: ssl.SSLContext,
    name: str,
    code: int,
) -> None:
    """The right one is accepted; another name and an old one have their alerts."""
    courier = HttpCourier(ssl_context=trust)
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=certificate(name))
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        if code:
            problem = await failure(courier, parcel(url), limits)
            assert (problem.code, problem.phase) == (code, "connect")
        else:
            assert (await courier.deliver(parcel(url), limits)).status == 204
        await courier.close()


async def test_an_unknown_authority_is_refused(
    receiver: "Receiver",
    courier: HttpCourier,
    parcel: Make,
    limits: Limits,
    certificate: Callable[[str], ssl.SSLContext],
) -> None:
    """With the system's roots a certificate of one's own is 11237."""
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=certificate("right"))
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        problem = await failure(courier, parcel(url), limits)
    assert (problem.code, problem.phase) == (11237, "connect")
    assert "certificate" in problem.reason


async def test_tls_to_a_plain_server(
    receiver: "Receiver", courier: HttpCourier, parcel: Make, limits: Limits
) -> None:
    """A server that speaks no TLS: 11220."""
    receiver.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    problem = await failure(courier, parcel(f"https://127.0.0.1:{receiver.port}/"), limits)
    assert (problem.code, problem.phase) == (11220, "connect")
