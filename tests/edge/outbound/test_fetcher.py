"""How media is fetched: HEAD and GET on the wire, redirects, sizes, and whom one does not ask."""

import socket
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Fetched, Limits, Outlying, Unreachable

if TYPE_CHECKING:
    from tests.edge.outbound.conftest import Receiver

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n"
NO_HEAD = b"HTTP/1.1 204 No Content\r\n\r\n"
MOST = 100


async def failure(courier: HttpCourier, url: str, limits: Limits) -> Unreachable:
    with pytest.raises(Unreachable) as told:
        await courier.fetch(url, limits, MOST)
    return told.value


def lines(receiver: "Receiver") -> list[str]:
    """The request line of each request."""
    return [request.partition(b" HTTP/")[0].decode() for request in receiver.requests]


async def test_head_then_get(receiver: "Receiver", courier: HttpCourier, limits: Limits) -> None:
    """With these headers and no other; what came is told as it was sent."""
    kind, name = "Content-Type: Image/PNG; x=1", 'Content-Disposition: inline; filename="c.png"'
    receiver.answers = [HEAD % 3, receiver.answer("200 OK", kind, name, body=b"cat")]
    found = await courier.fetch(f"{receiver.url}/cat.png?x=%7e#y", limits, MOST)
    assert receiver.requests == [
        b"%b /cat.png?x=%%7e HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"User-Agent: TwilioProxy/1.1\r\n"
        b"Accept: */*\r\n"
        b"Connection: keep-alive\r\n"
        b"\r\n" % (method, receiver.port)
        for method in (b"HEAD", b"GET")
    ]
    assert found == Fetched(200, "Image/PNG; x=1", 'inline; filename="c.png"', b"cat")


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 7000\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
        b"what?\r\n\r\n",
        b"",
    ],
)
async def test_a_head_that_fails_is_no_failure(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, said: bytes
) -> None:
    """Many servers do not know it; the GET decides."""
    receiver.answers = [said, receiver.answer("200 OK", body=b"cat")]
    found = await courier.fetch(receiver.url, limits, MOST)
    assert (found.status, found.body, found.content_type) == (200, b"cat", "")


