"""`AsyncMockTwilio`: the twin for applications that live in an event loop."""

import inspect
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handle import ControlError, MockTwilioError

FROM, TO, OTHER = "+15017122661", "+15558675310", "+14155550123"
CREATE = "api.v2010.CreateMessage"


@pytest.fixture
async def twilio() -> AsyncIterator[AsyncMockTwilio]:
    """A fresh sandbox."""
    async with AsyncMockTwilio() as twilio:
        yield twilio


async def send(twilio: AsyncMockTwilio, to: str = TO, body: str = "Hi", **more: Any) -> Any:
    """A message through Twilio's client."""
    return await twilio.client().messages.create_async(to=to, from_=FROM, body=body, **more)


def public(cls: type) -> dict[str, Any]:
    """What a class offers, inherited or not."""
    found = inspect.getmembers_static(cls)
    return {name: member for name, member in found if not name.startswith("_")}


def test_the_twins_offer_the_same() -> None:
    """Same names, same parameters; what is an attribute of one is an attribute of the other."""
    ours, theirs = public(AsyncMockTwilio), public(MockTwilio)
    assert ours.keys() - {"beside"} == theirs.keys()
    for name, member in theirs.items():
        if isinstance(member, property):
            assert isinstance(ours[name], property)
        elif inspect.isfunction(member) and inspect.isfunction(ours[name]):
            twin = inspect.signature(ours[name])
            assert list(twin.parameters) == list(inspect.signature(member).parameters), name


def test_every_method_is_a_coroutine() -> None:
    """But those that hand out a client, and those that one enters."""
    functions = {name: each for name, each in public(AsyncMockTwilio).items() if callable(each)}
    plain = {name for name, each in functions.items() if not inspect.iscoroutinefunction(each)}
    assert plain == {"client", "http_client", "patched_environ", "scenario", "webhooks_to"}


async def test_a_message_lives_its_life(twilio: AsyncMockTwilio) -> None:
    """Sent by the asynchronous client, awaited, asserted."""
    sent = await send(twilio, body="Your code is 123456")
    message = await twilio.wait_for_message(to=TO, status="delivered")
    assert (message.sid, message.codes) == (sent.sid, ["123456"])
    assert [each.sid for each in await twilio.messages(from_=FROM)] == [sent.sid]
    assert (await twilio.last_message()).sid == sent.sid
    await twilio.assert_sent(to=TO, times=1)
    await twilio.assert_not_sent(to=OTHER)
    with pytest.raises(AssertionError, match="nearest miss"):
        await twilio.assert_sent(to=OTHER)
    [call] = await twilio.requests(operation=CREATE)
    assert call.response.status == 201


async def test_a_webhook_in_the_same_loop_is_called(twilio: AsyncMockTwilio) -> None:
    """While a test waits for the mock, the application can answer it."""
    posted: list[dict[str, str]] = []

    async def status(request: web.Request) -> web.Response:
        posted.append(dict(parse_qsl(await request.text())))
        return web.Response()

    app = web.Application()
    app.router.add_post("/status", status)
    async with TestServer(app) as server:
        await send(twilio, status_callback=str(server.make_url("/status")))
        await twilio.clock.run_until_idle()
    assert [each["MessageStatus"] for each in posted] == ["sent", "delivered"]
    assert [each.response_status for each in await twilio.callbacks()] == [200, 200]


async def test_things_are_arranged(twilio: AsyncMockTwilio) -> None:
    """Faults, outcomes, furniture, reset."""
    await twilio.fail_next(CREATE, code=20429)
    with pytest.raises(TwilioRestException):
        await send(twilio)
    await twilio.deliver(to=OTHER, outcome="failed", error_code=30008)
    await send(twilio, OTHER)
    assert (await twilio.wait_for_message(status="failed")).error_code == 30008
    await twilio.given(verified_callers=[OTHER])
    await twilio.reset()
    assert await twilio.messages() == []
    inbound = await twilio.receive(from_=TO, to=FROM, body="Hello")
    assert await twilio.messages() == [inbound.message]


async def test_recipients_opt_out_and_in(twilio: AsyncMockTwilio) -> None:
    """As with the twin."""
    out = await twilio.opt_out(from_=FROM, to=TO)
    with pytest.raises(TwilioRestException, match="unsubscribed"):
        await send(twilio)
    assert await twilio.opt_outs(to=TO) == [out]
    await twilio.opt_in(from_=FROM, to=TO)
    assert await twilio.opt_outs() == []
    assert (await send(twilio)).sid


async def test_a_scenario_holds_for_its_block(twilio: AsyncMockTwilio) -> None:
    """With `async with`; awaited, it stays."""
    async with twilio.scenario("carrier-outage"):
        await send(twilio, body="one")
        await twilio.wait_for_message(body="one", status="undelivered")
    await send(twilio, body="two")
    await twilio.wait_for_message(body="two", status="delivered")
    await twilio.scenario("carrier-outage")
    await send(twilio, body="three")
    await twilio.wait_for_message(body="three", status="undelivered")


async def test_time_stands_still_until_advanced() -> None:
    """Reading the clock is an attribute, moving it is a coroutine."""
    async with AsyncMockTwilio(clock="manual", seed=7) as twilio:
        start = datetime(2026, 12, 1, tzinfo=UTC)
        assert (twilio.clock.now, twilio.clock.mode, twilio.seed) == (start, "manual", 7)
        sent = await send(twilio)
        assert twilio.clock.pending > 0
        await twilio.clock.advance(seconds=5)
        assert twilio.clock.now == start + timedelta(seconds=5)
        assert (await twilio.last_message()).status == "delivered"
        with pytest.raises(ControlError):
            await twilio.set_status(sent.sid, "sent")


async def test_unmodified_clients_are_caught(twilio: AsyncMockTwilio) -> None:
    """With `with` as well as with `async with`: there is nothing to wait for."""
    from twilio.rest import Client

    with twilio.patched_environ():
        async with AsyncTwilioHttpClient() as http:
            await Client(http_client=http).messages.create_async(to=TO, from_=FROM, body="Hi")
    async with twilio.patched_environ(), AsyncTwilioHttpClient() as http:
        await Client(http_client=http).messages.create_async(to=TO, from_=FROM, body="Hi")
    await twilio.assert_sent(times=2)


async def test_attributes_need_no_waiting(twilio: AsyncMockTwilio) -> None:
    """And tell what they tell in the twin."""
    twin = twilio._sync
    assert twilio.base_url == twin.base_url
    assert twilio.account_sid == twin.account_sid
    assert twilio.auth_token == twin.auth_token
    assert twilio.environ == twin.environ
    assert twilio.sandbox_id == twin.sandbox_id
    assert twilio.started
    assert isinstance(twilio.http_client(), AsyncTwilioHttpClient)


async def test_without_with() -> None:
    """`start()` and `stop()`."""
    twilio = AsyncMockTwilio()
    with pytest.raises(MockTwilioError, match="not started"):
        await twilio.messages()
    await twilio.start()
    assert await twilio.messages() == []
    await twilio.stop()
    assert not twilio.started


async def test_twins_side_by_side() -> None:
    """Both act on one sandbox."""
    with MockTwilio() as sync:
        twilio = AsyncMockTwilio.beside(sync)
        await send(twilio)
        sync.assert_sent(to=TO)
