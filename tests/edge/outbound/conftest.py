"""A receiver on a raw socket: what it got is what was on the wire."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mockserver.edge.outbound.courier import HttpCourier
from mockserver.world.ports import Limits, Parcel

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Receiver:
    """Answers with `answers` in turn, then with 204; b"" closes without an answer."""

    answers: list[bytes] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    visited: asyncio.Event = field(default_factory=asyncio.Event)
    hanging: bool = False
    """Take what comes and never answer; with TLS, not even the handshake."""
    closing: bool = False
    """Close after an answer, without having said so."""
    greeting: bytes = b""
    """Said before anything was asked."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode("latin-1") + body

    @staticmethod
    def headers_of(request: bytes) -> list[tuple[str, str]]:
        lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.visited.set()
        writer.write(self.greeting)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._serve(reader, writer):
                await writer.drain()
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.hanging:
            await reader.read()
            return False
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head + await reader.readexactly(_length(head)))
        answer = self.answers.pop(0) if self.answers else NO_CONTENT
        writer.write(answer)
        return answer.startswith(b"HTTP/1.1 2") and not self.closing


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@pytest.fixture
async def courier() -> AsyncIterator[HttpCourier]:
    courier = HttpCourier()
    yield courier
    await courier.close()


@pytest.fixture
def limits() -> Limits:
    """Far away: for what answers at once."""
    return Limits(connect=30, read=30, total=30)


@pytest.fixture
def parcel() -> Callable[..., Parcel]:
    """A status callback to a URL."""

    def make(url: str, *params: tuple[str, str], method: str = "POST") -> Parcel:
        return Parcel(
            kind="status",
            url=url,
            method=method,
            params=params or (("MessageSid", "SM1"), ("To", "+14155550123")),
            signature="RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            idempotency_token="0b1c",
            account_sid="AC1",
        )

    return make


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[[str], ssl.SSLContext]:
    """A server's side of TLS, by the name of its certificate: right, other or expired."""

    def context(name: str) -> ssl.SSLContext:
        file = tmp_path / f"{name}.pem"
        file.write_text(LEAF_KEY + CERTIFICATES[name], encoding="ascii")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
        return server

    return context


@pytest.fixture
def trust() -> ssl.SSLContext:
    """A client's side of TLS that knows the authority of these tests and no other."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=AUTHORITY)
    return client


# Made for these tests: an authority until 2126, and three certificates of one key for 127.0.0.1,
# for other.example, and for 127.0.0.1 in 2020. Nothing else trusts them.
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIURdgDJIRCMVk2BKsSUeJkrWsUE1QwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFdGVzdHMwIBcNMjYxMTIxMDgyNTUyWhgPMjEyNjEwMjgwODI1
NTJaMBAxDjAMBgNVBAMMBXRlc3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
AvttLf18Ds8UbbSmcw4IJ/ezkT3tEtJmE3cGNN/4R8nLLSiJFaoQW7mOfNxORsAp
QApobmQS9mSSk3fq5R8vG6NjMGEwHQYDVR0OBBYEFChH/eM5fhay/Nvl+mbpdU3B
CKJMMB8GA1UdIwQYMBaAFChH/eM5fhay/Nvl+mbpdU3BCKJMMA8GA1UdEwEB/wQF
MAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0gAMEUCIQCuMNVO42n3
etwiwU2LTdsGuOmwjQp7TU9mg2A8fLAZowIgDe+EoHZYhbX2iWZB2KP/qkhQd/Sy
L9YMDrhnyXOycww=
-----END CERTIFICATE-----
"""
LEAF_KEY = """\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIISZmd1MmXc2sIbPSnuvuiUZ5A2zHEZBUUckLsKBigA6oAoGCCqGSM49
AwEHoUQDQgAEsxR1ApzFS+qRZLPbFogqSYgh3cmgVZ2l363hVONwayGr4NnUeGaA
RFY6weTITVen+7n0B/fwKgKucMKXheq4Ig==
-----END EC PRIVATE KEY-----
"""
CERTIFICATES = {
    "right": """\
-----BEGIN CERTIFICATE-----
MIIBjjCCATOgAwIBAgIUGdhTdNgNK00J/CtPRQHxcDMRTtAwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFdGVzdHMwIBcNMjYxMTIxMDgyNTUyWhgPMjEyNjEwMjgwODI1
NTJaMBAxDjAMBgNVBAMMBXJpZ2h0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
sxR1ApzFS+qRZLPbFogqSYgh3cmgVZ2l363hVONwayGr4NnUeGaARFY6weTITVen
+7n0B/fwKgKucMKXheq4IqNpMGcwGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0
MB8GA1UdIwQYMBaAFChH/eM5fhay/Nvl+mbpdU3BCKJMMAkGA1UdEwQCMAAwHQYD
VR0OBBYEFKzyX8pc0wuVa8efiovOZ2KBD3A2MAoGCCqGSM49BAMCA0kAMEYCIQDn
nhtT25/yXIGEIyTLE8Tw66GO6prR4ilnVPpypaMOlwIhAI3Z66NfFnNxaz/cymSm
RsPX+dI9oO7UTaF3w8Cu1CsR
-----END CERTIFICATE-----
""",
    "other": """\
-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUGdhTdNgNK00J/CtPRQHxcDMRTtEwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFdGVzdHMwIBcNMjYxMTIxMDgyNTUyWhgPMjEyNjEwMjgwODI1
NTJaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
sxR1ApzFS+qRZLPbFogqSYgh3cmgVZ2l363hVONwayGr4NnUeGaARFY6weTITVen
+7n0B/fwKgKucMKXheq4IqNnMGUwGAYDVR0RBBEwD4INb3RoZXIuZXhhbXBsZTAf
BgNVHSMEGDAWgBQoR/3jOX4Wsvzb5fpm6XVNwQiiTDAJBgNVHRMEAjAAMB0GA1Ud
DgQWBBSs8l/KXNMLlWvHn4qLzmdigQ9wNjAKBggqhkjOPQQDAgNHADBEAiB6RVDA
ptyw6Czfg+8HSSPLUzH018ddrwQA8H/OJMwIFgIgfYK/Hx1LmX6Kb6k6YOQG5+z+
LilLIWP8VWYbyMBoYiY=
-----END CERTIFICATE-----
""",
    "expired": """\
-----BEGIN CERTIFICATE-----
MIIBcDCCARWgAwIBAgIBATAKBggqhkjOPQQDAjAQMQ4wDAYDVQQDDAV0ZXN0czAe
Fw0yMDAxMDEwMDAwMDBaFw0yMDAxMDIwMDAwMDBaMBIxEDAOBgNVBAMMB2V4cGly
ZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASzFHUCnMVL6pFks9sWiCpJiCHd
yaBVnaXfreFU43BrIavg2dR4ZoBEVjrB5MhNV6f7ufQH9/AqAq5wwpeF6rgio14w
XDAPBgNVHREECDAGhwR/AAABMB8GA1UdIwQYMBaAFChH/eM5fhay/Nvl+mbpdU3B
CKJMMAkGA1UdEwQCMAAwHQYDVR0OBBYEFKzyX8pc0wuVa8efiovOZ2KBD3A2MAoG
CCqGSM49BAMCA0kAMEYCIQDeYZctrrPlnsyfkS6hMP6JqleERLtQPq6jyAIYyNan
yAIhAKBBaH/1GxYRBg7WxQ1Sd2CFMC6v9/PqDmDszcOoc8PA
-----END CERTIFICATE-----
""",
}