async def test_a_head_that_hangs(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """The GET is asked with what is left of the time."""
    receiver.hanging = True
    problem = await failure(courier, receiver.url, Limits(connect=30, read=0.05, total=30))
    assert (problem.code, problem.phase) == (11200, "read")
    assert receiver.connections == 2
    assert limits.total == 30


@pytest.mark.parametrize(("length", "asked"), [(MOST, 2), (MOST + 1, 1)])
async def test_a_head_that_says_too_much_saves_the_get(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, length: int, asked: int
) -> None:
    """Only where the file is larger than is wanted."""
    receiver.answers = [HEAD % length, receiver.answer("200 OK", body=b"x" * MOST)]
    found = await courier.fetch(receiver.url, limits, MOST)
    assert (found.over, len(receiver.requests)) == (asked == 1, asked)


@pytest.mark.parametrize(("size", "over"), [(MOST, False), (MOST + 1, True), (900_000, True)])
async def test_no_more_is_read_than_is_wanted(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, size: int, over: bool
) -> None:
    """Whatever HEAD said."""
    receiver.answers = [NO_HEAD, receiver.answer("200 OK", body=b"x" * size)]
    found = await courier.fetch(receiver.url, limits, MOST)
    assert (found.over, found.body) == (over, b"x" * MOST)


@pytest.mark.parametrize(
    "status", ["404 Not Found", "500 Oops", "304 Not Modified", "308 Permanent Redirect"]
)
async def test_other_answers_are_told(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, status: str
) -> None:
    """They are judged elsewhere."""
    receiver.answers = [NO_HEAD, receiver.answer(status)]
    assert (await courier.fetch(receiver.url, limits, MOST)).status == int(status[:3])


async def test_nobody_there(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, unused_tcp_port: int
) -> None:
    """As with callbacks."""
    problem = await failure(courier, f"http://127.0.0.1:{unused_tcp_port}/", limits)
    assert (problem.code, type(problem)) == (11202, Unreachable)


@pytest.mark.parametrize("url", ["ftp://h/", "http://a b/", "http://my_host/"])
async def test_what_cannot_be_asked(courier: HttpCourier, limits: Limits, url: str) -> None:
    """No URL of this kind, or no host that Twilio calls."""
    problem = await failure(courier, url, limits)
    assert (problem.phase, type(problem)) == ("refused", Unreachable)


async def test_the_webhook_map_counts(receiver: "Receiver", limits: Limits) -> None:
    """What is said to be on the internet may lie next door."""
    courier = HttpCourier(webhook_map=[("https://cdn.example.com/a", receiver.url)])
    receiver.answers = [NO_HEAD, receiver.answer("200 OK", body=b"cat")]
    found = await courier.fetch("https://cdn.example.com/a/cat.png", limits, MOST)
    await courier.close()
    assert found.body == b"cat"
    assert lines(receiver) == ["HEAD /cat.png", "GET /cat.png"]


async def test_after_the_end(receiver: "Receiver", limits: Limits) -> None:
    """Nothing is asked."""
    courier = HttpCourier()
    receiver.answers = [NO_HEAD, receiver.answer("200 OK", body=b"cat")]
    await courier.fetch(receiver.url, limits, MOST)
    await courier.close()
    assert (await failure(courier, receiver.url, limits)).phase == "refused"
    assert len(receiver.requests) == 2


# -- redirects and logins --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307])
async def test_redirects_are_followed(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, status: int
) -> None:
    """HEAD stays HEAD; GET begins where HEAD began."""
    hop = receiver.answer(f"{status} There", "Location: /b")
    receiver.answers = [hop, HEAD % 3, hop, receiver.answer("200 OK", body=b"cat")]
    found = await courier.fetch(f"{receiver.url}/a", limits, MOST)
    assert lines(receiver) == ["HEAD /a", "HEAD /b", "GET /a", "GET /b"]
    assert found.body == b"cat"


async def test_a_redirect_loop(receiver: "Receiver", courier: HttpCourier, limits: Limits) -> None:
    """Ten are followed, the eleventh is too many."""
    receiver.answers = [NO_HEAD, *[receiver.answer("302 Found", "Location: /a")] * 11]
    problem = await failure(courier, receiver.url, limits)
    assert (problem.code, len(receiver.requests)) == (11215, 12)
    assert "more than 10 redirects" in problem.reason


async def test_a_redirect_to_nowhere(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """It must name a URL."""
    receiver.answers = [NO_HEAD, receiver.answer("302 Found", "Location: http://[")]
    assert (await failure(courier, receiver.url, limits)).code == 11216


async def test_a_login_in_the_url(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """It becomes Basic authorization, for the origin that it was meant for."""
    receiver.answers = [
        NO_HEAD,
        receiver.answer("302 Found", "Location: /b"),
        receiver.answer("302 Found", f"Location: http://localhost:{receiver.port}/c"),
        receiver.answer("200 OK", body=b"cat"),
    ]
    await courier.fetch(f"http://ann:p%40w@127.0.0.1:{receiver.port}/a", limits, MOST)
    sent = [dict(receiver.headers_of(each)).get("Authorization") for each in receiver.requests]
    assert sent == [f"Basic {b64encode(b'ann:p@w').decode()}"] * 3 + [None]


# -- the internet ----------------------------------------------------------------------------------

OUTSIDE = [
    ("http://203.0.113.9/cat.png", "203.0.113.9"),
    ("http://[2001:4860:4860::8888]/", "2001:4860:4860::8888"),
    ("https://images.example.com/cat.png", "images.example.com"),
]


@pytest.mark.parametrize(("url", "host"), OUTSIDE)
async def test_files_on_the_internet(
    courier: HttpCourier, limits: Limits, url: str, host: str
) -> None:
    """Are told apart from those that fail, network or not."""
    problem = await failure(courier, url, limits)
    assert isinstance(problem, Outlying)
    assert (problem.host, problem.code, problem.phase) == (host, 11200, "refused")


@pytest.mark.parametrize("url", [url for url, _ in OUTSIDE])
async def test_a_redirect_into_the_internet(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, url: str
) -> None:
    """Is one of them, too."""
    receiver.answers = [NO_HEAD, receiver.answer("302 Found", f"Location: {url}")]
    assert isinstance(await failure(courier, receiver.url, limits), Outlying)


async def test_a_sandboxs_own_map_counts(
    receiver: "Receiver", courier: HttpCourier, limits: Limits
) -> None:
    """Handed over with the call, for redirects, too."""
    routes = (("https://cdn.example.com", receiver.url),)
    hop = receiver.answer("302 Found", "Location: https://cdn.example.com/b.png")
    receiver.answers = [hop, NO_HEAD, hop, receiver.answer("200 OK", body=b"cat")]
    found = await courier.fetch("https://cdn.example.com/a.png", limits, MOST, routes)
    assert found.body == b"cat"
    assert lines(receiver) == ["HEAD /a.png", "HEAD /b.png", "GET /a.png", "GET /b.png"]
    assert isinstance(await failure(courier, "https://cdn.example.com/a.png", limits), Outlying)


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "[fe80::1]"])
async def test_a_redirect_to_what_is_never_called(
    receiver: "Receiver", courier: HttpCourier, limits: Limits, address: str
) -> None:
    """Fails as it would without the redirect."""
    receiver.answers = [NO_HEAD, receiver.answer("302 Found", f"Location: http://{address}/")]
    problem = await failure(courier, receiver.url, limits)
    assert (type(problem), problem.phase) == (Unreachable, "refused")
    assert "never called" in problem.reason


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "[fe80::1]"])
async def test_what_is_never_called_fails(
    courier: HttpCourier, limits: Limits, address: str
) -> None:
    """No setting would help."""
    problem = await failure(courier, f"http://{address}/cat.png", limits)
    assert (type(problem), problem.code) == (Unreachable, 11200)
    assert "never called" in problem.reason


async def test_a_host_that_was_allowed_is_meant(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it cannot be found is a failure then."""

    def nobody_knows(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_knows)
    courier = HttpCourier(allow=["images.example.com"])
    problem = await failure(courier, "http://images.example.com/", limits)
    other = await failure(courier, "http://other.example.com/", limits)
    await courier.close()
    assert (type(problem), problem.code, type(other)) == (Unreachable, 11210, Outlying)


@pytest.mark.parametrize("host", ["nowhere.invalid", "nowhere"])
async def test_a_name_that_is_none_on_the_internet(
    courier: HttpCourier, limits: Limits, host: str
) -> None:
    """Fails when nobody knows it."""
    problem = await failure(courier, f"http://{host}/", limits)
    assert type(problem) is Unreachable
    assert problem.code == 11210
