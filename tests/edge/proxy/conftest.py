"""A server whose CA is the test's own, and clients that go through it as a proxy."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

PATIENCE = 20


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a proxy; the mock would go through it."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@dataclass
class Proxied:
    """A server, as its clients see it."""

    caller: Any
    """The plain one of `tests/edge/conftest.py`."""
    trust: ssl.SSLContext

    @property
    def port(self) -> int:
        port: int = self.caller.server.port
        return port

    @property
    def open(self) -> int:
        """Connections that the proxy holds."""
        found: int = self.caller.server._proxy.gateway.open
        return found

    async def empty(self) -> None:
        """Until nobody is connected any more; fails when somebody stays."""
        async with asyncio.timeout(PATIENCE):
            while self.open or self.caller.server._listener.connections:  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def line(self) -> Any:
        """A raw connection."""
        return await self.caller.line()

    async def connect(self, authority: str, headers: str = "") -> Any:
        """A raw connection through which a tunnel was asked for, and granted."""
        line = await self.line()
        await line.send(
            f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{headers}\r\n".encode()
        )
        head = await asyncio.wait_for(line.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert head == b"HTTP/1.1 200 Connection established\r\n\r\n"
        return line

    async def refused(self, authority: str) -> tuple[int, str]:
        """Status and text of an answer to a CONNECT that is not granted; the line ends there."""
        line = await self.line()
        await line.send(f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode())
        answer = await line.answer()
        assert answer.reason == answer.body.decode().strip()
        assert await line.rest() == b""
        return answer.status, answer.reason

    async def tunnel(self, host: str, port: int = 443) -> Any:
        """TLS inside a tunnel, the certificate checked strictly."""
        line = await self.connect(f"{host}:{port}")
        await asyncio.wait_for(line.writer.start_tls(self.trust, server_hostname=host), PATIENCE)
        return line

    async def ask(self, line: Any, path: str, host: str = "api.twilio.com") -> Any:
        """A GET on a line."""
        await line.send(self.caller.head("GET", path, {"Host": host}))
        return await line.answer()

    async def get(self, url: str, headers: Mapping[str, str | None] | None = None) -> Any:
        """A GET that names a whole URL, on a line of its own."""
        authority = url.partition("://")[2].partition("/")[0]
        line = await self.line()
        await line.send(self.caller.head("GET", url, {"Host": authority, **(headers or {})}))
        return await line.answer()


Proxy = Callable[..., Awaitable[Proxied]]


@pytest.fixture
def proxy(serve: Any, tmp_path: Path) -> Proxy:
    """`await proxy(proxy_others="tunnel")`: a server with these settings."""

    async def proxy(**settings: Any) -> Proxied:
        caller = await serve(**{"ca_dir": str(tmp_path / "ca"), **settings})
        pem = await caller.server._proxy.roots(system=False)
        trust = ssl.create_default_context(cadata=pem.decode())
        trust.verify_flags |= ssl.VERIFY_X509_STRICT
        return Proxied(caller, trust)

    return proxy


@dataclass
class Elsewhere:
    """Another host, on loopback: says what it was sent, and hears the end."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    answer: bytes = b""
    """Said to everybody at once; '' for an echo."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.answer:
            writer.write(self.answer)
        while data := await reader.read(65_536):
            self.heard.append(data)
            if not self.answer:
                writer.write(data)
                await writer.drain()
        writer.write(b"the end")
        writer.close()


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    made = Elsewhere()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            await asyncio.start_server(made.serve, "127.0.0.1", 0)
        )
        made.port = server.sockets[0].getsockname()[1]
        yield made
        server.close()
