"""What all of Twilio's answers have in common: headers, reason phrases, and getting them written.

Source: answers captured from api.twilio.com, 2020 to 2023; `Server` is ours, so that nobody takes
the mock for the real thing.
"""

from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from mockserver import __version__
from mockserver.edge.http.call import Reply

SERVER: Final = f"twilio-mockserver/{__version__}"

_CORS: Final = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Allow-Headers",
        "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, "
        "If-Unmodified-Since, Idempotency-Key",
    ),
    ("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"),
    ("Access-Control-Expose-Headers", "ETag"),
    ("Access-Control-Allow-Credentials", "true"),
)

_REASONS: Final = {status.value: status.phrase.upper() for status in HTTPStatus}
"""Upper case, as captured (`201 CREATED`)."""


@lru_cache(64)
def _usual(domain: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(
        CIMultiDict(
            (
                ("Content-Type", "application/json"),
                ("Twilio-Concurrent-Requests", "1"),
                ("Twilio-Request-Id", ""),
                ("Twilio-Request-Duration", ""),
                *_CORS,
                ("X-Powered-By", "AT-5000"),
                ("X-Shenanigans", "none"),
                ("X-Home-Region", "us1"),
                ("X-API-Domain", domain),
                ("Strict-Transport-Security", "max-age=31536000"),
                ("Server", SERVER),
            )
        )
    )


def headers_of(
    reply: Reply, domain: str, request_id: str, concurrent: int, duration: float
) -> CIMultiDict[str]:
    """The headers of an answer, in Twilio's order; `duration` in seconds."""
    headers = _usual(domain).copy()
    headers["Twilio-Request-Id"] = request_id
    headers["Twilio-Request-Duration"] = f"{duration:.3f}"
    if concurrent != 1:
        headers["Twilio-Concurrent-Requests"] = str(concurrent)
    if reply.content_type != "application/json":
        headers["Content-Type"] = reply.content_type
    if not reply.body:
        del headers["Content-Type"]
    for name, value in reply.headers:
        headers[name] = value
    return headers


def response(reply: Reply, headers: CIMultiDict[str], *, head: bool) -> web.Response:
    """The answer, ready to be written; a HEAD request's without its body."""
    body = b"" if head else reply.body
    return web.Response(
        status=reply.status, reason=_REASONS.get(reply.status), body=body, headers=headers
    )
