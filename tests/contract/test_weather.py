"""Bad weather as an application sees it: a real server, the official library on both sides."""

import asyncio
import json
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from flask import Flask, request
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from mockserver import MockTwilio
from mockserver.server import Server
from mockserver.world.clock import stopwatch

ME, YOU = "+15017122661", "+14155552671"
WHATSAPP = {"from_": f"whatsapp:{ME}", "to": f"whatsapp:{YOU}"}
PATIENCE = 20
"""Seconds of wall time after which whatever a test waits for has hung."""


@dataclass(frozen=True)
class Told:
    """A status callback as it came in."""

    sid: str
    status: str
    token: str
    """Of idempotency."""
    signature: str | None
    genuine: bool
    """Whether the account's token has signed it."""
    known: bool
    """Whether the application had stored the SID by then."""


@dataclass
class Shop:
    """An application that sends messages, stores their SIDs, and believes only what is signed."""

    client: Client
    http: aiohttp.ClientSession
    control: str
    url: str = ""
    known: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    """What the API says of messages whose SID is not known."""

    async def status(self, asked: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await asked.post()).items()}
        signature = asked.headers.get("X-Twilio-Signature")
        validator = RequestValidator(self.client.password)
        genuine = bool(validator.validate(str(asked.url), form, signature or ""))
        sid, token = form["MessageSid"], asked.headers["I-Twilio-Idempotency-Token"]
        known = sid in self.known
        self.told.append(Told(sid, form["MessageStatus"], token, signature, genuine, known))
        if not known and "curious" in asked.query:
            self.found.append((await self.client.messages(sid).fetch_async()).status)
        return web.Response(status=204 if genuine else 403)

    async def inbound(self, asked: web.Request) -> web.Response:
        self.texts.append(str((await asked.post())["Body"]))
        answer = f"<Response><Message>No. {len(self.texts)}</Message></Response>"
        return web.Response(text=answer, content_type="text/xml")

    async def send(self, url: str = "", **form: str) -> str:
        """A message's SID, stored as soon as it is told."""
        form = {"to": YOU, "from_": ME, "body": "Ahoy", **form}
        callback = url or f"{self.url}/status"
        made = await self.client.messages.create_async(status_callback=callback, **form)
        self.known.add(made.sid)
        return str(made.sid)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the control API answers."""
        async with self.http.request(method, f"{self.control}/_mock/{path}", json=body) as answer:
            text = await answer.text()
            assert answer.status < 400, text
            return await answer.json() if text else None

    async def have(self, then: dict[str, Any], clock: str = "instant", **about: Any) -> None:
        """Put this weather in force."""
        await self.put(clock, weather=[{"id": "w", "when": about, "then": then}])

    async def put(self, clock: str = "instant", **sections: Any) -> None:
        await self.ask("PUT", "clock", {"mode": clock})
        await self.ask("PUT", "scenario", {"scenario": {"name": "day", **sections}})

    async def idle(self) -> None:
        """Until nothing is due any more."""
        await self.ask("POST", "clock/advance", {"until": "idle"})

    async def callbacks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GET", "callbacks?limit=10000"))["callbacks"]
        return found

    @property
    def statuses(self) -> list[str]:
        return [each.status for each in self.told]


@pytest.fixture
async def shop(server: Server, async_client: Client) -> AsyncIterator[Shop]:
    async with aiohttp.ClientSession() as http:
        shop, app = Shop(async_client, http, server.url), web.Application()
        app.add_routes([web.post("/status", shop.status), web.post("/inbound", shop.inbound)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield shop
        await runner.cleanup()


# When, and how often


async def test_dropped(shop: Shop) -> None:
    """The application never hears of `sent`; the control API says why."""
    await shop.have({"drop": True}, status="sent")
    await shop.send()
    await shop.idle()
    assert shop.statuses == ["delivered"]
    dropped = next(each for each in await shop.callbacks() if each["status"] == "sent")
    assert (dropped["error"], dropped["weather"]) == (
        "not posted: the weather rule w drops it",
        "w",
    )


async def test_duplicated(shop: Shop) -> None:
    """Who heeds the idempotency token counts each once."""
    await shop.have({"duplicate": 2}, status="delivered")
    sid = await shop.send()
    await shop.idle()
    assert shop.statuses == ["sent", "delivered", "delivered", "delivered"]
    assert len({each.token for each in shop.told}) == 2
    assert all(each.genuine for each in shop.told)
    message = await shop.ask("GET", f"messages/{sid}")
    assert [each["weather"] for each in message["callbacks"]] == [None, "w", "w", "w"]


@pytest.mark.parametrize("then", [{"delay": "5s"}, {"reorder": True}])
async def test_out_of_order(shop: Shop, then: dict[str, Any]) -> None:
    """Who goes by the last callback thinks that a delivered message is under way."""
    await shop.have(then, status="sent")
    sid = await shop.send()
    await shop.idle()
    assert shop.statuses == ["delivered", "sent"]
    assert (await shop.client.messages(sid).fetch_async()).status == "delivered"


async def test_late(shop: Shop) -> None:
    """The sandbox's clock says when."""
    await shop.have({"delay": {"uniform": ["10s", "20s"]}}, "manual", status="delivered")
    await shop.send()
    await shop.ask("POST", "clock/advance", {"seconds": 10})
    assert shop.statuses == ["sent"]
    await shop.ask("POST", "clock/advance", {"seconds": 11})
    assert shop.statuses == ["sent", "delivered"]


