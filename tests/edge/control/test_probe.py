"""`POST /_mock/probe`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_TOKEN


class Application:
    """Validates with a token and answers 204; keeps the accounts that wrote."""

    def __init__(self) -> None:
        self.url, self.token = "", DEFAULT_TOKEN
        self.accounts: set[str] = set()

    async def answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        url = f"http://{request.host}{request.raw_path}"
        given = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(self.token).validate(url, form, given):
            return web.Response(status=403)
        self.accounts |= {str(form["AccountSid"])} if form else set()
        return web.Response(status=204)


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    app, routes = Application(), web.Application()
    routes.router.add_post("/hook", app.answer)
    async with TestServer(routes) as server:
        app.url = f"http://127.0.0.1:{server.port}/hook"
        yield app


async def test_a_correct_application_passes(desk: Any, app: Application) -> None:
    """As the sandbox's own account, with its token; both kinds."""
    report = await desk.post("/probe", {"url": app.url})
    assert report["ok"]
    assert (report["url"], report["kinds"]) == (app.url, ["status", "inbound"])
    assert report["counts"]["failed"] == 0
    assert app.accounts == {desk.sid}


async def test_a_sandbox_probes_as_its_own_account(desk: Any, app: Application) -> None:
    """And its journal does not show the probes: its messages did not make them."""
    other = await desk.in_sandbox(account={"auth_token": "f" * 32})
    app.token = "f" * 32
    report = await other.post("/probe", {"url": app.url, "kind": "status"})
    assert (report["ok"], report["kinds"]) == (True, ["status"])
    assert app.accounts == {other.sid}
    assert (await other.get("/callbacks"))["total"] == 0


async def test_another_account_and_token_may_be_named(desk: Any, app: Application) -> None:
    """For an application that knows only its own."""
    app.token, sid = "e" * 32, f"AC{'e' * 32}"
    order = {"url": app.url, "kind": "inbound", "auth_token": app.token, "account_sid": sid}
    assert (await desk.post("/probe", order))["ok"]
    assert app.accounts == {sid}


async def test_a_defect_fails(desk: Any, app: Application) -> None:
    """The report says so; the call itself succeeds."""
    app.token = "another"
    report = await desk.post("/probe", {"url": app.url, "timeout": 5})
    failed = {each["id"] for each in report["findings"] if each["outcome"] == "failed"}
    assert (report["ok"], failed) == (False, {"valid-signature"})


async def test_the_policy_for_webhooks_holds(opened: Any, app: Application) -> None:
    """Addresses on the internet are called when the server's settings allow it, mapped or not."""
    desk = await opened()
    report = await desk.post("/probe", {"url": "http://203.0.113.9/hook"})
    assert "--webhook-allow" in report["findings"][0]["said"]
    mapped = await opened(webhook_map=(("http://203.0.113.9", app.url.removesuffix("/hook")),))
    report = await mapped.post("/probe", {"url": "http://203.0.113.9/hook"})
    assert report["ok"]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"url": ""},
        {"url": "http://h/", "kind": "voice"},
        {"url": "http://h/", "timeout": 0},
        {"url": "http://h/", "timeout": 61},
        {"url": "http://h/", "account_sid": "AC1"},
        {"url": "http://h/", "token": "x"},
    ],
)
async def test_a_wrong_order_is_refused(desk: Any, order: dict[str, Any]) -> None:
    """Nothing is sent."""
    said = await desk.ask("POST", "/probe", order)
    assert (said.status, said.type) == (400, "bad_body")
