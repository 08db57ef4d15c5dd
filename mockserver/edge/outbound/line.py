"""The way out: one aiohttp client session, and the checks on every address that is called.

Callbacks and media go through it alike.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

import aiohttp

from mockserver.edge.outbound.connector import CheckedConnector
from mockserver.edge.outbound.failures import explain
from mockserver.edge.outbound.policy import Policy
from mockserver.edge.outbound.target import Target, aim, read_map, redirected
from mockserver.edge.outbound.wire import clean, told
from mockserver.world.ports import Limits, Unreachable

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""Followed; all but 307 and 308 turn a POST into a GET without form fields."""

MOST_REDIRECTS: Final = 10
"""One more is too many. The number is ours; Twilio publishes none."""

REMEMBERED: Final = 1_024
"""URLs whose reading is kept; a program has few, and they come by the thousand."""

T = TypeVar("T")


@dataclass(slots=True)
class Trip:
    """One attempt under way: what the next request will be, what the last one was."""

    target: Target
    method: str
    dress: "Callable[[Trip], dict[str, str]]"
    """Makes the headers of the next request."""
    body: bytes | None = None
    login: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def turn(self, status: int, target: Target) -> None:
        """Go where a redirect points; a password goes to the origin it was meant for."""
        if status not in (307, 308):
            self.method, self.body = "HEAD" if self.method == "HEAD" else "GET", None
        same = target.place.origin == self.target.place.origin
        self.login = target.place.login or (self.login if same else "")
        self.target = target


class _Open(NamedTuple):
    session: aiohttp.ClientSession
    connector: CheckedConnector


class Line:
    """Sends requests; keeps connections for a second."""

    def __init__(
        self,
        allow: Iterable[str] = (),
        webhook_map: Iterable[tuple[str, str]] = (),
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """`allow` as in `Policy`, `webhook_map` as in `read_map`; ValueError where one is bad.

        `ssl_context` stands for the system's roots.
        """
        self.policy = Policy(allow)
        self._routes = read_map(webhook_map)
        self._ssl_context = ssl_context
        self.aim = lru_cache(REMEMBERED)(self._look)
        """Where a URL leads; raises `Unreachable` as `target.aim`."""
        self._open: _Open | None = None
        self._closed = False

    def _look(self, url: str) -> Target:
        return aim(url, self.policy, self._routes)

    async def carry(
        self, trip: Trip, limits: Limits, travel: Callable[[Trip, Limits], Awaitable[T]]
    ) -> T:
        """What `travel` brings back within `limits.total`; raises `Unreachable` and nothing else.

        `sent_headers` are those of the last request, with the password masked.
        """
        connector = self._opened().connector
        try:
            async with asyncio.timeout(limits.total):
                return await travel(trip, limits)
        except Unreachable as refusal:
            refusal.sent_headers = told(trip.headers, trip.login)
            raise
        except Exception as problem:
            raise explain(
                problem,
                trip.target.called.authority,
                limits,
                connecting=connector.connecting(),
                sent=told(trip.headers, trip.login),
            ) from problem
        finally:
            connector.forget()

    async def send(self, trip: Trip, limits: Limits) -> aiohttp.ClientResponse:
        """The answer to the trip's next request, with its body still to be read.

        A request that met a kept connection just as the application closed it is sent again on
        another.
        """
        trip.headers = trip.dress(trip)
        while True:
            line = self._opened()
            try:
                return await self._request(line.session, trip, limits)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if line.connector.connecting() or not line.connector.reused():
                    raise

    async def _request(
        self, session: aiohttp.ClientSession, trip: Trip, limits: Limits
    ) -> aiohttp.ClientResponse:
        return await session.request(
            trip.method,
            trip.target.url,
            data=trip.body,
            headers=trip.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=limits.connect, sock_read=limits.read
            ),
            ssl=self._tls() if trip.target.called.scheme == "https" else True,
        )

    def onward(self, trip: Trip, location: str) -> Target | None:
        """Where a redirect points; None where it does not say so in a way to follow."""
        try:
            return self.aim(redirected(trip.target, location)) if location else None
        except Unreachable as problem:
            if problem.code in (11100, 11210):
                return None
            raise

    def _opened(self) -> _Open:
        """The session, made on the loop that is running; raises `Unreachable` after the end."""
        if self._closed:
            raise Unreachable("The mock is shutting down.", code=11200, phase="refused")
        if self._open is None:
            self._open = _session(CheckedConnector(self.policy))
        return self._open

    def _tls(self) -> ssl.SSLContext:
        """Made at the first need: reading the system's roots takes milliseconds."""
        if self._ssl_context is None:
            self._ssl_context = ssl.create_default_context()
        return self._ssl_context

    async def close(self) -> None:
        """Drop the connections; what is under way, and what comes later, is `Unreachable`."""
        self._closed = True
        if self._open is not None:
            await self._open.session.close()


def _session(connector: CheckedConnector) -> _Open:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept-Encoding",),
        trust_env=False,
    )
    # From 3.10 on, aiohttp repeats a GET that met a reset. One attempt is one request here.
    if hasattr(session, "_retry_connection"):
        session._retry_connection = False
    return _Open(session, connector)


async def read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The first `most` bytes; a connection with more on it is not used again."""
    body, content = bytearray(), response.content
    try:
        while len(body) < most and not content.at_eof():
            body += await content.read(most - len(body))
    finally:
        if content.at_eof():
            response.release()
        else:
            response.close()
    return bytes(body)


def header(response: aiohttp.ClientResponse, name: str) -> str:
    """A header of an answer as text; "" where it is missing."""
    return clean(response.headers.get(name, ""))
