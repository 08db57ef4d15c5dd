"""A server of this test alone, and a client on a raw socket that sends exactly what it is told."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import pytest

from mockserver.config import Settings
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.server import Server
from mockserver.world.journal import CallbackEntry, RequestEntry
from mockserver.world.sandbox import Sandbox

PATIENCE = 20
"""Seconds of wall time after which a server that does not answer has hung."""

Form = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """One HTTP answer as it was on the wire."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> int:
        """Twilio's error code; the four keys of its errors are there, in their order."""
        document = self.json
        assert [key for key in document if key != "detail"] == [
            "code",
            "message",
            "more_info",
            "status",
        ]
        assert document["status"] == self.status
        assert document["more_info"] == f"https://www.twilio.com/docs/errors/{document['code']}"
        assert self.header("X-Twilio-Error-Code") == str(document["code"])
        return int(document["code"])

    def refused(self, status: int, code: int, message: str = "") -> None:
        """Fail unless it refuses so; no message stands for any."""
        assert (self.status, self.code) == (status, code)
        if message:
            assert self.json["message"] == message

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) < 2, f"{name} is there twice"
        return found[0] if found else None


@dataclass
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        async with asyncio.timeout(PATIENCE):
            await self.writer.drain()

    async def answer(self, *, head: bool = False) -> Answer:
        """The next answer; fails when none comes."""
        async with asyncio.timeout(PATIENCE):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = tuple(
                (name, value.strip()) for name, _, value in (x.partition(":") for x in lines[1:-2])
            )
            _, status, reason = lines[0].split(" ", 2)
            length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
            if ("Transfer-Encoding", "chunked") in headers and not head:
                body = await self._chunks()
            else:
                body = b"" if head else await self.reader.readexactly(length)
        return Answer(int(status), reason, headers, body)

    async def _chunks(self) -> bytes:
        found = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            found += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)
        return found

    async def rest(self) -> bytes:
        """Whatever comes until the server hangs up."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()


@dataclass
class Caller:
    """Calls a server's API over raw sockets, as the default account unless told otherwise."""

    server: Server
    stack: AsyncExitStack
    account: str = DEFAULT_SID
    auth: str | None = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    host: str = "api.twilio.com"

    @property
    def path(self) -> str:
        """Where this account's messages are."""
        return f"/2010-04-01/Accounts/{self.account}/Messages.json"

    async def line(self) -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        line = Line(reader, writer)
        self.stack.push_async_callback(_hang_up, writer)
        return line

    def head(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str | None] | None = None,
        length: int | None = None,
    ) -> bytes:
        """Request line and headers; a header of `None` is left out."""
        fields: dict[str, str | None] = {"Host": self.host}
        if self.auth is not None:
            fields["Authorization"] = f"Basic {b64encode(self.auth.encode()).decode()}"
        if length is not None:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
            fields["Content-Length"] = str(length)
        fields |= headers or {}
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")

    async def call(
        self,
        method: str,
        path: str = "",
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        line = await self.line()
        length = None if body is None else len(body)
        await line.send(self.head(method, path or self.path, headers, length) + (body or b""))
        return await line.answer(head=method == "HEAD")

    async def get(self, path: str = "", **query: str) -> Answer:
        asked = "&".join(f"{name}={quote_plus(value)}" for name, value in query.items())
        return await self.call("GET", (path or self.path) + (f"?{asked}" if asked else ""))

    async def post(self, form: Form, path: str = "") -> Answer:
        return await self.call("POST", path, encoded(form))

    async def made(self, form: Form, path: str) -> dict[str, Any]:
        """What a POST made; fails unless it answers 201."""
        answer = await self.post(form, path)
        assert answer.status == 201
        document: dict[str, Any] = answer.json
        return document

    async def create(self, **changes: str) -> Answer:
        """A message that nothing is wrong with, but for `changes`; "-" leaves a field out."""
        form = {"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy", **changes}
        return await self.post({name: value for name, value in form.items() if value != "-"})

    async def sids(self) -> list[str]:
        """Of the newest fifty messages, as the API lists them."""
        return [message["sid"] for message in (await self.get()).json["messages"]]

    @property
    def sandbox(self) -> Sandbox:
        found = self.server.sandboxes.of_account(self.account)
        assert found is not None
        return found

    @property
    def journal(self) -> list[RequestEntry]:
        """Every API call in the sandbox `default`, oldest first."""
        return list(self.server.sandboxes.default.journal.requests)

    @property
    def callbacks(self) -> list[CallbackEntry]:
        return list(self.sandbox.journal.callbacks)

    async def settled(self) -> None:
        """Until nothing is under way any more, callbacks included."""
        self.sandbox.engine.catch_up()
        async with asyncio.timeout(PATIENCE):
            await self.sandbox.outbox.drained()


def encoded(form: Form) -> bytes:
    pairs = form.items() if isinstance(form, Mapping) else form
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


Serve = Callable[..., Awaitable[Caller]]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: AsyncExitStack) -> Serve:
    """`await serve(strict_accounts=True)`: a server with these settings, and a caller to it."""

    async def serve(**settings: Any) -> Caller:
        chosen = Settings(port=0, **{"clock": "instant", "callback_grace": 0, **settings})
        server = await stack.enter_async_context(Server(chosen))
        return Caller(server, stack)

    return serve


@pytest.fixture
async def api(serve: Serve) -> Caller:
    """The API of a server with the usual settings."""
    return await serve()


@dataclass
class Webhook:
    """Somebody's application: keeps what it was posted, answers what it is told, else 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    posted: list[tuple[tuple[tuple[str, str], ...], bytes]] = field(default_factory=list)
    """Headers and body of each request."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = [line.partition(": ") for line in head.split("\r\n")[1:-2]]
                headers = tuple((name, value) for name, _, value in lines)
                body = await reader.readexactly(int(dict(headers).get("Content-Length", "0")))
                self.posted.append((headers, body))
                self.arrived.set()
                status = self.answers.pop(0) if self.answers else 204
                writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()


@pytest.fixture
async def webhook(stack: AsyncExitStack) -> Webhook:
    webhook = Webhook()
    server = await stack.enter_async_context(
        await asyncio.start_server(webhook.serve, "127.0.0.1", 0)
    )
    webhook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/status"
    return webhook
