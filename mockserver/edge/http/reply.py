"""What all of Twilio's answers have in common, and getting them written.

The head is written here and not by aiohttp, so that headers stand in the order in which they were
captured. Source: answers of api.twilio.com, 2020 to 2023; `Server` is ours, so that nobody takes
the mock for the real thing.
"""

from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import web

from mockserver.domain.version import __version__
from mockserver.edge.http.call import Reply
from mockserver.world.clock import http_date

_REASONS: Final = {status.value: status.phrase.upper() for status in HTTPStatus}
"""Upper case, as captured (`201 CREATED`)."""

_NO_CONTENT: Final = HTTPStatus.NO_CONTENT.value
"""A name of an enumeration takes a microsecond to look up."""

_SAME_FOR_ALL: Final = "\r\n".join(
    (
        "Access-Control-Allow-Origin: *",
        "Access-Control-Allow-Headers: Accept, Authorization, Content-Type, If-Match, "
        "If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key",
        "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS",
        "Access-Control-Expose-Headers: ETag",
        "Access-Control-Allow-Credentials: true",
        "X-Powered-By: AT-5000",
        "X-Shenanigans: none",
        "X-Home-Region: us1",
        "X-API-Domain: {domain}",
        "Strict-Transport-Security: max-age=31536000",
        f"Server: twilio-mockserver/{__version__}",
        "",
    )
)


@lru_cache(64)
def _constant(domain: str) -> str:
    return _SAME_FOR_ALL.format(domain=domain)


def head_of(
    reply: Reply,
    domain: str,
    request_id: str,
    concurrent: int,
    duration: float,
    *,
    keep_alive: bool = True,
) -> str:
    """Status line and headers of an answer, in Twilio's order; `duration` in seconds."""
    content = ""
    if reply.body:
        content = f"Content-Type: {reply.content_type}\r\n"
    if reply.status != _NO_CONTENT:
        content += f"Content-Length: {len(reply.body)}\r\n"
    more = "".join([f"{n}: {value}\r\n" for n, value in reply.headers]) if reply.headers else ""
    return (
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'UNKNOWN')}\r\n"
        f"Date: {http_date()}\r\n{content}"
        f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n"
        f"Twilio-Concurrent-Requests: {concurrent}\r\n"
        f"Twilio-Request-Id: {request_id}\r\n"
        f"Twilio-Request-Duration: {duration:.3f}\r\n"
        f"{_constant(domain)}{more}\r\n"
    )


class Written(web.StreamResponse):
    """An answer whose bytes are ready; aiohttp's server loop only says when to write them."""

    def __init__(self, head: str, body: bytes, *, status: int, keep_alive: bool) -> None:
        super().__init__(status=status)
        self._parts = (head.encode("latin-1", "replace"), body)
        self._stays = keep_alive
        self._gone = False

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may serve another request."""
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write everything, once; raise `ConnectionResetError` when nobody is there any more."""
        if self._gone:
            return
        self._gone = True
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client went away")
        transport.writelines(self._parts)

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""
