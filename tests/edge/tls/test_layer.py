"""TLS over any transport: here over one that keeps what is written, byte for byte."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.edge.tls import layer
from mockserver.edge.tls.contexts import Certificates
from mockserver.edge.tls.layer import Secured
from mockserver.edge.tls.vault import Memory

HOST = "api.twilio.com"


class Wire(asyncio.Transport):
    """What is below: keeps what is written, and how it ended."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 1)})
        self.written = b""
        self.told: list[str] = []

    def write(self, data: "bytes | bytearray | memoryview[int]") -> None:
        self.written += bytes(data)

    def taken(self) -> bytes:
        """What was written since somebody asked."""
        taken, self.written = self.written, b""
        return taken

    def close(self) -> None:
        self.told.append("close")

    def abort(self) -> None:
        self.told.append("abort")

    def is_closing(self) -> bool:
        return bool(self.told)

    def pause_reading(self) -> None:
        self.told.append("pause")


class Inside(asyncio.Protocol):
    """What is above: keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)

    def eof_received(self) -> None:
        self.heard.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.heard.append(exc)

    def pause_writing(self) -> None:
        self.heard.append("pause")

    def resume_writing(self) -> None:
        self.heard.append("resume")


class Talk:
    """A client on one side, the layer in the middle, a protocol on the other."""

    def __init__(self, context: ssl.SSLContext, versions: ssl.TLSVersion) -> None:
        self.wire, self.inside = Wire(), Inside()
        self.over: list[Secured] = []
        self.secured = Secured(context, lambda: self.inside, self.over.append)
        self.secured.connection_made(self.wire)
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        trust.minimum_version = trust.maximum_version = versions
        self.there, self.back = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = trust.wrap_bio(self.back, self.there, server_hostname=HOST)

    def shake(self, cut: int = 1 << 20) -> "Talk":
        """The whole handshake, handed in in pieces of `cut` bytes."""
        for _ in range(4):
            try:
                self.client.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            self.hand_in(self.there.read(), cut)
            if done:
                break
        return self

    def hand_in(self, data: bytes, cut: int = 1 << 20) -> None:
        for start in range(0, len(data), cut):
            self.secured.data_received(data[start : start + cut])
        self.back.write(self.wire.taken())

    def say(self, text: bytes, cut: int = 1 << 20) -> None:
        self.client.write(text)
        self.hand_in(self.there.read(), cut)

    def hear(self) -> bytes:
        """All that was said to the client."""
        self.back.write(self.wire.taken())
        heard = b""
        try:
            while part := self.client.read(65_536):
                heard += part
        except ssl.SSLWantReadError:
            pass
        return heard


Begin = Callable[..., Talk]


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates(Memory())


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
async def talk(request: pytest.FixtureRequest, certificates: Certificates) -> Talk:
    return Talk(certificates.context(HOST), request.param)


async def test_both_sides_are_understood(talk: Talk) -> None:
    """What one says the other hears, as often as they like."""
    talk.shake()
    for text in (b"one", b"two"):
        talk.say(text)
        assert talk.inside.heard.pop() == text
        talk.inside.transport.write(text.upper())
        assert talk.hear() == text.upper()
    assert not talk.over


@pytest.mark.parametrize("cut", [1, 7, 1_000])
async def test_bytes_may_come_in_any_pieces(talk: Talk, cut: int) -> None:
    """Down to single ones, in the handshake and after it."""
    talk.shake(cut)
    talk.say(b"hello" * 100, cut)
    assert b"".join(talk.inside.heard) == b"hello" * 100


async def test_much_is_many_records(talk: Talk) -> None:
    """In both directions; nothing is lost, nothing twice."""
    text = bytes(range(256)) * 1_000
    talk.shake()
    for start in range(0, len(text), 16_000):
        talk.say(text[start : start + 16_000])
    assert b"".join(talk.inside.heard) == text
    talk.inside.transport.writelines([text[:1_000], text[1_000:]])
    assert talk.hear() == text


async def test_a_close_says_farewell_and_waits_for_none(talk: Talk) -> None:
    """What was written before is there; what is written after it is not."""
    talk.shake()
    talk.inside.transport.write(b"last")
    talk.inside.transport.close()
    talk.inside.transport.close()
    talk.inside.transport.write(b"too late")
    assert talk.wire.told == ["close"]
    talk.back.write(talk.wire.taken())
    assert talk.client.read(100) == b"last"
    assert talk.client.read(100) == b"", "a farewell, so nothing was cut off"
    talk.secured.connection_lost(None)
    assert talk.inside.heard == [None]
    assert talk.over == [talk.secured]


async def test_who_does_not_read_the_farewell_is_cut_off(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some time."""
    monkeypatch.setattr(layer, "LAST_WORDS", 0.01)
    talk.shake().inside.transport.close()
    async with asyncio.timeout(20):
        while talk.wire.told != ["close", "abort"]:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_clients_farewell_is_an_end(talk: Talk) -> None:
    """As the end of a plain connection is."""
    talk.shake().say(b"bye")
    with pytest.raises(ssl.SSLError):
        talk.client.unwrap()
    talk.hand_in(talk.there.read())
    assert talk.inside.heard == [b"bye", "eof"]
    assert talk.wire.told == ["close"]


