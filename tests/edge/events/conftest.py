"""A caller to events.twilio.com, whose server checks its own answers and stands still."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_TOKEN
from mockserver.domain.message import SECOND
from mockserver.world.events.sinks import Sinks

if TYPE_CHECKING:
    from mockserver.world.journal import CallbackEntry
    from tests.edge.conftest import Answer, Caller, Serve

SINKS, SUBSCRIPTIONS = "/v1/Sinks", "/v1/Subscriptions"
STATUS = "com.twilio.messaging.message"
DELIVERED = f"{STATUS}.delivered"
WEBHOOK = {"destination": "http://127.0.0.1:9000/events", "method": "POST", "batch_events": True}
KINESIS = {
    "arn": "arn:aws:kinesis:us-east-1:111111111:stream/test",
    "role_arn": "arn:aws:iam::111111111:role/Role",
    "external_id": "1234567890",
}
BUS = {**KINESIS, "arn": "arn:aws:events:us-east-1:111111111:event-bus/twilio"}
USUAL: dict[str, dict[str, Any]] = {
    "webhook": WEBHOOK,
    "kinesis": KINESIS,
    "segment": {"write_key": "k"},
    "eventbridge": BUS,
}
"""A configuration that each kind of sink is content with."""

Document = dict[str, Any]


class Streams:
    """The host, and how sinks and subscriptions are made there."""

    def __init__(self, caller: "Caller") -> None:
        self.caller = caller

    async def sink(self, kind: str = "webhook", **configuration: Any) -> Document:
        """A sink that its kind is content with."""
        usual = USUAL.get(kind)
        form = {
            "Description": "A sink",
            "SinkType": kind,
            "SinkConfiguration": json.dumps(configuration or usual or {}),
        }
        return await self.caller.made(form, SINKS)

    async def subscription(self, sink_sid: str = "", *names: str) -> Document:
        """Of these types, in their latest versions; to a sink of its own where none is named."""
        sid = sink_sid or (await self.sink())["sid"]
        pairs = [("Description", "A subscription"), ("SinkSid", sid)]
        types = [("Types", json.dumps({"type": name})) for name in names or (DELIVERED,)]
        return await self.caller.made([*pairs, *types], SUBSCRIPTIONS)

    async def follow(
        self, url: str, *names: str, batched: bool = True, method: str = "POST", version: int = 0
    ) -> str:
        """Have events of these types go to a URL; by default those of a message that goes out.

        The sink's SID comes back. Short names are statuses.
        """
        wanted = (
            name if "." in name else f"{STATUS}.{name}" for name in names or ("sent", "delivered")
        )
        sink = await self.sink(destination=url, method=method, batch_events=batched)
        which = {"schema_version": version} if version else {}
        types = [("Types", json.dumps({"type": name, **which})) for name in wanted]
        pairs = [("Description", "Follow"), ("SinkSid", sink["sid"])]
        await self.caller.made([*pairs, *types], SUBSCRIPTIONS)
        return str(sink["sid"])

    async def send(self, **changes: str) -> str:
        """A message's SID."""
        caller, host = self.caller, self.caller.host
        caller.host = "api.twilio.com"
        answer = await caller.create(**changes)
        caller.host = host
        assert answer.status == 201
        return str(answer.json["sid"])

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the control API answers."""
        data = None if body is None else json.dumps(body).encode()
        answer = await self.caller.call(method, f"/_mock{path}", data, {"Host": "localhost"})
        assert answer.status < 300, answer.body
        return answer.json if answer.body else None

    async def receive(self, body: str = "Hi") -> str:
        """The SID of what a handset sends."""
        text = {"from": "+14155552671", "to": "+15017122661", "body": body}
        return str((await self.control("POST", "/inbound", text))["message"]["sid"])

    async def operation(self, *to: str) -> str:
        """The id of an operation of the Communications API, to numbers."""
        order = {
            "from": {"channel": "SMS", "address": "+15017122661"},
            "to": [{"channel": "PHONE", "address": each} for each in to],
            "content": {"text": "Ahoy"},
            "tags": {"campaign": "launch"},
        }
        caller, headers = self.caller, {"Content-Type": "application/json"}
        path = "/v1/Messages"
        data = json.dumps(order).encode()
        answer = await caller.call("POST", path, data, {**headers, "Host": "comms.twilio.com"})
        assert answer.status == 202, answer.body
        return str(answer.json["operationId"])

    async def settled(self) -> None:
        """Until nothing is under way any more."""
        await self.caller.settled()

    @property
    def posts(self) -> list["CallbackEntry"]:
        """What the journal has of events."""
        return [each for each in self.caller.callbacks if each.kind == "event"]

    @property
    def alerts(self) -> list[int]:
        """Their codes, in order."""
        return [each.code for each in self.caller.sandbox.journal.alerts]

    async def delete(self, path: str) -> "Answer":
        return await self.caller.call("DELETE", path)

    async def pass_time(self, seconds: float) -> None:
        engine = self.caller.sandbox.engine
        await engine.advance(engine.clock.now() + round(seconds * SECOND))

    def test_id(self, sid: str) -> str:
        """What the test event of a sink said."""
        sandbox = self.caller.sandbox
        return Sinks(sandbox).one(sandbox.accounts.first, sid).test_id

    def sids(self, answer: "Answer", key: str) -> list[str]:
        return [each["sid"] for each in answer.json[key]]


@dataclass(frozen=True)
class Post:
    """One request that a receiver got."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[Document]:
        """Those in it, in order."""
        found = json.loads(self.body)
        return found if isinstance(found, list) else [found]

    @property
    def kinds(self) -> list[str]:
        """Their types, without what those of classic messages begin with."""
        return [each["type"].removeprefix(f"{STATUS}.") for each in self.events]

    def is_genuine(self, token: str = DEFAULT_TOKEN) -> bool:
        """Whether the official validator takes it for Twilio's."""
        signature = self.headers["X-Twilio-Signature"]
        return bool(RequestValidator(token).validate(self.url, self.body.decode(), signature))


