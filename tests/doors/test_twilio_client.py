"""Twilio's own Python clients at the mock: wired, or caught unmodified."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handles.twilio_client import redirected

FROM, TO = "+15017122661", "+15558675310"


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox."""
    with MockTwilio() as twilio:
        yield twilio


@pytest.mark.parametrize(
    ("url", "rest", "host"),
    [
        (
            "https://api.twilio.com/2010-04-01/X.json?a=b",
            "/2010-04-01/X.json?a=b",
            "api.twilio.com",
        ),
        ("https://api.dublin.ie1.twilio.com/x", "/x", "api.dublin.ie1.twilio.com"),
        ("https://notify.twilio.com:443/v1/Services", "/v1/Services", "notify.twilio.com"),
        ("https://verify.twilio.com", "/", "verify.twilio.com"),
    ],
)
def test_what_is_twilios_goes_to_the_mock(url: str, rest: str, host: str) -> None:
    """With the host that it was meant for, by which the mock knows the product."""
    there = redirected("http://localhost:1", url, {"Accept": "x"})
    assert there == (f"http://localhost:1{rest}", {"Accept": "x", "Host": host})


@pytest.mark.parametrize(
    "url",
    ["http://localhost:1/x", "https://twilio.com.example.org/x", "https://example.org/.twilio.com"],
)
def test_what_is_not_twilios_is_left_alone(url: str) -> None:
    """Neither address nor headers change."""
    assert redirected("http://localhost:1", url, None) == (url, None)


def test_a_client_that_the_application_makes(twilio: MockTwilio) -> None:
    """With the HTTP client handed to it, and with an edge and a region if it likes."""
    http = twilio.http_client()
    assert isinstance(http, TwilioHttpClient)
    sid, token = twilio.account_sid, twilio.auth_token
    client = Client(sid, token, region="ie1", edge="dublin", http_client=http)
    client.messages.create(to=TO, from_=FROM, body="Hi")
    [call] = twilio.requests()
    assert call.host == "api.dublin.ie1.twilio.com"


def test_a_proxy_of_the_environment_is_not_asked(
    twilio: MockTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by our client nor by an unmodified one."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    twilio.client().messages.create(to=TO, from_=FROM, body="ours")
    with twilio.patched_environ():
        Client().messages.create(to=TO, from_=FROM, body="theirs")
    assert [each.body for each in twilio.messages()] == ["ours", "theirs"]


def test_an_unmodified_client_is_caught(twilio: MockTwilio) -> None:
    """Made inside the application, out of the environment."""
    with twilio.patched_environ() as same:
        assert same is twilio
        client = Client()
        sent = client.messages.create(to=TO, from_=FROM, body="Hi")
    assert twilio.last_message().sid == sent.sid


async def test_an_unmodified_asynchronous_client_is_caught(twilio: MockTwilio) -> None:
    """With and without a connection pool of its own."""
    with twilio.patched_environ():
        async with AsyncTwilioHttpClient() as pooled:
            await Client(http_client=pooled).messages.create_async(to=TO, from_=FROM, body="Hi")
        single = AsyncTwilioHttpClient(pool_connections=False)
        await Client(http_client=single).messages.create_async(to=TO, from_=FROM, body="Hi")
    twilio.assert_sent(to=TO, times=2)


@pytest.mark.parametrize("made", ["before", "within"])
def test_other_clients_are_caught_by_the_environment(twilio: MockTwilio, made: str) -> None:
    """Over TLS that they verify, whether their session is older than the test or not."""
    login = (twilio.account_sid, twilio.auth_token)
    url = f"https://api.twilio.com/2010-04-01/Accounts/{login[0]}/Messages.json"
    with ExitStack() as stack:
        if made == "before":
            session = stack.enter_context(requests.Session())
        stack.enter_context(twilio.patched_environ())
        if made == "within":
            session = stack.enter_context(requests.Session())
        answer = session.post(url, auth=login, data={"To": TO, "From": FROM, "Body": "Hi"})
        assert answer.status_code == 201
        assert answer.json()["sid"] == twilio.last_message().sid
        standing = [name for name in os.environ if name in twilio.environ]
    assert set(standing) == set(twilio.environ)


def test_programs_of_other_languages_are_caught_by_it(twilio: MockTwilio) -> None:
    """Those that a test starts, with `environ` or within the patch; here it is curl."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    command = [curl, "-sS", "-u", f"{twilio.account_sid}:{twilio.auth_token}"]
    command.append("https://api.twilio.com/2010-04-01/Accounts.json")
    outside = subprocess.run(
        command, env={**os.environ, **twilio.environ}, capture_output=True, check=True, timeout=60
    )
    with twilio.patched_environ():
        inside = subprocess.run(command, capture_output=True, check=True, timeout=60)
    for done in (outside, inside):
        assert json.loads(done.stdout)["accounts"][0]["sid"] == twilio.account_sid


def test_what_a_test_in_process_set_before_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy of before is the way to other hosts; here it says that it was asked."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(418, "a proxy")

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "internal.example")
        with MockTwilio(in_process=True) as twilio, twilio.patched_environ():
            assert os.environ["HTTPS_PROXY"] == twilio.base_url
            assert os.environ["NO_PROXY"].startswith("internal.example,")
            with pytest.raises(requests.exceptions.ProxyError, match="a proxy"):
                requests.get("https://example.com/", timeout=20)
        server.shutdown()
        thread.join()
    assert asked == ["example.com:443"]


def test_patching_is_undone_exactly(twilio: MockTwilio) -> None:
    """Environment and clients are as before, also when the block fails."""
    before = dict(os.environ), TwilioHttpClient.request, AsyncTwilioHttpClient.request
    patch = twilio.patched_environ()
    patch.__enter__()
    assert os.environ["TWILIO_ACCOUNT_SID"] == twilio.account_sid
    assert TwilioHttpClient.request is not before[1]
    assert not patch.__exit__(KeyError, KeyError(), None)
    assert (dict(os.environ), TwilioHttpClient.request, AsyncTwilioHttpClient.request) == before


def test_patches_nest(twilio: MockTwilio) -> None:
    """The inner one wins while it lasts."""
    with MockTwilio() as inner, twilio.patched_environ():
        with inner.patched_environ():
            Client().messages.create(to=TO, from_=FROM, body="inner")
        Client().messages.create(to=TO, from_=FROM, body="outer")
        inner.assert_sent(times=1, body="inner")
    twilio.assert_sent(times=1, body="outer")


def test_asynchronous_clients_belong_to_no_loop(twilio: MockTwilio) -> None:
    """One client works in one event loop after another, and many calls at once."""
    client = AsyncMockTwilio.beside(twilio).client()

    async def send(count: int) -> None:
        made = (client.messages.create_async(to=TO, from_=FROM, body="Hi") for _ in range(count))
        await asyncio.gather(*made)

    asyncio.run(send(3))
    asyncio.run(send(2))
    twilio.assert_sent(times=5)


def test_without_the_library(twilio: MockTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is named where a client is asked for; the environment is patched all the same."""
    for name in ("twilio.http.http_client", "twilio.http.async_http_client", "twilio.rest"):
        monkeypatch.setitem(sys.modules, name, None)
    for ask in (twilio.client, twilio.http_client, AsyncMockTwilio.beside(twilio).client):
        with pytest.raises(ImportError, match="pip install twilio"):
            ask()
    with twilio.patched_environ():
        assert os.environ["TWILIO_AUTH_TOKEN"] == twilio.auth_token
