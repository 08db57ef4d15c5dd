"""`Courier` over one aiohttp client session: callbacks as Twilio makes them."""

import ssl
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

import aiohttp
import msgspec

from mockserver.domain.forms import encode_form
from mockserver.edge.outbound.line import MOST_REDIRECTS, REDIRECTS, Line, Trip, read
from mockserver.edge.outbound.target import with_query
from mockserver.edge.outbound.wire import clean, compose, told
from mockserver.world.ports import Answer, Courier, Fetched, Fetcher, Limits, Parcel, Routes

if TYPE_CHECKING:
    from mockserver.edge.outbound.fetcher import HttpFetcher

BODY_LIMIT: Final = 65_536
"""Bytes of an answer that are read. Source: error 11750, "over 64 kB"."""


class HttpCourier(Courier, Fetcher):
    """Posts parcels, and fetches media over the same line."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        webhook_map: Iterable[tuple[str, str]] = (),
        ssl_context: ssl.SSLContext | None = None,
        contained: bool = False,
    ) -> None:
        """As `Line`; ValueError where `allow` or `webhook_map` is bad."""
        self._line = Line(allow, webhook_map, ssl_context, contained=contained)
        self._fetcher: HttpFetcher | None = None

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        """Send it once, redirects included; raises `Unreachable` and nothing else."""
        trip = self._trip(parcel)
        return await self._line.carry(trip, limits, self._travel)

    async def fetch(self, url: str, limits: Limits, most: int, routes: Routes = ()) -> Fetched:
        """As `HttpFetcher`, which is loaded when the first message has media."""
        if self._fetcher is None:
            from mockserver.edge.outbound.fetcher import HttpFetcher

            self._fetcher = HttpFetcher(self._line)
        return await self._fetcher.fetch(url, limits, most, routes)

    async def close(self) -> None:
        """Drop the connections; what is under way, and what comes later, is `Unreachable`."""
        if self._fetcher is not None:
            self._fetcher.close()
        await self._line.close()

    def _trip(self, parcel: Parcel) -> Trip:
        target, method = self._line.aim(parcel.url, parcel.routes), parcel.method.upper()
        form, dress, body = encode_form(parcel.params), partial(_dress, parcel), None
        if parcel.body:
            body = parcel.body
        elif method != "GET":
            body = form.encode()
        elif form:
            target = with_query(target, form)
        login, cookie = target.place.login, parcel.cookie
        return Trip(target, method, dress, body, login, cookie, parcel.routes, parcel.wire)

    async def _travel(self, trip: Trip, limits: Limits) -> Answer:
        for _ in range(1 + MOST_REDIRECTS):
            answer = await self._exchange(trip, limits)
            if answer.status not in REDIRECTS:
                return _judged(answer)
            named = (value for name, value in answer.headers if name.lower() == "location")
            target = self._line.onward(trip, next(named, ""))
            if target is None:
                return _with(answer, 11216)
            trip.turn(answer.status, target)
        return _with(answer, 11215)

    async def _exchange(self, trip: Trip, limits: Limits) -> Answer:
        response = await self._sent(trip, limits)
        headers = tuple((name, clean(value)) for name, value in response.headers.items())
        body = await read(response, BODY_LIMIT)
        sent, waited = told(trip.headers, trip.login), trip.progress.waited
        return Answer(response.status, headers, body, sent, waited=waited)

    async def _sent(self, trip: Trip, limits: Limits) -> aiohttp.ClientResponse:
        """The answer, its body still to be read."""
        if trip.wire is None or not (trip.wire.cut and trip.body):
            return await self._line.send(trip, limits)
        from mockserver.edge.outbound.spoiling import cut_off  # seldom wanted

        try:
            return await self._line.send(trip, limits)
        except aiohttp.ClientError as problem:
            if trip.progress.connecting:
                raise
            raise cut_off() from problem


def _dress(parcel: Parcel, trip: Trip) -> dict[str, str]:
    headers = compose(parcel, trip.target.place.written, trip.login, trip.body, trip.cookie)
    if not parcel.signature:
        del headers["X-Twilio-Signature"]
    return headers


def _judged(answer: Answer) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    return _with(answer, 11216 if 300 <= answer.status < 400 else 11200)


def _with(answer: Answer, error_code: int) -> Answer:
    return msgspec.structs.replace(answer, error_code=error_code)
