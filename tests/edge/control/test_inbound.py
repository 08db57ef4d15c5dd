"""`POST /_mock/inbound` against a real application."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_TOKEN

HANDSET, NUMBER = "+14155552671", "+15017122661"
TEXT = {"from": HANDSET, "to": NUMBER, "body": "Ahoy & ü"}


@dataclass
class Application:
    """Answers with TwiML what it is texted, and keeps how it was asked."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    """URL, form, and signature of each request."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        self.asked.append((str(request.url), form, signature))
        await self.gate.wait()
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    def says(self, inside: str) -> None:
        document = f"<Response>{inside}</Response>"
        self.answers.append(web.Response(text=document, content_type="text/xml"))


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    app, routes = Application(), web.Application()
    app.gate.set()
    routes.router.add_route("*", "/{path:.*}", app.answer)
    async with TestServer(routes) as server:
        app.url = f"http://127.0.0.1:{server.port}/sms?a=1"
        yield app


async def seed(desk: Any, app: Application, **number: str) -> None:
    row = {"phone_number": NUMBER, "sms_url": app.url, **number}
    await desk.post("/seed", {"numbers": [row]})


async def test_a_text_and_its_reply(desk: Any, app: Application) -> None:
    """201 with the message, the attempt and the replies, once everything has happened."""
    await seed(desk, app)
    app.says("<Message>Aye</Message>")
    said = await desk.ask("POST", "/inbound", TEXT)
    assert said.status == 201
    assert (said["message"]["direction"], said["message"]["status"]) == ("inbound", "received")
    assert said["message"]["callbacks"] == [said["webhook"]]
    assert (said["webhook"]["kind"], said["webhook"]["response_status"]) == ("inbound", 200)
    (reply,) = said["replies"]
    assert (reply["body"], reply["direction"], reply["status"]) == (
        "Aye",
        "outbound-reply",
        "delivered",
    )
    assert said["warnings"] == []
    assert (await desk.get("/messages", origin="reply"))["messages"] == [reply]
    assert (await desk.get("/callbacks", kind="inbound"))["callbacks"] == [said["webhook"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_official_validator_is_content(desk: Any, app: Application, method: str) -> None:
    """With the URL as the application sees it, and the form where there is one."""
    await seed(desk, app, sms_method=method)
    await desk.post("/inbound", TEXT)
    ((url, form, signature),) = app.asked
    assert RequestValidator(DEFAULT_TOKEN).validate(url, form, signature)
    assert not RequestValidator("another").validate(url, form, signature)
    assert bool(form) == (method == "POST")
    assert form.get("Body", TEXT["body"]) == TEXT["body"]


async def test_twilios_own_api_shows_both(desk: Any, app: Application) -> None:
    """The inbound message and its reply are in the account's list, and can be fetched."""
    await seed(desk, app)
    app.says("<Message>Aye</Message>")
    sid = (await desk.post("/inbound", TEXT))["message"]["sid"]
    _, listed = await desk.rest("GET", "/Messages.json")
    directions = [message["direction"] for message in listed["messages"]]
    assert directions == ["outbound-reply", "inbound"]
    status, fetched = await desk.rest("GET", f"/Messages/{sid}.json")
    assert (status, fetched["status"], fetched["body"]) == (200, "received", TEXT["body"])
    assert fetched["date_sent"] == fetched["date_created"]
    assert (fetched["from"], fetched["to"], fetched["num_media"]) == (HANDSET, NUMBER, "0")


async def test_time_need_not_pass(still: Any, app: Application) -> None:
    """On the manual clock the webhook is called at once; its replies wait for `advance`."""
    await seed(still, app)
    app.says(f'<Message action="{app.url}">Aye</Message>')
    said = await still.post("/inbound", TEXT)
    assert said["replies"][0]["status"] == "queued"
    await still.post("/clock/advance", {"seconds": 1})
    assert [form["SmsStatus"] for _, form, _ in app.asked] == ["received", "sent", "delivered"]


async def test_the_application_may_delete_the_message(desk: Any, app: Application) -> None:
    """As some do for privacy, while they answer; then there is no message to show."""
    await seed(desk, app)
    app.gate.clear()
    talk = asyncio.create_task(desk.post("/inbound", TEXT))
    waited = await desk.post("/messages/wait", {"direction": "inbound"})
    sid = waited["messages"][0]["sid"]
    assert (await desk.rest("DELETE", f"/Messages/{sid}.json"))[0] == 204
    app.gate.set()
    said = await talk
    assert (said["message"], said["webhook"]["message_sid"]) == (None, sid)


async def test_a_reset_meanwhile(desk: Any, app: Application) -> None:
    """Whoever waits for the answer is told that the sandbox began again."""
    await seed(desk, app)
    app.gate.clear()
    talk = asyncio.create_task(desk.ask("POST", "/inbound", TEXT))
    await desk.post("/messages/wait", {"direction": "inbound"})
    await desk.post("/reset")
    assert ((await talk).status, (await talk).type) == (409, "sandbox_gone")
    app.gate.set()


async def test_nobody_answers(desk: Any, app: Application) -> None:
    """The retry follows at once; the last attempt and the reason are in the answer."""
    await desk.post(
        "/seed", {"numbers": [{"phone_number": NUMBER, "sms_url": "http://127.0.0.1:1"}]}
    )
    said = await desk.post("/inbound", TEXT)
    assert (said["webhook"]["attempt"], said["webhook"]["response_status"]) == (2, None)
    assert said["webhook"]["error"] in said["warnings"][0]
    assert [alert["error_code"] for alert in (await desk.get("/alerts"))["alerts"]]


async def test_no_number_is_set_up(desk: Any) -> None:
    """There is nobody to call: the message is kept, and a warning says how to set it up."""
    said = await desk.post("/inbound", TEXT)
    assert (said["webhook"], said["replies"]) == (None, [])
    assert f"{NUMBER} is not set up" in said["warnings"][0]


async def test_a_sandbox_of_its_own(desk: Any, app: Application) -> None:
    """Each has its numbers; the account is the sandbox's."""
    other = await desk.in_sandbox()
    await seed(other, app)
    said = await other.post("/inbound", TEXT)
    assert said["message"]["account_sid"] == other.sid
    assert (await desk.post("/inbound", TEXT))["webhook"] is None


async def test_a_channel_is_put_before_the_numbers(desk: Any, app: Application) -> None:
    """Where they do not name it themselves."""
    await seed(desk, app, phone_number=f"whatsapp:{NUMBER}")
    said = await desk.post("/inbound", {**TEXT, "channel": "whatsapp"})
    assert (said["message"]["from"], said["message"]["channel"]) == (
        f"whatsapp:{HANDSET}",
        "whatsapp",
    )
    assert app.asked[0][1]["WaId"] == HANDSET[1:]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"from": "me"}, "from: not an address"),
        ({"to": "+1"}, "to: not an address"),
        ({"to": "ACME"}, "to: ACME is no number"),
        ({"to": f"whatsapp:{NUMBER}"}, "from is on sms, to is on whatsapp"),
        ({"body": "x" * 1601}, "body"),
        ({"media_urls": ["http://a/"] * 11}, "media_urls"),
        ({"txt": "x"}, "txt"),
        ({"channel": "mms"}, "channel"),
    ],
)
async def test_what_no_handset_sends(desk: Any, change: dict[str, Any], told: str) -> None:
    """A refusal that names what is wrong; nothing is stored."""
    said = await desk.ask("POST", "/inbound", {**TEXT, **change})
    assert (said.status, said.type) == (400, "bad_body")
    assert told in said.message
    assert (await desk.get("/messages"))["total"] == 0