async def test_in_a_burst(shop: Shop) -> None:
    """Nothing for half a minute, then everything."""
    await shop.have({"burst": "30s"}, "manual")
    for number in range(5):
        await shop.send(body=f"No. {number}")
    await shop.ask("POST", "clock/advance", {"seconds": 29.9})
    assert shop.told == []
    await shop.ask("POST", "clock/advance", {"seconds": 0.1})
    assert Counter(shop.statuses) == {"sent": 5, "delivered": 5}


@pytest.mark.parametrize("clock", ["instant", "manual", "real", "scaled:10"])
async def test_early(shop: Shop, clock: str) -> None:
    """The application is told of a SID that it has not stored; the API knows the message."""
    await shop.have({"early": True}, clock)
    sid = await shop.send(f"{shop.url}/status?curious=1")
    [first] = shop.told
    assert (first.sid, first.status, first.known, first.genuine) == (sid, "sent", False, True)
    assert shop.found == ["sent"]
    await shop.idle()
    assert [(each.status, each.known) for each in shop.told[1:]] == [("delivered", True)]


async def test_replayed(shop: Shop) -> None:
    """An hour later, with a signature that is as good as ever."""
    await shop.have({"replay": "1h"}, status="delivered")
    await shop.send()
    await shop.idle()
    assert shop.statuses == ["sent", "delivered", "delivered"]
    assert shop.told[1] == shop.told[2]
    first, second = (each["due"] for each in (await shop.callbacks())[1:])
    assert second > first


# Signatures


@pytest.mark.parametrize("how", ["wrong", "stale", "missing"])
async def test_not_signed(shop: Shop, how: str) -> None:
    """The official validator refuses it."""
    await shop.have({"signature": how}, status="sent")
    await shop.send()
    await shop.idle()
    assert [each.genuine for each in shop.told] == [False, True]
    assert (shop.told[0].signature is None) == (how == "missing")
    refused, _ = await shop.callbacks()
    assert (refused["response_status"], refused["weather"]) == (403, "w")


# On the wire


@dataclass
class Wire:
    """A receiver on a raw socket, which notes what came and when."""

    url: str = ""
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def body(self) -> bytes:
        return b"".join(piece for _, piece in self.pieces)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        with suppress(ConnectionError):
            while len(self.body) < length and (piece := await reader.read(4_096)):
                self.pieces.append((stopwatch(), piece))
            if len(self.body) == length:
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        self.ended.set()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    async with await asyncio.start_server(wire, "127.0.0.1", 0) as server:
        wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield wire


