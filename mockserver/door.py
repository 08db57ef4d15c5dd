"""A socket that listens, and can be shut for a while without giving its port away."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""


class Door:
    """Where clients come in; each is given a protocol of its own."""

    def __init__(self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._bound, self._protocol = bound, protocol
        self._address = bound.getsockname()
        self._server: asyncio.Server | None = None
        self._opening: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        """The latest opening, kept so that it is not collected."""

    @property
    def port(self) -> int:
        """The same while it is shut."""
        port: int = self._address[1]
        return port

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, sock=self._bound, backlog=BACKLOG)

    def shut(self, seconds: float) -> None:
        """Refuse connections for so many seconds of wall time, or longer where it is so already.

        Those that are open stay. Meanwhile the port is held by a socket that does not listen, so
        that nobody else takes it; raise `OSError` where somebody was quicker.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if self._opening is not None:
            until = max(until, self._opening.when())
            self._opening.cancel()
        if self._server is not None:
            self._server.close()
            self._server = None
            self._bound = _bound(self._bound.family, *self._address[:2])
        self._opening = loop.call_at(until, self._open_again)

    def close(self) -> None:
        """For good."""
        if self._opening is not None:
            self._opening.cancel()
        if self._server is not None:
            self._server.close()
        self._bound.close()

    def _open_again(self) -> None:
        self._opening = None
        self._task = asyncio.get_running_loop().create_task(self.open())


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Sockets for listening: for `localhost` on both loopbacks, at one port; raise `OSError`."""
    if host != "localhost":
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return [_bound(family, host, port)]
    for _ in range(20 if port == 0 else 1):
        first = _bound(socket.AF_INET, "127.0.0.1", port)
        if not _has_ipv6_loopback():
            return [first]
        try:
            return [first, _bound(socket.AF_INET6, "::1", first.getsockname()[1])]
        except OSError:
            first.close()
            if port:
                raise
    raise OSError("found no port that is free on both loopbacks")


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


def _has_ipv6_loopback() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
