"""TLS over a connection that is there already, in place of the event loop's own.

What was read before can be handed in, the end comes at once instead of after a wait for the other
side's farewell, and it is the same under every event loop.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final, cast

RECORD: Final = 16_384
"""Bytes of text in a record. Source: RFC 8446, 5.1."""

HANDSHAKE_PATIENCE: Final = 20.0
"""Seconds of wall time until a handshake that stands still is given up."""

LAST_WORDS: Final = 10.0
"""Seconds that a peer gets to read what was written before the end."""

PLAIN: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This port of twilio-mockserver speaks TLS: write https:// for http://\n"
)
"""For a client that does not; the end of the connection ends it."""

QUICK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)

log: Final = logging.getLogger("mockserver")

Lower = Callable[[], asyncio.Protocol]


class Secured(asyncio.Protocol):
    """The server's side of TLS: a protocol for what is below, a transport for what is above."""

    def __init__(
        self, context: ssl.SSLContext, above: Lower, over: Callable[["Secured"], None]
    ) -> None:
        """`above` makes the protocol inside, once the handshake is done; `over` is told the end."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._above, self._over = above, over
        self._inside: asyncio.Protocol | None = None
        self._greeted = False
        """Whether the client was shown a certificate, and has not said yet what it thinks of it."""
        self._raw: asyncio.Transport
        self._patience: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the client to begin."""
        self._raw = cast(asyncio.Transport, transport)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(HANDSHAKE_PATIENCE, self._raw.abort)

    def data_received(self, data: bytes) -> None:
        """The handshake, then what is inside."""
        self._incoming.write(data)
        if self._inside is None and not self._shaken():
            return
        self._read()
        self._acknowledge()

    def eof_received(self) -> None:
        """The other side hung up, politely or not; the transport below closes by itself."""
        if self._inside is not None:
            self._inside.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on."""
        self._patience.cancel()
        if self._greeted:
            log.warning("%s", UNTRUSTED.format(reason="it hung up"))
        inside, self._inside = self._inside, None
        if inside is not None:
            inside.connection_lost(exc)
        self._over(self)

    def pause_writing(self) -> None:
        """The other side reads too slowly."""
        if self._inside is not None:
            self._inside.pause_writing()

    def resume_writing(self) -> None:
        """It reads again."""
        if self._inside is not None:
            self._inside.resume_writing()

    # -- for what is above --

    def write(self, data: "bytes | bytearray | memoryview[int]") -> None:
        """Encrypt and send."""
        if self._raw.is_closing():
            return
        rest = memoryview(data)
        while rest.nbytes:
            rest = rest[self._tls.write(rest) :]
        self._flush()

    def close(self) -> None:
        """Say farewell, and close when all is sent; a peer that does not read has its time."""
        if self._raw.is_closing():
            return
        with suppress(ssl.SSLError):  # it would wait for the other side's farewell
            self._tls.unwrap()
        self._flush()
        self._raw.close()
        self._patience.cancel()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(LAST_WORDS, self._raw.abort)

    def abort(self) -> None:
        """End at once, whatever is not sent yet."""
        self._greeted = False
        self._raw.abort()

    def _acknowledge(self) -> None:
        """Tell the other side at once that its bytes are here, where the system can.

        urllib3 has Nagle's algorithm on towards a proxy: it holds a body back until its head is
        acknowledged, for which systems take 40 ms. The system forgets the wish after a while.
        """
        below = self._raw.get_extra_info("socket")
        if QUICK is not None and below is not None and not self._raw.is_closing():
            below.setsockopt(socket.IPPROTO_TCP, QUICK, 1)

    def _shaken(self) -> bool:
        """Go on with the handshake: whether it is done."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._greeted = self._greeted or self._outgoing.pending > 0
            self._flush()
            return False
        except ssl.SSLError as problem:
            self._broken(problem)
            return False
        self._greeted = False
        self._flush()
        self._patience.cancel()
        self._inside = self._above()
        self._inside.connection_made(Inner(self, self._raw, self._tls))
        return True

    def _read(self) -> None:
        """Hand on all that can be read; after the other side's farewell, end."""
        try:
            while self._inside is not None and not self._raw.is_closing():
                text = self._tls.read(RECORD)
                if not text:
                    self.eof_received()
                    self.close()
                    return
                self._inside.data_received(text)
        except ssl.SSLWantReadError:
            self._flush()  # an answer to a change of keys
        except ssl.SSLZeroReturnError:
            self.eof_received()
            self.close()
        except ssl.SSLError as problem:
            self._broken(problem)

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._raw.write(self._outgoing.read())

    def _broken(self, problem: ssl.SSLError) -> None:
        """The other side does not speak TLS, or does not like what it was shown."""
        self._greeted = False
        if problem.reason == "HTTP_REQUEST":
            self._raw.write(PLAIN)
        else:
            self._flush()
            log.warning("%s", complaint(problem))
        self._raw.close()


UNTRUSTED: Final = (
    "a client broke off TLS ({reason}): does it trust the mock's CA? `twilio-mockserver ca` prints "
    "it, /_mock/ca-bundle.pem has the system's roots too"
)


def complaint(problem: ssl.SSLError) -> str:
    """What to do about a handshake that failed."""
    reason = problem.reason or str(problem)
    if "ALERT" in reason:
        return UNTRUSTED.format(reason=reason)
    return f"a client's TLS could not be understood ({reason})"


class Inner(asyncio.Transport):
    """What the protocol inside writes to."""

    def __init__(self, secured: Secured, raw: asyncio.Transport, tls: ssl.SSLObject) -> None:
        super().__init__()
        self._secured, self._raw, self._tls = secured, raw, tls
        self.write = secured.write  # type: ignore[method-assign]  # one call less for each answer
        self.close = secured.close  # type: ignore[method-assign]
        self.abort = raw.abort  # type: ignore[method-assign]
        self.is_closing = raw.is_closing  # type: ignore[method-assign]
        self.pause_reading = raw.pause_reading  # type: ignore[method-assign]
        self.resume_reading = raw.resume_reading  # type: ignore[method-assign]
        self.is_reading = raw.is_reading  # type: ignore[method-assign]
        self.get_write_buffer_size = raw.get_write_buffer_size  # type: ignore[method-assign]
        self.get_write_buffer_limits = raw.get_write_buffer_limits  # type: ignore[method-assign]
        self.set_write_buffer_limits = raw.set_write_buffer_limits  # type: ignore[method-assign]

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """That of the connection below, and `ssl_object`, `sslcontext`."""
        if name == "ssl_object":
            return self._tls
        if name == "sslcontext":
            return self._tls.context
        return self._raw.get_extra_info(name, default)

    def writelines(self, list_of_data: "Iterable[bytes | bytearray | memoryview[int]]") -> None:
        """As one record, where it fits."""
        self._secured.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """A half of a TLS connection cannot be closed on its own."""
        return False