async def test_a_trickle(shop: Shop, wire: Wire) -> None:
    """The body comes byte by byte over the time that is said, and is whole."""
    weather = [{"then": {"trickle": "500ms"}}]
    await shop.put(delivery=[{"outcome": "sent"}], weather=weather)
    await shop.send(f"{wire.url}#rc=0")
    await asyncio.wait_for(wire.ended.wait(), PATIENCE)
    times = [at for at, _ in wire.pieces]
    assert times[-1] - times[0] >= 0.3
    assert len(wire.pieces) > 20
    assert b"MessageStatus=sent" in wire.body


async def test_a_cut(shop: Shop, wire: Wire) -> None:
    """The connection ends in the middle of the body."""
    await shop.put(delivery=[{"outcome": "sent"}], weather=[{"then": {"cut": True}}])
    await shop.send(f"{wire.url}#rc=0")
    await asyncio.wait_for(wire.ended.wait(), PATIENCE)
    await shop.idle()
    entry = (await shop.callbacks())[0]
    assert 0 < len(wire.body) < int(entry["headers"]["Content-Length"])
    assert entry["response_status"] is None
    assert "in the middle of the body, as a weather rule has it" in entry["error"]


# Outcomes that look like weather


async def test_never_delivered(shop: Shop) -> None:
    """The receipt does not come, ever; the message stays `sent`."""
    await shop.put(delivery=[{"outcome": "sent"}])
    sid = await shop.send()
    await shop.idle()
    await shop.ask("POST", "clock/advance", {"seconds": 86_400})
    assert shop.statuses == ["sent"]
    assert (await shop.client.messages(sid).fetch_async()).status == "sent"


async def test_read_late(shop: Shop) -> None:
    """Days after `delivered`, which was no end."""
    await shop.put("manual", delivery=[{"outcome": "read", "after": {"read": "3d"}}])
    sid = await shop.send(**WHATSAPP)
    await shop.ask("POST", "clock/advance", {"seconds": 2 * 86_400})
    assert shop.statuses == ["sent", "delivered"]
    assert (await shop.client.messages(sid).fetch_async()).status == "delivered"
    await shop.ask("POST", "clock/advance", {"seconds": 86_400})
    assert shop.statuses == ["sent", "delivered", "read"]


# Other webhooks


async def test_an_inbound_webhook_twice(shop: Shop) -> None:
    """Who does not heed the idempotency token answers twice, and both answers go out."""
    number = {"phone_number": ME, "sms_url": f"{shop.url}/inbound"}
    about = {"weather": [{"when": {"kind": "inbound"}, "then": {"duplicate": 1}}]}
    await shop.put("manual", given={"numbers": [number]}, **about)
    made = await shop.ask("POST", "inbound", {"from": YOU, "to": ME, "body": "Hi"})
    assert shop.texts == ["Hi", "Hi"]
    assert [each["body"] for each in made["replies"]] == ["No. 1", "No. 2"]


async def test_what_cannot_be_is_refused(shop: Shop) -> None:
    """With the sentence that says what can; the scenario in force stays."""
    await shop.have({"drop": True})
    rule = {"when": {"kind": "inbound"}, "then": {"delay": "5s"}}
    body = {"scenario": {"name": "bad", "weather": [rule]}}
    async with shop.http.put(f"{shop.control}/_mock/scenario", json=body) as answer:
        assert answer.status == 400
        assert "`delay` cannot become of inbound webhooks" in await answer.text()
    assert (await shop.ask("GET", "scenario"))["name"] == "day"


# Whole days

