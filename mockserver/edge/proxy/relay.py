"""Bytes from one connection to another, as they come, and no more of them than are read."""

import asyncio
from typing import Final, cast

HALF_OPEN: Final = 60.0
"""Seconds of wall time for which the second half of a tunnel may be still, once the first ended."""

STALLED: Final = 300.0
"""Seconds of wall time for which a side may read nothing of what waits for it.

Meanwhile nobody listens to the other side, so that its end, too, would go unseen.
"""

LAST_WORDS: Final = 20.0
"""Seconds that a side gets to read what is left when the other is gone."""


class End(asyncio.Protocol):
    """One side of a tunnel: what it reads, the other one writes."""

    def __init__(self, tunnel: "Tunnel") -> None:
        self._tunnel = tunnel
        self.transport: asyncio.Transport | None = None
        self.other: End
        self.early = b""
        """What came before the other side was there."""
        self.ended = False
        """Whether nothing more will be read here."""
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        if (far := self.other.transport) is None:
            self.early += data
        else:
            far.write(data)
            self._tunnel.stirred()

    def pause_writing(self) -> None:
        """This side does not read: the other must wait."""
        if (far := self.other.transport) is not None and not far.is_closing():
            far.pause_reading()
        loop = asyncio.get_running_loop()
        self._stalled = loop.call_later(STALLED, self._tunnel.close)

    def resume_writing(self) -> None:
        """It reads again."""
        self._flows()
        if (far := self.other.transport) is not None and not far.is_closing():
            far.resume_reading()

    def eof_received(self) -> bool:
        """The half from here is over; the other half may go on."""
        self.ended = True
        far = self.other.transport
        if far is None:
            return True
        if self.other.ended or not far.can_write_eof():
            return False
        far.write_eof()
        self._tunnel.halve()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """With one side the other ends, once it has what was sent."""
        self.ended, self.transport = True, None
        self._flows()
        self._tunnel.lost(self.other, abruptly=exc is not None)

    def _flows(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()


class Tunnel:
    """Two ends that belong together."""

    def __init__(self, open_tunnels: "set[Tunnel]") -> None:
        """`open_tunnels` is who ends what is left when the server does."""
        self.near, self.far = End(self), End(self)
        self.near.other, self.far.other = self.far, self.near
        self._open = open_tunnels
        self._timer: asyncio.TimerHandle | None = None
        self._half = False
        open_tunnels.add(self)

    def join(self, client: asyncio.Transport, read: bytes) -> None:
        """Take the client's connection over, with what was read of it; the far end is connected."""
        client.set_protocol(self.near)
        self.near.connection_made(client)
        early, self.far.early = self.far.early, b""
        client.write(early)
        if self.far.transport is None:  # it went in the meantime
            client.close()
            return
        if self.far.ended:
            client.write_eof()
            self.halve()
        self.far.transport.write(read)

    def halve(self) -> None:
        """One half is over."""
        self._half = True
        self.stirred()

    def stirred(self) -> None:
        """Something came; a tunnel of which one half is over ends when nothing comes."""
        if self._half:
            self._end_in(HALF_OPEN)

    def lost(self, other: End, *, abruptly: bool) -> None:
        """One end is gone."""
        if other.transport is None:
            self.close()
        elif abruptly:
            other.transport.abort()
        else:
            other.transport.close()
            self._end_in(LAST_WORDS)

    def close(self) -> None:
        """End both sides at once."""
        self._open.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        for end in (self.near, self.far):
            if end.transport is not None:
                end.transport.abort()

    def _end_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.close)
