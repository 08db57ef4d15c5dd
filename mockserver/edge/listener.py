"""aiohttp's low-level server around the front, less what it would say in its own words."""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, Final, cast

from aiohttp import web

from mockserver.domain.errors import (
    ENTITY_TOO_LARGE,
    INTERNAL_ERROR,
    MALFORMED,
    Problem,
    TwilioError,
)
from mockserver.edge.front import Front
from mockserver.edge.http.forms import BODY_LIMIT
from mockserver.edge.http.refusals import refusal
from mockserver.edge.http.reply import Written, head_of
from mockserver.edge.proxy.first_bytes import CONNECT, TLS_HANDSHAKE

KEEP_ALIVE: Final = 75.0
"""Seconds that an idle connection is kept; aiohttp's own default."""

FINISH_POLL: Final = 0.01
"""Seconds between two looks at whether requests are still under way when the server ends."""

TAKEN: Final = bytes([CONNECT[0], TLS_HANDSHAKE])
"""First bytes of what is no plain HTTP for the mock."""

_CONNECT_LINE: Final = re.compile(rb"CONNECT [^\s]+ HTTP/1\.[01]\r?\n").match

Take = Callable[[asyncio.Transport, bytes], None]
"""Takes a connection over, with what was read of it."""

SAID_LENGTH: Final = 200
"""Characters of aiohttp's complaint that are told; it may quote a whole header."""

log: Final = logging.getLogger("mockserver")


class Connection(web.RequestHandler):
    """One client's connection; a request that aiohttp cannot parse is refused in Twilio's shape."""

    __slots__ = ("_begun", "inside", "take")

    def __init__(self, manager: "Listener", *, take: Take | None, inside: str = "", **how: Any):
        """`take` is given what begins as a CONNECT or TLS; `inside` is the host of a tunnel."""
        super().__init__(manager, **how)
        self.take, self.inside = take, inside
        self._begun = False

    @property
    def busy(self) -> bool:
        """Whether a request is under way, its body perhaps still coming in."""
        return self._current_request is not None or bool(self._messages)

    def data_received(self, data: bytes) -> None:
        """As aiohttp does it; but a body that breaks its framing reaches the one who reads it.

        aiohttp queues its complaint behind the request, which would wait for the rest for ever.
        """
        if data and data[0] in TAKEN and self.take is not None and self._is_for_another(data):
            self._leave(self.take, data)
            return
        self._begun = True
        super().data_received(data)
        request = self._current_request
        if request is None or not self._messages or not hasattr(self._messages[0][0], "exc"):
            return
        self._messages.clear()
        self.close()
        request._cancel(ConnectionResetError("the framing of the body is broken"))

    def resume_reading(self, *how: Any, **more: Any) -> None:
        """As aiohttp does it, but that where nothing was paused nothing waits to be parsed."""
        if self._reading_paused:
            super().resume_reading(*how, **more)

    def _is_for_another(self, data: bytes) -> bool:
        """The first bytes may be the half of a word; behind other requests it is a whole line."""
        if not self._begun:
            return data[0] == TLS_HANDSHAKE or data.startswith(CONNECT) or CONNECT.startswith(data)
        return not self.busy and _CONNECT_LINE(data) is not None

    def _leave(self, take: Take, data: bytes) -> None:
        """Give the connection to somebody else; to aiohttp it is lost."""
        transport, self.transport = self.transport, None
        if self._task_handler is not None:
            self._task_handler.cancel()
        self.connection_lost(None)
        take(cast(asyncio.Transport, transport), data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Called by aiohttp for a bad method, a bad header, and the like."""
        if status == INTERNAL_ERROR.status:
            log.error("%s broke the mock: please report this", request.raw_path, exc_info=exc)
            problem = INTERNAL_ERROR
        elif status == ENTITY_TOO_LARGE.status:
            problem = ENTITY_TOO_LARGE
        else:
            problem = Problem(MALFORMED.code, status, MALFORMED.text)
        reply = refusal(TwilioError(problem, said=_first_line(message)))
        head = head_of(reply, "api.twilio.com", "RQ" + "0" * 32, 1, 0.0, keep_alive=False)
        return Written(head, reply.body, status=reply.status, keep_alive=False)


class Listener(web.Server):
    """Makes a `Connection` for every client."""

    def __init__(self, front: Front, take: Take | None = None) -> None:
        """`take` is given connections that begin as a CONNECT does, or as TLS."""
        super().__init__(front.handle, request_factory=_make_request)
        self._take = take
        self._options: dict[str, Any] = {
            "access_log": None,
            "auto_decompress": False,
            "keepalive_timeout": KEEP_ALIVE,
        }

    def __call__(self) -> web.RequestHandler:
        """A new connection's protocol."""
        loop = asyncio.get_running_loop()
        return Connection(self, take=self._take, loop=loop, **self._options)

    def within(self, host: str) -> web.RequestHandler:
        """The same for one inside TLS or a tunnel, which leads to no further tunnel."""
        loop = asyncio.get_running_loop()
        return Connection(self, take=None, inside=host, loop=loop, **self._options)

    async def finish(self, seconds: float) -> None:
        """Answer what is under way, for so long at most, then hang up everywhere.

        aiohttp's `shutdown` alone reads no more of a body that is still coming in.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while clock() < end and any(map(_busy, self.connections)):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(FINISH_POLL)
        await self.shutdown(FINISH_POLL)


def _busy(connection: web.RequestHandler) -> bool:
    return isinstance(connection, Connection) and connection.busy


def _make_request(
    message: Any, payload: Any, protocol: Any, writer: Any, task: "asyncio.Task[None]"
) -> web.BaseRequest:
    """A request whose body may be as large as ours may."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT
    )


def _first_line(message: str | None) -> str:
    return (message or "not HTTP").strip().partition("\n")[0].rstrip(":")[:SAID_LENGTH]
