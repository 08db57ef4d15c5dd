"""`Courier` over one aiohttp client session: callbacks as Twilio makes them."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import aiohttp
import msgspec

from mockserver.domain.forms import encode_form
from mockserver.edge.outbound.connector import CheckedConnector
from mockserver.edge.outbound.failures import explain
from mockserver.edge.outbound.policy import Policy
from mockserver.edge.outbound.target import Target, aim, read_map, redirected, with_query
from mockserver.edge.outbound.wire import clean, compose, told
from mockserver.world.ports import Answer, Courier, Limits, Parcel, Unreachable

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""Followed; all but 307 and 308 turn into a GET without form fields."""

MOST_REDIRECTS: Final = 10
"""One more is alert 11215. The number is ours; Twilio publishes none."""

BODY_LIMIT: Final = 65_536
"""Bytes of an answer that are read. Source: error 11750, "over 64 kB"."""

REMEMBERED: Final = 1_024
"""URLs whose reading is kept; a program has few, and they come by the thousand."""


@dataclass(slots=True)
class _Trip:
    """One attempt under way: what the next request will be, what the last one was."""

    parcel: Parcel
    target: Target
    method: str
    body: bytes | None
    login: str
    headers: dict[str, str] = field(default_factory=dict)

    def turn(self, status: int, target: Target) -> None:
        """Go where a redirect points; a password goes to the origin it was meant for."""
        if status not in (307, 308):
            self.method, self.body = "GET", None
        same = target.place.origin == self.target.place.origin
        self.login = target.place.login or (self.login if same else "")
        self.target = target


class _Line(NamedTuple):
    session: aiohttp.ClientSession
    connector: CheckedConnector


class HttpCourier(Courier):
    """Posts parcels; keeps connections for a second."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        webhook_map: Iterable[tuple[str, str]] = (),
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """`allow` as in `Policy`, `webhook_map` as in `read_map`; ValueError where one is bad.

        `ssl_context` stands for the system's roots.
        """
        self._policy = Policy(allow)
        self._routes = read_map(webhook_map)
        self._ssl_context = ssl_context
        self._aim = lru_cache(REMEMBERED)(self._look)
        self._line: _Line | None = None
        self._closed = False

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        """Send it once, redirects included; raises `Unreachable` and nothing else.

        `sent_headers` are those of the last request, with the password masked. A request that met
        a kept connection just as the application closed it is sent again on another.
        """
        trip = self._trip(parcel)
        connector = self._open().connector
        try:
            async with asyncio.timeout(limits.total):
                return await self._travel(trip, limits)
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

    async def close(self) -> None:
        """Drop the connections; what is under way, and what comes later, is `Unreachable`."""
        self._closed = True
        if self._line is not None:
            await self._line.session.close()

    def _look(self, url: str) -> Target:
        return aim(url, self._policy, self._routes)

    def _trip(self, parcel: Parcel) -> _Trip:
        target, method = self._aim(parcel.url), parcel.method.upper()
        form = encode_form(parcel.params)
        if method != "GET":
            return _Trip(parcel, target, method, form.encode(), target.place.login)
        return _Trip(
            parcel, with_query(target, form) if form else target, method, None, target.place.login
        )

    def _open(self) -> _Line:
        """The session, made on the loop that is running; raises `Unreachable` after the end."""
        if self._closed:
            raise Unreachable("The mock is shutting down.", code=11200, phase="refused")
        if self._line is None:
            self._line = _line(CheckedConnector(self._policy))
        return self._line

    async def _travel(self, trip: _Trip, limits: Limits) -> Answer:
        for _ in range(1 + MOST_REDIRECTS):
            answer = await self._exchange(trip, limits)
            if answer.status not in REDIRECTS:
                return answer if answer.status < 300 else _with(answer, 11200)
            target = self._next(trip, answer)
            if target is None:
                return _with(answer, 11216)
            trip.turn(answer.status, target)
        return _with(answer, 11215)

    def _next(self, trip: _Trip, answer: Answer) -> Target | None:
        """Where the redirect points; None where it does not say so in a way to follow."""
        location = next((value for name, value in answer.headers if name.lower() == "location"), "")
        try:
            return self._aim(redirected(trip.target, location)) if location else None
        except Unreachable as problem:
            if problem.code in (11100, 11210):
                return None
            raise

    async def _exchange(self, trip: _Trip, limits: Limits) -> Answer:
        response = await self._send(trip, limits)
        headers = tuple((name, clean(value)) for name, value in response.headers.items())
        body = await _body(response)
        return Answer(response.status, headers, body, told(trip.headers, trip.login))

    async def _send(self, trip: _Trip, limits: Limits) -> aiohttp.ClientResponse:
        target = trip.target
        trip.headers = compose(trip.parcel, target.place.written, trip.login, trip.body)
        while True:
            line = self._open()
            try:
                return await self._request(line.session, trip, limits)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if line.connector.connecting() or not line.connector.reused():
                    raise

    async def _request(
        self, session: aiohttp.ClientSession, trip: _Trip, limits: Limits
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

    def _tls(self) -> ssl.SSLContext:
        """Made at the first need: reading the system's roots takes milliseconds."""
        if self._ssl_context is None:
            self._ssl_context = ssl.create_default_context()
        return self._ssl_context


def _with(answer: Answer, error_code: int) -> Answer:
    return msgspec.structs.replace(answer, error_code=error_code)


def _line(connector: CheckedConnector) -> _Line:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept-Encoding",),
        trust_env=False,
    )
    # From 3.10 on, aiohttp repeats a GET that met a reset. One attempt is one request here.
    if hasattr(session, "_retry_connection"):
        session._retry_connection = False
    return _Line(session, connector)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The first `BODY_LIMIT` bytes; a connection with more on it is not used again."""
    body, content = bytearray(), response.content
    try:
        while len(body) < BODY_LIMIT and not content.at_eof():
            body += await content.read(BODY_LIMIT - len(body))
    finally:
        if content.at_eof():
            response.release()
        else:
            response.close()
    return bytes(body)
