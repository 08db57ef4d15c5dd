"""Whom the server listens to: the names it goes by, and the pages that may write."""

import json
import logging
import string
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.edge.http.guard import LONGEST, REMEMBERED, SUFFIXES, Guard
from mockserver.world.scenarios.checking import schema

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

MESSAGES = f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json"
EVIL = "evil.example:2010"


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authority",
    [
        *("127.0.0.1", "127.0.0.1:2010", "10.1.2.3", "203.0.113.9:80", "127.0.0.1."),
        *("[::1]", "[::1]:2010", "[2001:DB8::1]:1", "[::ffff:127.0.0.1]", "[fe80::1%eth0]:2010"),
        *("localhost", "LocalHost:2010", "localhost.", "localhost.:2010", "localhost:"),
        *("mock", "mock:2010", "my_mock-1", "2130706433"),
        *("a.localhost", "a.b.LOCALHOST.", "printer.local", "mock.internal:1", "my-app.test."),
        *("mock.team.svc.cluster.local", "host.docker.internal", ""),
    ],
)
def test_names_that_no_stranger_can_have(authority: str) -> None:
    """Addresses, this machine, names without a dot, and those below what no registry gives away."""
    assert Guard().knows(authority)


@pytest.mark.parametrize(
    "authority",
    [
        *("evil.example", "EVIL.example:2010", "localhost.evil.example", "127.0.0.1.evil.example"),
        *("evillocalhost.example", "xn--lcalhost-54a.com", "notlocal.alocal.com", "com."),
        *(".local", ".localhost", "a..local", "-a.local", "a-.test", "a_.test.example"),
        *("user@localhost", "evil.example@localhost", "localhost@evil.example", "localhost#evil"),
        *("127.1", "127.0.0.01", "0x7f.0.0.1", "256.1.1.1", "[::1", "::1", "[::1]evil.example"),
        *("[evil.example]", "[::1%]", "[::g]", "localhost:80:80", "localhost:http", ":2010", "."),
        *("localhost evil", "localhost\t", "l\u00f6cal.test", "\udcff.test", "a" * 64 + ".test"),
        *("a." * 127 + "test", "x" * 5000, "localhost/../evil", "localhost?.test", "*.test"),
    ],
)
def test_names_that_may_be_a_strangers(authority: str) -> None:
    """Anybody can register them, or they are no names at all."""
    assert not Guard().knows(authority)


@pytest.mark.parametrize(
    ("allowed", "named", "known"),
    [
        ("mock.example", "mock.example", True),
        ("Mock.Example.", "MOCK.example.:2010", True),
        ("mock.example", "a.mock.example", False),
        ("mock.example", "mock.example.evil", False),
        ("*.mock.example", "a.mock.example:1", True),
        ("*.mock.example", "a.b.mock.example", True),
        ("*.mock.example", "mock.example", False),
        ("*.mock.example", "evilmock.example", False),
    ],
)
def test_further_names_are_allowed(allowed: str, named: str, *, known: bool) -> None:
    """The very name, or with `*.` whatever is below it."""
    assert Guard(["other.example", allowed]).knows(named) is known


@given(some.text(max_size=80) | some.text(string.ascii_lowercase + "01.:[]%@", max_size=20))
def test_any_text_has_one_verdict(authority: str) -> None:
    """Asked again it is the same, and a name that is known ends as the rules say."""
    guard = Guard()
    verdict = guard.knows(authority)
    assert guard.knows(authority) is verdict
    host = authority.rpartition(":")[0] if authority[-1:].isdecimal() else authority
    name = (host if ":" in authority and host else authority).lower().rstrip(".:")
    literal = name.replace(".", "").isdecimal() or "[" in name or ":" in name
    if verdict and not literal and "." in name:
        assert name.endswith(SUFFIXES)


def test_what_is_remembered_has_a_bound() -> None:
    """A client may say any name, and as many as it likes."""
    guard = Guard()
    for number in range(REMEMBERED + 1):
        guard.knows(f"a{number}.example")
        guard.knows(f"{'x' * LONGEST}{number}")
        assert len(guard._known) <= REMEMBERED
    assert guard._known == {f"a{REMEMBERED}.example": False}


# -- the control API -------------------------------------------------------------------------------


async def asked(api: "Caller", method: str, path: str, **headers: str | None) -> "Answer":
    """One call without credentials; `Host_2=` is a second `Host`."""
    api.auth = None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.call(method, path, b"{}" if method in ("POST", "PUT") else None, named)


def refused(answer: "Answer", status: int, kind: str) -> str:
    """Fail unless it refuses so, in the control API's form; what it says."""
    assert (answer.status, answer.json["error"]["type"]) == (status, kind)
    jsonschema.validate(answer.json, schema("control/Error"))
    assert answer.header("Access-Control-Allow-Origin") is None
    return str(answer.json["error"]["message"])