STORM: dict[str, Any] = {
    "name": "storm",
    "weather": [
        {"id": "lost", "when": {"share": 0.08}, "then": {"drop": True}},
        {"id": "twice", "when": {"share": 0.12}, "then": {"duplicate": 1}},
        {"id": "late", "when": {"share": 0.12}, "then": {"delay": {"uniform": ["1s", "1m"]}}},
        {"id": "disorder", "when": {"share": 0.15}, "then": {"reorder": True}},
        {"id": "burst", "when": {"share": 0.12}, "then": {"burst": "30s"}},
        {"id": "early", "when": {"share": 0.15}, "then": {"early": True, "replay": "1m"}},
        {"id": "forged", "when": {"share": 0.15}, "then": {"signature": "wrong"}},
        {"id": "stale", "when": {"share": 0.15}, "then": {"signature": "stale", "trickle": "9ms"}},
        {"id": "cut", "when": {"share": 0.15}, "then": {"cut": True}},
        {"id": "bare", "when": {"share": 0.3}, "then": {"signature": "missing"}},
    ],
    "delivery": [{"when": {"share": 0.3}, "outcome": "undelivered", "error_code": 30003}],
    "faults": [{"when": {"every": 9}, "then": {"status": 503}}],
}
NAMES = {rule["id"] for rule in STORM["weather"]}


async def test_a_stormy_day_is_accounted_for(shop: Shop) -> None:
    """Hundreds of messages at once, and an API that fails: each ends, and every attempt is told of.

    What the application got, and what the journal says was posted, are the same.
    """
    await shop.put("instant", **{key: value for key, value in STORM.items() if key != "name"})
    made = await asyncio.gather(
        *(shop.send(f"{shop.url}/status#rc=0", body=f"No. {n}") for n in range(200)),
        return_exceptions=True,
    )
    await shop.idle()
    sent = {each for each in made if isinstance(each, str)}
    messages = (await shop.ask("GET", "messages?limit=1000"))["messages"]
    assert {each["sid"] for each in messages} == sent
    assert len(made) - len(sent) == 200 // 9
    assert {each["status"] for each in messages} == {"delivered", "undelivered"}
    entries = await shop.callbacks()
    posted = [each for each in entries if each["response_status"]]
    assert Counter((each.sid, each.status) for each in shop.told) == Counter(
        (each["message_sid"], each["status"]) for each in posted
    )
    assert len({(each["message_sid"], each["status"]) for each in entries}) == 2 * len(sent)
    assert {each["weather"] for each in entries} == {*NAMES, None}


def unsteady() -> Flask:
    """An application that fails at a third of the callbacks, always the same ones."""
    app = Flask("unsteady")

    @app.post("/status")
    def status() -> tuple[str, int]:
        token = request.headers["I-Twilio-Idempotency-Token"]
        return "", 503 if int(token[-1], 16) % 3 == 0 else 204

    return app


def day(hook: str, clock: str, seed: int) -> bytes:
    """The canonical journal of a stormy one; its calls come one after the other."""
    with MockTwilio(seed=seed, clock=clock, scenario=STORM) as twilio:
        client = twilio.client()
        for number in range(60):
            with suppress(TwilioRestException):
                client.messages.create(
                    to=YOU,
                    from_=ME,
                    body=f"No. {number}",
                    status_callback=f"{hook}/status#rc=2&rp=all",
                )
            if number % 8 == 0:
                twilio.clock.advance(seconds=20)
        twilio.clock.run_until_idle()
        place = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/journal?canonical=1"
        with urllib.request.urlopen(place) as answer:
            return bytes(answer.read())


@pytest.mark.parametrize("clock", ["instant", "manual"])
def test_one_seed_is_one_storm(served: Callable[[Flask], str], clock: str) -> None:
    """All kinds of weather at once, failing webhooks and a failing API: byte for byte the same."""
    hook = served(unsteady())
    first, *others = (day(hook, clock, seed=7) for _ in range(3))
    assert {each["weather"] for each in json.loads(first)["callbacks"]} == {*NAMES, None}
    assert all(other == first for other in others)
    assert day(hook, clock, seed=8) != first
