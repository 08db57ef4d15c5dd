"""The way out: one aiohttp client session, and the checks on every address that is called.

Callbacks and media go through it alike.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

import aiohttp

from mockserver.edge.http.place import is_loopback
from mockserver.edge.http.webhook_map import read_map
from mockserver.edge.outbound.connector import CheckedConnector, Progress
from mockserver.edge.outbound.deadline import Deadline
from mockserver.edge.outbound.failures import CONTAINED, explain, refused
from mockserver.edge.outbound.policy import Policy
from mockserver.edge.outbound.target import Target, aim, detour, redirected
from mockserver.edge.outbound.wire import clean, forwarded, told
from mockserver.world.ports import Limits, Routes, Unreachable, Wire

REDIRECTS: Final = frozenset({301, 302, 303, 307})
"""Followed; all but 307 turn a POST into a GET without form fields. Source: error 11216."""

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
    cookie: str = ""
    """As `login`, for the origin it was meant for."""
    routes: Routes = ()
    """The sandbox's webhook map."""
    wire: Wire | None = None
    """What is wrong with how its body comes."""
    headers: dict[str, str] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    @property
    def data(self) -> "bytes | AsyncIterator[bytes] | None":
        """The body of the next request."""
        if self.wire is None or not self.body:
            return self.body
        from mockserver.edge.outbound.spoiling import spoiled  # seldom wanted

        return spoiled(self.body, self.wire)

    def turn(self, status: int, target: Target) -> None:
        """Go where a redirect points; a password and a cookie go to no other origin."""
        if status != 307:
            self.method, self.body = "HEAD" if self.method == "HEAD" else "GET", None
        before = self.target
        same = _same_origin(before, target)
        self.login = target.place.login or (self.login if same else "")
        self.cookie = self.cookie if same else ""
        # The overrides are those of the URL as configured, not of where it leads.
        self.target = target if target.sni == before.sni else replace(target, sni=before.sni)


def _same_origin(one: Target, other: Target) -> bool:
    """Also where a mapped application leads to its own internal address, or back."""
    return one.place.origin == other.place.origin or one.called.origin == other.called.origin


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
        *,
        contained: bool = False,
    ) -> None:
        """`allow` as in `Policy`, `webhook_map` as in `read_map`; ValueError where one is bad.

        `ssl_context` stands for the system's roots; `contained`: this process is in a container.
        """
        self.policy = Policy(allow)
        self._routes = read_map(webhook_map)
        self._ssl_context = ssl_context
        self._silent: ssl.SSLContext | None = None
        """The same, without a word about whose certificate is wanted."""
        self._contained = contained
        self.aim = lru_cache(REMEMBERED)(self._look)
        """Where a URL leads, by a sandbox's map and then the server's.

        Raises `Unreachable` as `target.aim`; ValueError for a map that `read_map` refuses.
        """
        self._open: _Open | None = None
        self._closed = False

    def _look(self, url: str, routes: Routes = ()) -> Target:
        known = read_map(routes).before(self._routes) if routes else self._routes
        return aim(url, self.policy, known)

    async def carry(
        self, trip: Trip, limits: Limits, travel: Callable[[Trip, Limits], Awaitable[T]]
    ) -> T:
        """What `travel` brings back within `limits.total`; raises `Unreachable` and nothing else.

        `sent_headers` are those of the last request, with the password masked.
        """
        connector = self._opened().connector
        connector.watch(trip.progress)
        try:
            with Deadline(limits.total):
                return await travel(trip, limits)
        except Unreachable as refusal:
            if refusal.phase != "connect":
                refusal.sent_headers = told(trip.headers, trip.login)
            raise
        except Exception as problem:
            called = trip.target.called
            raise explain(
                problem,
                called.authority,
                limits,
                connecting=trip.progress.connecting,
                sent=told(trip.headers, trip.login),
                hint=CONTAINED if self._contained and is_loopback(called.host) else "",
            ) from problem
        finally:
            connector.forget()

    async def send(self, trip: Trip, limits: Limits) -> aiohttp.ClientResponse:
        """The answer to the trip's next request, with its body still to be read.

        A request that met a kept connection just as the application closed it is sent again on
        another. Where nobody listens, the webhook map may know another host to ask.
        """
        try:
            return await self._ask(trip, limits)
        except aiohttp.ClientConnectorError as problem:
            if not (trip.target.spare and refused(problem)):
                raise
            return await self._detour(trip, limits, problem)

    async def _detour(
        self, trip: Trip, limits: Limits, problem: aiohttp.ClientConnectorError
    ) -> aiohttp.ClientResponse:
        """The answer from the first of the spare places that can be connected to."""
        target = trip.target
        first = explain(problem, target.called.authority, limits, connecting=True)
        others = []
        for place in target.spare:
            try:
                trip.target = detour(target, place, self.policy)
                return await self._ask(trip, limits)
            except Unreachable as refusal:
                others.append(refusal.reason)
            except (aiohttp.ClientError, OSError) as failure:
                if not trip.progress.connecting:
                    raise
                others.append(explain(failure, place.authority, limits, connecting=True).reason)
        said = f"{first.reason} Tried as well: {'; '.join(others)}"
        raise Unreachable(said, code=first.code) from problem

    async def _ask(self, trip: Trip, limits: Limits) -> aiohttp.ClientResponse:
        trip.headers = trip.dress(trip)
        if trip.target.mapped:
            place = trip.target.place
            trip.headers |= forwarded(place.scheme, place.written)
        while True:
            line = self._opened()
            try:
                return await self._request(line.session, trip, limits)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if trip.progress.connecting or not trip.progress.reused:
                    raise

    async def _request(
        self, session: aiohttp.ClientSession, trip: Trip, limits: Limits
    ) -> aiohttp.ClientResponse:
        target = trip.target
        return await session.request(
            trip.method,
            target.url,
            data=trip.data,
            headers=trip.headers,
            allow_redirects=False,
            timeout=_timeout(limits.connect, limits.read, limits.total),
            ssl=self._tls(target) if target.called.scheme == "https" else True,
            server_hostname=target.certified or None,
        )

    def onward(self, trip: Trip, location: str) -> Target | None:
        """Where a redirect points; None where it does not say so in a way to follow."""
        try:
            return self.aim(redirected(trip.target, location), trip.routes) if location else None
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

    def _tls(self, target: Target) -> ssl.SSLContext:
        """Made at the first need: reading the system's roots takes milliseconds."""
        if not target.sni:
            return self._silently()
        if self._ssl_context is None:
            self._ssl_context = ssl.create_default_context()
        return self._ssl_context

    def _silently(self) -> ssl.SSLContext:
        if self._silent is None:
            from mockserver.edge.outbound.tls import silent

            self._silent = silent(self._ssl_context)
        return self._silent

    async def close(self) -> None:
        """Drop the connections; what is under way, and what comes later, is `Unreachable`."""
        self._closed = True
        if self._open is not None:
            await self._open.session.close()


@lru_cache(REMEMBERED)
def _timeout(connect: float, read: float, total: float) -> aiohttp.ClientTimeout:
    """Without a timer for a read that the time for everything ends earlier: timers cost."""
    sock_read = read if read < total else None
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_read=sock_read)


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