@pytest.mark.parametrize("path", ["/_mock", "/_mock/messages", "/_mock/snapshot", "/_mock/nowhere"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
async def test_a_strangers_name_is_refused(api: "Caller", method: str, path: str) -> None:
    """421, whatever is asked, and nothing happens; the text has the flag that would help."""
    answer = await asked(api, method, path, Host=EVIL)
    assert answer.status == 421
    if method != "HEAD":
        said = refused(answer, 421, "unknown_host")
        assert "start it with --allow-host evil.example" in said


async def test_who_was_refused_is_in_the_log(
    api: "Caller", caplog: pytest.LogCaptureFixture
) -> None:
    """On one line, whatever the name is."""
    with caplog.at_level(logging.WARNING, "mockserver"):
        answer = await asked(api, "GET", "/_mock/health", Host="\xff" + "x" * 500 + ".example")
    said = refused(answer, 421, "unknown_host")
    assert "--allow-host NAME, its name" in said
    assert caplog.messages == [said]
    assert len(said) < 300


async def test_the_name_that_was_allowed_is_well(serve: "Serve") -> None:
    """As `--allow-host` has it."""
    api = await serve(allow_host=("mock.example", "*.team.example"))
    for host in ("mock.example", "A.Team.Example:2010"):
        assert (await asked(api, "GET", "/_mock/health", Host=host)).status == 200
    assert (await asked(api, "GET", "/_mock/health", Host="team.example")).status == 421


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET /_mock/health HTTP/1.0", "", 200),
        ("GET /_mock/health HTTP/1.0", f"Host: {EVIL}\r\n", 421),
        ("GET http://localhost/_mock/health HTTP/1.0", "", 403),
        (f"GET http://{EVIL}/_mock/health HTTP/1.1", "Host: localhost\r\n", 403),
        ("GET http://u:p@localhost/_mock/health HTTP/1.1", "Host: localhost\r\n", 400),
        ("GET ftp://localhost/_mock/health HTTP/1.1", "Host: localhost\r\n", 404),
        ("GET /_mock/health HTTP/1.1", f"Host: localhost\r\nHost: {EVIL}\r\n", 400),
        ("GET /_mock/health HTTP/1.1", "Host: localhost\r\nHost: localhost\r\n", 400),
        ("GET /_mock/health HTTP/1.1", "Host: u:p@localhost\r\n", 421),
        ("GET /_mock/health HTTP/1.1", "Host:\r\n", 200),
    ],
)
async def test_odd_ways_to_name_a_host(api: "Caller", line: str, headers: str, status: int) -> None:
    """None, two, with a login; and through the proxy, whose other hosts are refused."""
    connection = await api.line()
    await connection.send(f"{line}\r\n{headers}\r\n".encode())
    assert (await connection.answer()).status == status


