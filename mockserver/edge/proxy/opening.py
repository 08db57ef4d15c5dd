"""The beginning of a tunnel: a CONNECT is read, somebody decides, and a byte says what follows.

Or of TLS without one, for who takes the mock's address for Twilio's.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, cast

from mockserver.edge.proxy.first_bytes import CONNECT, TLS_HANDSHAKE
from mockserver.edge.proxy.target import Refused, Target, read_target

HEAD_LIMIT: Final = 16_384
"""Bytes of a CONNECT with its headers."""

EARLY_LIMIT: Final = 65_536
"""Bytes behind a CONNECT that are kept before it is answered; more must wait."""

PATIENCE: Final = 20.0
"""Seconds of wall time for the head, and again for the first byte inside."""

ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"

_LINE: Final = re.compile(rb"CONNECT (\S+) HTTP/1\.[01]\r\n").match
_BARE: Final = re.compile(rb"[^\r\n]*\n").match
_VIA: Final = re.compile(rb"\r\nVia:[ \t]*([^\r\n]*)", re.IGNORECASE).findall

log: Final = logging.getLogger("mockserver")

Next = Callable[[asyncio.Transport, bytes], None]
"""Takes a connection over, with what was read of it."""

Decide = Callable[[Target, "Opening"], Awaitable[None]]
"""Calls one of the opening's three ways on, or raises `Refused`."""

Greet = Callable[["Opening"], Awaitable[None]]
"""Calls `past`: this is TLS already, with nobody asked for the way."""


class Opening(asyncio.Protocol):
    """A connection until it is known what it is for."""

    def __init__(self, decide: Decide, greet: Greet, plain: Next, openings: "set[Opening]") -> None:
        """`plain` goes on with what turns out to be neither a CONNECT nor TLS."""
        self._decide, self._greet, self._plain = decide, greet, plain
        self._openings = openings
        self._read = b""
        self._take: Callable[[bytes], None] = self._head
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle
        self.transport: asyncio.Transport
        self.via = ""
        """The proxies that the CONNECT came through, as its headers tell."""

    def begin(self, transport: asyncio.BaseTransport, data: bytes) -> None:
        """Take a connection over whose first bytes these are."""
        self.transport = cast(asyncio.Transport, transport)
        self._openings.add(self)
        self._wait()
        self.transport.set_protocol(self)
        self.data_received(data)

    def data_received(self, data: bytes) -> None:
        """More of it."""
        self._read += data
        self._take(self._read)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went away."""
        self._forget()
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """End it at once."""
        self._forget()
        if self._task is not None:
            self._task.cancel()
        self.transport.abort()

    # -- the ways on --

    def inside(self, secured: Next, plain: Next) -> None:
        """Tell the client to go on, and give what comes to the one that understands it."""
        self._established()
        self._wait()

        def choose(read: bytes) -> None:
            if read:
                self._hand_over(secured if read[0] == TLS_HANDSHAKE else plain)

        self._take = choose
        self.transport.resume_reading()
        choose(self._read)

    def outside(self, onward: Next) -> None:
        """Tell the client to go on, and give all that comes to somebody else."""
        self._established()
        self._hand_over(onward)

    def past(self, onward: Next) -> None:
        """Tell the client nothing, and give all that came to the one who understands it."""
        self._hand_over(onward)

    def refuse(self, refused: Refused) -> None:
        """Say why not, in the status line too, which is all that most clients show."""
        log.warning("the proxy refused a client: %s", refused.said)
        body = f"{refused.said}\n".encode("ascii", "replace")
        head = (
            f"HTTP/1.1 {refused.status} {refused.said}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii", "replace") + body)
        self.transport.close()

    # -- --

    def _head(self, read: bytes) -> None:
        if read[0] == TLS_HANDSHAKE:
            self._begin(partial(self._greet, self))
            return
        if not (read.startswith(CONNECT) or CONNECT.startswith(read)):
            self._hand_over(self._plain)
            return
        end = read.find(b"\r\n\r\n")
        if end < 0:
            if _BARE(read):  # somebody's own few lines of a client: it would wait in vain
                self.refuse(Refused(400, "a line ends with CR and LF, not with LF alone"))
            elif len(read) > HEAD_LIMIT:
                self.refuse(Refused(431, "the headers of a CONNECT are too long"))
            return
        self._read = read[end + 4 :]
        self._begin(partial(self._ask, read[: end + 2]))

    def _begin(self, decide: Callable[[], Awaitable[None]]) -> None:
        self._take = self._keep
        self._timer.cancel()
        self._task = asyncio.get_running_loop().create_task(self._decided(decide))

    def _keep(self, read: bytes) -> None:
        """Nothing is decided yet. Reading goes on for a while, for else an end would go unseen."""
        if len(read) > EARLY_LIMIT:
            self.transport.pause_reading()

    async def _ask(self, head: bytes) -> None:
        self.via = ", ".join(each.decode("latin-1") for each in _VIA(head))
        await self._decide(_asked(head), self)

    async def _decided(self, decide: Callable[[], Awaitable[None]]) -> None:
        try:
            await decide()
        except Refused as refused:
            self.refuse(refused)
        except Exception:
            log.exception("the beginning of a connection broke the mock: please report this")
            self.refuse(Refused(500, "the mock broke: please report what its log says"))
        finally:
            self._task = None

    def _established(self) -> None:
        self.transport.write(ESTABLISHED)

    def _hand_over(self, onward: Next) -> None:
        self._forget()
        read, self._read = self._read, b""
        onward(self.transport, read)
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self.close)

    def _forget(self) -> None:
        self._timer.cancel()
        self._openings.discard(self)


def _asked(head: bytes) -> Target:
    """Whom a CONNECT wants to reach; raises `Refused`."""
    line = _LINE(head)
    if line is None:
        raise Refused(400, "this is not a CONNECT that the proxy understands")
    return read_target(line[1].decode("ascii", "replace"))
