"""An application that uses the mock from within its own webhook always comes to an end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

NUMBER = "+15017122661"
TEXT = {"from": "+14155552671", "to": NUMBER, "body": "Ahoy"}
REPLY = "<Response><Message>Aye</Message></Response>"

BRIEF = "#rt=300&tt=300"
"""Overrides by which a webhook may take 0.3 s instead of 15."""


@dataclass
class Busy:
    """Does something with the mock, then answers with a reply."""

    url: str = ""
    does: Callable[[], Awaitable[Any]] | None = None
    under_way: list["asyncio.Task[Any]"] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        if self.does is not None:
            task = asyncio.ensure_future(self._do(self.does))
            self.under_way.append(task)
            await asyncio.shield(task)
        return web.Response(text=REPLY, content_type="text/xml")

    async def _do(self, does: Callable[[], Awaitable[Any]]) -> Any:
        return await does()


@pytest.fixture
async def app(desk: Any) -> AsyncIterator[Busy]:
    app, routes = Busy(), web.Application()
    routes.router.add_post("/sms", app.answer)
    async with TestServer(routes) as server:
        app.url = f"http://127.0.0.1:{server.port}/sms{BRIEF}"
        await desk.post("/seed", {"numbers": [{"phone_number": NUMBER, "sms_url": app.url}]})
        yield app
        await asyncio.gather(*app.under_way)


@pytest.mark.parametrize("mode", ["instant", "manual", "real"])
async def test_one_that_sends(desk: Any, app: Busy, mode: str) -> None:
    """The message waits for the answer, then lives its life."""
    await desk.put("/clock", {"mode": mode})
    app.does = desk.create
    said = await desk.ask("POST", "/inbound", TEXT)
    assert (said.status, len(said["replies"]), said["webhook"]["error"]) == (201, 1, None)
    await desk.post("/clock/advance", {"until": "idle"})
    listed = await desk.get("/messages", status="delivered")
    assert {each["origin"] for each in listed["messages"]} == {"messages", "reply"}


@pytest.mark.parametrize("mode", ["instant", "manual", "real"])
async def test_one_that_advances_the_clock(desk: Any, app: Busy, mode: str) -> None:
    """The clock waits for its answer and it for the clock, until the webhook's time is over."""
    await desk.put("/clock", {"mode": mode})
    app.does = lambda: desk.ask("POST", "/clock/advance", {"seconds": 1})
    said = await desk.ask("POST", "/inbound", TEXT)
    assert (said.status, said["replies"]) == (201, [])
    assert "0.3 s" in said["webhook"]["error"]
    [advance] = app.under_way
    assert (await advance).status == 200
    app.does = None
    assert len((await desk.ask("POST", "/inbound", TEXT))["replies"]) == 1


@pytest.mark.parametrize("mode", ["instant", "manual"])
async def test_one_that_waits_for_a_delivery(desk: Any, app: Busy, mode: str) -> None:
    """It cannot come before the answer; the wait ends with its own time, or with the webhook's."""
    await desk.put("/clock", {"mode": mode})
    sent = await desk.create(To="+14155550001")
    await desk.post("/clock/advance", {"until": "idle"})
    later = {"to": "+14155550002", "status": "delivered", "timeout": 5}

    async def send_and_wait() -> Any:
        await desk.create(To="+14155550002")
        return await desk.ask("POST", "/messages/wait", later)

    app.does = send_and_wait
    said = await desk.ask("POST", "/inbound", TEXT)
    assert (said.status, said["replies"]) == (201, [])
    await desk.post("/clock/advance", {"until": "idle"})
    [waited] = app.under_way
    assert (await waited).status == 200
    assert (await desk.ask("GET", f"/messages/{sent}"))["status"] == "delivered"


async def test_one_that_resets_the_sandbox(desk: Any, app: Busy) -> None:
    """Whoever texted it is told that the conversation is over."""
    app.does = lambda: desk.ask("POST", "/reset")
    said = await desk.ask("POST", "/inbound", TEXT)
    assert (said.status, said.type) == (409, "sandbox_gone")
    assert (await desk.ask("GET", "/messages"))["total"] == 0


async def test_one_that_is_texted_in_turn(desk: Any, app: Busy) -> None:
    """A conversation within a conversation ends before it."""
    inner = {**TEXT, "body": "Inner"}
    asked: list[Any] = []

    async def text_once() -> None:
        if not asked:
            asked.append(None)
            asked.append(await desk.ask("POST", "/inbound", inner))

    app.does = text_once
    said = await desk.ask("POST", "/inbound", TEXT)
    assert [len(each["replies"]) for each in (said, asked[1])] == [1, 1]
