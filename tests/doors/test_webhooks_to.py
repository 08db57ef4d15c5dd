"""`webhooks_to`: an application of the test gets the webhooks for its public address."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from flask import Flask, redirect, request
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Response

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handle import ControlError

ME, YOU = "+15017122661", "+14155552671"
PUBLIC = "https://app.example.com"
REPLY = "<Response><Message>You said {}</Message></Response>"


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox, whose number has its webhook at the public address."""
    with MockTwilio() as twilio:
        twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/sms?a=%7e1"}])
        yield twilio


def text(twilio: MockTwilio, body: str = "Hello") -> list[str]:
    """What a handset's text is answered with."""
    return [reply.body for reply in twilio.receive(from_=YOU, to=ME, body=body).replies]


def flask_app(token: str) -> Flask:
    """Believes only what Twilio signed, for the address at which it believes to be."""
    app, validator = Flask("app"), RequestValidator(token)

    @app.before_request
    def believe() -> tuple[str, int] | None:
        url = f"{request.scheme}://{request.host}{request.environ['RAW_URI']}"
        signature = request.headers["X-Twilio-Signature"]
        return None if validator.validate(url, request.form, signature) else ("forged", 403)

    @app.post("/sms")
    def sms() -> Response:
        said = REPLY.format(request.form["Body"])
        return Response(said, content_type="text/xml")

    @app.post("/moved")
    def moved() -> Any:
        return redirect("https://app.example.com/sms", 307)

    @app.route("/broken", methods=["POST"])
    def broken() -> str:
        raise KeyError("a bug")

    return app


def asgi_app(token: str) -> Any:
    """The same, as an ASGI application."""
    validator = RequestValidator(token)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        form = dict(parse_qsl((await receive())["body"].decode(), keep_blank_values=True))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
        url = f"{scope['scheme']}://{headers['host']}{scope['raw_path'].decode()}{query}"
        valid = validator.validate(url, form, headers["x-twilio-signature"])
        if scope["path"] == "/broken":
            raise KeyError("a bug")
        kind = [(b"content-type", b"text/xml")]
        await send(
            {
                "type": "http.response.start",
                "status": 200 if valid else 403,
                "headers": kind,
            }
        )
        await send({"type": "http.response.body", "body": REPLY.format(form["Body"]).encode()})

    return app


@pytest.mark.parametrize("make", [flask_app, asgi_app])
@pytest.mark.parametrize("in_process", [False, True])
def test_an_application_believes_what_it_gets(make: Callable[[str], Any], in_process: bool) -> None:
    """At `https://`, with a query, by the official validator; from a child or from a thread."""
    with MockTwilio(in_process=in_process) as twilio:
        twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/sms?a=%7e1"}])
        with twilio.webhooks_to(make(twilio.auth_token), PUBLIC) as app:
            assert text(twilio, "1 + 1 = 2, ü") == ["You said 1 + 1 = 2, ü"]
            assert (app.url, app.errors) == (PUBLIC, [])
        assert text(twilio) == []


def test_status_callbacks_come_too(twilio: MockTwilio) -> None:
    """All of them, each signed."""
    app, seen = flask_app(twilio.auth_token), []

    @app.post("/status")
    def status() -> tuple[str, int]:
        seen.append(request.form["MessageStatus"])
        return "", 204

    with twilio.webhooks_to(app, PUBLIC):
        client = twilio.client()
        for _ in range(20):
            client.messages.create(to=YOU, from_=ME, body="Hi", status_callback=f"{PUBLIC}/status")
        twilio.clock.run_until_idle()
    assert sorted(seen) == ["delivered"] * 20 + ["sent"] * 20
    assert {callback.response_status for callback in twilio.callbacks()} == {204}


def test_it_can_be_probed(twilio: MockTwilio) -> None:
    """At its public address."""
    with twilio.webhooks_to(flask_app(twilio.auth_token), PUBLIC):
        report = twilio.probe(f"{PUBLIC}/sms", "inbound", timeout=2)
    outcomes = {finding.id: finding.outcome for finding in report.findings}
    assert {outcomes[name] for name in ("valid-signature", "wrong-token")} == {"passed"}