@pytest.mark.parametrize(
    ("authority", "host", "status"),
    [
        ("localhost:{port}", EVIL, 200),
        ("127.0.0.1:{port}", "localhost", 200),
        ("rebound.example:{port}", "localhost", 421),
    ],
)
async def test_the_authority_of_a_whole_url_wins(
    api: "Caller", monkeypatch: pytest.MonkeyPatch, authority: str, host: str, status: int
) -> None:
    """RFC 9112, 3.2.2: `Host` counts for nothing beside it."""
    import asyncio

    async def look_up(_: str, port: int, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    loop = asyncio.get_running_loop()
    line = await api.line()
    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    url = f"http://{authority.format(port=api.server.port)}/_mock/health"
    await line.send(f"GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert (await line.answer()).status == status


# -- pages that write ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "localhost:2010"),
        ("http://localhost:2010", "localhost:2010"),
        ("HTTPS://LocalHost:3000", "mock:2010"),
        ("http://127.0.0.1", "localhost"),
        ("http://[::1]:8080", "10.0.0.7:2010"),
        ("http://app.localhost:3000", "localhost:2010"),
        ("http://mock.internal:9", "mock.internal:2010"),
        ("http://mock.internal.", "MOCK.internal"),
        ("http://10.0.0.7:2010", "10.0.0.7:2010"),
        ("http://mock.example", "mock.example:2010"),
    ],
)
async def test_pages_that_may_write(serve: "Serve", origin: str | None, host: str) -> None:
    """None at all, this machine's, and those of the very host."""
    api = await serve(allow_host=("mock.example",))
    answer = await asked(api, "POST", "/_mock/reset", Host=host, Origin=origin)
    assert answer.status == 204
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "https://evil.example", "http://evil.example:2010", "http://other.internal"),
        *("http://mock", "http://10.0.0.8", "file://", "chrome-extension://abc", "localhost"),
        *("http://localhost@evil.example", "http://evil.example@localhost", "http://localhost/"),
        *("http://localhost http://evil.example", "http://localhost.evil.example", "http://"),
        *("ws://localhost", "http://api.twilio.com", "http://localhost?", "http://localhost#"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PURGE"])
async def test_pages_that_may_not(api: "Caller", method: str, origin: str) -> None:
    """403 with what was sent, before anything is looked at; reading is the browser's affair."""
    answer = await asked(api, method, "/_mock/reset", Host="localhost", Origin=origin)
    assert f"a page of {origin!r} may not {method}" in refused(answer, 403, "foreign_origin")
    for safe in ("GET", "OPTIONS"):
        answer = await asked(api, safe, "/_mock/health", Host="localhost", Origin=origin)
        assert answer.status < 300
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


async def test_two_origins_are_none(api: "Caller") -> None:
    """Browsers send one."""
    line = await api.line()
    await line.send(
        b"POST /_mock/reset HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        b"Origin: http://localhost\r\nContent-Length: 0\r\n\r\n"
    )
    refused(await line.answer(), 403, "foreign_origin")


async def test_a_refused_write_writes_nothing(api: "Caller") -> None:
    """The messages are still there."""
    await api.create()
    for host, origin in ((EVIL, None), ("localhost", "null")):
        await asked(api, "POST", "/_mock/reset", Host=host, Origin=origin)
    assert (await asked(api, "GET", "/_mock/messages", Host="localhost")).json["total"] == 1


# -- Twilio's API ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign", [("Accept-Language", "*"), ("Origin", "http://x.test"), ("Sec-Fetch-Site", "none")]
)
@pytest.mark.parametrize("path", [MESSAGES, f"/api{MESSAGES}", "/twiliocdn/x", "/", "/v1"])
async def test_a_page_does_not_read_the_api_by_a_strangers_name(
    api: "Caller", path: str, sign: tuple[str, str]
) -> None:
    """The default account's token is no secret; no journal has it, for it is nobody's call."""
    answer = await api.call("GET", path, headers={"Host": EVIL, sign[0]: sign[1]})
    refused(answer, 421, "unknown_host")
    assert api.journal == []


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        (EVIL, {}),
        ("mock.corp.example", {"User-Agent": "twilio-python/9.0.0"}),
        ("localhost:2010", {"Accept-Language": "de", "Origin": "http://app.test"}),
        ("api.twilio.com", {"Accept-Language": "de", "Origin": "https://app.example"}),
        ("api.dublin.ie1.twilio.com:443", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
async def test_programs_come_by_any_name(
    api: "Caller", host: str, headers: dict[str, str | None]
) -> None:
    """And browsers by the server's own, or Twilio's through the proxy."""
    assert (await api.call("GET", MESSAGES, headers={"Host": host, **headers})).status == 200


async def test_what_is_twilios_and_not_served_is_still_404(api: "Caller") -> None:
    """Also where a browser asks."""
    answer = await api.call("GET", "/", headers={"Host": "twilio.com:80", "Accept-Language": "*"})
    assert (answer.status, answer.code) == (404, 20404)


# -- whatever comes --------------------------------------------------------------------------------

BYTES = some.binary(max_size=60).filter(lambda each: not set(each) & set(b"\r\n\0"))
HOSTS = BYTES | some.sampled_from(
    [b"localhost", b"[::1]:1", b"evil.example", b"a.local.", b"api.twilio.com", b"[", b"@", b":"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    target=some.sampled_from([b"/_mock/health", b"/_mock/reset", MESSAGES.encode(), b"*"])
    | some.builds(lambda host: b"http://" + host.replace(b" ", b"") + b"/_mock/health", HOSTS),
    method=some.sampled_from([b"GET", b"POST", b"OPTIONS"]),
    hosts=some.lists(HOSTS, max_size=2),
    origins=some.lists(HOSTS.map(lambda host: b"http://" + host) | BYTES, max_size=2),
    version=some.sampled_from([b"1.0", b"1.1"]),
)
async def test_no_request_breaks_it(
    api: "Caller",
    target: bytes,
    method: bytes,
    hosts: list[bytes],
    origins: list[bytes],
    version: bytes,
) -> None:
    """Whatever names and origins are sent, the answer is none of 500, and the server lives on."""
    fields = [b"Host: " + each for each in hosts] + [b"Origin: " + each for each in origins]
    head = [b"%b %b HTTP/%b" % (method, target, version), *fields, b"Content-Length: 0", b"", b""]
    line = await api.line()
    await line.send(b"\r\n".join(head))
    answer = await line.answer()
    assert answer.status < 500, answer
    if answer.status == 421:
        json.loads(answer.body)
    line.writer.close()