async def test_an_end_without_farewell_is_one_too(talk: Talk) -> None:
    """Many clients just hang up."""
    talk.shake()
    talk.secured.eof_received()
    talk.secured.connection_lost(ConnectionResetError("cut"))
    assert talk.inside.heard[0] == "eof"
    assert isinstance(talk.inside.heard[1], ConnectionResetError)


async def test_nobody_is_told_of_one_that_never_began(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that says nothing is a port scanner's, or a health check's."""
    talk.secured.eof_received()
    talk.secured.pause_writing()
    talk.secured.resume_writing()
    talk.secured.connection_lost(None)
    assert talk.over == [talk.secured]
    assert not talk.inside.heard
    assert not caplog.records


async def test_who_hangs_up_at_the_sight_of_it_is_named(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says what to do about a CA that is not trusted."""
    with pytest.raises(ssl.SSLWantReadError):
        talk.client.do_handshake()
    talk.hand_in(talk.there.read())
    talk.secured.connection_lost(None)
    assert "does it trust the mock's CA?" in caplog.text


async def test_what_is_no_tls_is_said(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """And ends."""
    talk.secured.data_received(b"\x16\x03\x01\x00\x05hello")
    assert talk.wire.told == ["close"]
    assert "could not be understood" in caplog.text


async def test_broken_records_end_it(talk: Talk) -> None:
    """Nothing that was tampered with reaches what is inside."""
    talk.shake()
    talk.client.write(b"hello")
    data = bytearray(talk.there.read())
    data[-1] ^= 1
    talk.secured.data_received(bytes(data))
    assert talk.inside.heard == []
    assert talk.wire.told == ["close"]


async def test_plain_http_is_told_so(talk: Talk) -> None:
    """In HTTP, which it understands."""
    talk.secured.data_received(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert talk.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"write https://" in talk.wire.written


async def test_a_handshake_has_an_end(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that stands still is given up."""
    monkeypatch.setattr(layer, "HANDSHAKE_PATIENCE", 0.01)
    talk = Talk(certificates.context(HOST), ssl.TLSVersion.TLSv1_3)
    async with asyncio.timeout(20):
        while talk.wire.told != ["abort"]:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_the_transport_is_the_one_below_and_tells_of_tls(talk: Talk) -> None:
    """What a server wants to know of a connection, and holding back what comes."""
    talk.shake()
    transport = talk.inside.transport
    assert transport.get_extra_info("peername") == ("192.0.2.1", 1)
    assert transport.get_extra_info("nothing", 7) == 7
    assert transport.get_extra_info("ssl_object").version().startswith("TLSv1.")
    assert isinstance(transport.get_extra_info("sslcontext"), ssl.SSLContext)
    assert not transport.can_write_eof()
    talk.secured.pause_writing()
    talk.secured.resume_writing()
    assert talk.inside.heard == ["pause", "resume"]
    transport.pause_reading()
    assert talk.wire.told == ["pause"]
    talk.secured.abort()
    assert talk.wire.told == ["pause", "abort"]


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="the system cannot")
async def test_what_came_is_acknowledged_at_once(talk: Talk) -> None:
    """A client behind a proxy holds a body back until it knows that the head has arrived."""
    with socket.socket() as below:
        below.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        talk.shake()
        talk.wire._extra["socket"] = below  # type: ignore[attr-defined]  # as a real one has it
        talk.say(b"POST / HTTP/1.1\r\n")
        assert below.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) == 1
        talk.wire.close()
        below.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        talk.say(b"\r\n")
        assert below.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) == 0