def test_redirects_stay_in_the_application(twilio: MockTwilio) -> None:
    """To its public address, which leads back to it."""
    twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/moved"}])
    app = flask_app(twilio.auth_token)
    app.before_request_funcs.clear()  # what is signed is the address before the redirect
    with twilio.webhooks_to(app, PUBLIC):
        assert text(twilio) == ["You said Hello"]


def test_a_path_stays_whole(twilio: MockTwilio) -> None:
    """Two applications at one host, told apart by path; whichever was there first."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["PATH_INFO"].encode()]

    with (
        twilio.webhooks_to(app, f"{PUBLIC}/hooks/"),
        twilio.webhooks_to(flask_app(twilio.auth_token), PUBLIC),
    ):
        assert text(twilio) == ["You said Hello"]
        twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/hooks/x/"}])
        assert text(twilio) == ["/hooks/x/"]


async def test_an_application_on_the_loop_of_the_test() -> None:
    """It shares what the test has there, and nobody starts it, or shuts it down, but the test."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        loops.append(asyncio.get_running_loop())
        if scope["path"] == "/broken":
            raise KeyError("a bug")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    here = asyncio.get_running_loop()
    async with AsyncMockTwilio() as twilio:
        client = twilio.client()
        async with twilio.webhooks_to(app, PUBLIC, loop=here) as served:
            for path in ("/status", "/broken"):
                hook = PUBLIC + path
                await client.messages.create_async(YOU, from_=ME, body="Hi", status_callback=hook)
            await twilio.clock.run_until_idle()
        statuses = sorted(each.response_status or 0 for each in await twilio.callbacks())
    assert loops == [here] * 4
    assert statuses == [204, 204, 500, 500]
    assert [type(each) for each in served.errors] == [KeyError, KeyError]


def test_a_loop_is_for_asgi_alone(twilio: MockTwilio) -> None:
    """What is WSGI has none; what was begun is undone."""
    loop = asyncio.new_event_loop()
    with pytest.raises(TypeError, match="loop= is for ASGI"):
        twilio.webhooks_to(flask_app(twilio.auth_token), PUBLIC, loop=loop)
    loop.close()
    assert text(twilio) == []


def test_a_loop_that_is_closed_is_told(twilio: MockTwilio) -> None:
    """The mock gets 500, the test what went wrong."""
    loop = asyncio.new_event_loop()
    loop.close()
    with twilio.webhooks_to(asgi_app(twilio.auth_token), PUBLIC, loop=loop) as served:
        assert text(twilio) == []
    assert "closed" in str(served.errors[0])


@pytest.mark.parametrize("make", [flask_app, asgi_app])
def test_what_the_application_raises_is_kept(
    twilio: MockTwilio, make: Callable[[str], Any]
) -> None:
    """The mock gets 500, as from any server; the test has the exception, also afterwards."""
    app = make(twilio.auth_token)
    app.testing = True  # Flask keeps its exceptions to itself otherwise
    twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/broken"}])
    with twilio.webhooks_to(app, PUBLIC) as served:
        received = twilio.receive(from_=YOU, to=ME, body="Hi")
    assert received.webhook is not None
    assert received.webhook.response_status == 500
    [problem] = served.errors
    assert isinstance(problem, KeyError)
    assert repr(served) == "<WebhookApp at https://app.example.com, 1 errors>"