@dataclass
class Receiver:
    """Somebody's webhook on a socket: keeps what it got, answers what it is told, else 204."""

    base: str = ""
    answers: list[int] = field(default_factory=list)
    usual: int = 204
    posts: list[Post] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.split("\r\n")[:-2]
                headers = {name: value for name, _, value in (x.partition(": ") for x in lines)}
                body = await reader.readexactly(int(headers.get("Content-Length", "0")))
                method, path, _ = first.split(" ")
                self.posts.append(Post(method, self.base + path, headers, body))
                status = self.answers.pop(0) if self.answers else self.usual
                writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"{self.base}/events"

    @property
    def events(self) -> list[Document]:
        """All that came, in order."""
        return [event for post in self.posts for event in post.events]

    @property
    def kinds(self) -> list[list[str]]:
        """Of each request."""
        return [post.kinds for post in self.posts]


MakeReceiver = Callable[[], Awaitable[Receiver]]


@pytest.fixture
def make_receiver(stack: AsyncExitStack) -> MakeReceiver:
    """`await make_receiver()`: one more."""

    async def make_receiver() -> Receiver:
        receiver = Receiver()
        listening = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
        server = await stack.enter_async_context(listening)
        receiver.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return receiver

    return make_receiver


@pytest.fixture
async def receiver(make_receiver: MakeReceiver) -> Receiver:
    return await make_receiver()


MakeStreams = Callable[..., Awaitable[Streams]]


@pytest.fixture
def make_streams(serve: "Serve") -> MakeStreams:
    """`await make_streams(seed=8)`: on such a server."""

    async def make_streams(**settings: Any) -> Streams:
        order = {"check_responses": True, "clock": "manual", "seed": 7, **settings}
        caller = await serve(**order)
        caller.host = "events.twilio.com"
        return Streams(caller)

    return make_streams


@pytest.fixture
async def streams(make_streams: MakeStreams) -> AsyncIterator[Streams]:
    """With the usual settings; afterwards, no answer broke its schema."""
    streams = await make_streams()
    yield streams
    for entry in streams.caller.journal:
        assert not [each for each in entry.warnings if "breaks" in each]


@pytest.fixture
async def events(streams: Streams) -> "Caller":
    """Its caller."""
    return streams.caller