def test_without_a_block_it_ends_with_the_handle() -> None:
    """Or when it is stopped; a reset of the sandbox does not stop it."""
    twilio = MockTwilio().start()
    app = flask_app(twilio.auth_token)
    first = twilio.webhooks_to(app, PUBLIC)
    second = twilio.webhooks_to(app, "https://other.example.com")
    assert first._server is not None
    assert second._server is not None
    ports = [first._server.port, second._server.port]
    twilio.reset()
    twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/sms"}])
    assert text(twilio) == ["You said Hello"]
    first.stop()
    first.stop()
    assert text(twilio) == []
    twilio.stop()
    with MockTwilio() as other:
        for port in ports:
            hook = {"phone_number": ME, "sms_url": f"http://127.0.0.1:{port}/sms"}
            other.given(numbers=[hook])
            assert text(other) == []


def test_an_entry_that_is_gone_is_no_trouble(twilio: MockTwilio) -> None:
    """Somebody may clear the map."""
    with twilio.webhooks_to(flask_app(twilio.auth_token), PUBLIC):
        twilio._control.call("DELETE", "/webhook_map")


def test_a_running_server_can_be_named(twilio: MockTwilio, hook: Any) -> None:
    """For applications of other kinds; its address takes the place of the public one."""
    hook.answer = ("text/plain", b"From there")
    with twilio.webhooks_to(hook.url.removesuffix("/status"), PUBLIC) as app:
        assert text(twilio) == ["From there"]
        assert hook.posted.get(timeout=20)["Body"] == "Hello"
    assert app.errors == []
    assert text(twilio) == []


@pytest.mark.parametrize(
    ("app", "url", "error"),
    [
        (web.Application(), PUBLIC, TypeError),
        (None, PUBLIC, TypeError),
        (Flask("app"), "app.example.com", ValueError),
        (Flask("app"), f"{PUBLIC}?x=1", ControlError),
    ],
)
def test_what_cannot_be_done_is_refused(
    twilio: MockTwilio, app: Any, url: str, error: type[Exception]
) -> None:
    """And leaves nothing behind."""
    with pytest.raises(error):
        twilio.webhooks_to(app, url)
    assert twilio._control.call("GET", "/webhook_map") == {"webhook_map": []}
    assert twilio._place.apps == []


def test_the_kind_can_be_said(twilio: MockTwilio) -> None:
    """Where an application's parameters do not tell."""
    app = asgi_app(twilio.auth_token)
    with twilio.webhooks_to(lambda *args: app(*args), PUBLIC, asgi=True):
        assert text(twilio) == ["You said Hello"]


@pytest.mark.parametrize("make", [flask_app, asgi_app])
def test_a_frozen_clock_stops_nothing(
    twilio: MockTwilio, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], Any]
) -> None:
    """Nothing waits for time to go by, starting and stopping included."""
    with monkeypatch.context() as frozen:
        for name in ("time", "monotonic", "perf_counter"):
            frozen.setattr(time, name, lambda: 1_000_000.0)
        with twilio.webhooks_to(make(twilio.auth_token), PUBLIC):
            assert text(twilio) == ["You said Hello"]


@pytest.mark.parametrize("make", [flask_app, asgi_app])
async def test_the_twin_does_it_too(make: Callable[[str], Any]) -> None:
    """With `async with`; awaited, it stays until the handle stops."""
    async with AsyncMockTwilio() as twilio:
        await twilio.given(numbers=[{"phone_number": ME, "sms_url": f"{PUBLIC}/sms"}])
        async with twilio.webhooks_to(make(twilio.auth_token), PUBLIC) as app:
            received = await twilio.receive(from_=YOU, to=ME, body="Hello")
            assert [reply.body for reply in received.replies] == ["You said Hello"]
            assert (app.url, app.errors) == (PUBLIC, [])
        assert (await twilio.receive(from_=YOU, to=ME, body="Hello")).replies == []
        app = await twilio.webhooks_to(make(twilio.auth_token), PUBLIC)
        assert len((await twilio.receive(from_=YOU, to=ME, body="Hello")).replies) == 1


async def test_a_twin_that_was_not_entered_did_nothing() -> None:
    """It has no errors, and stopping it is no trouble."""
    app = AsyncMockTwilio().webhooks_to(Flask("app"), PUBLIC)
    await app.stop()
    assert app.errors == []
