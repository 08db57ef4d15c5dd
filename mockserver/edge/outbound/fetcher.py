"""`Fetcher` over the line of the callbacks: media as Twilio fetches it, HEAD first, then GET."""

from typing import Final

import aiohttp
from msgspec.structs import replace

from mockserver.edge.outbound.line import MOST_REDIRECTS, REDIRECTS, Line, Trip, header, read
from mockserver.edge.outbound.names import Names
from mockserver.edge.outbound.wire import compose_fetch
from mockserver.world.clock import stopwatch
from mockserver.world.ports import Fetched, Fetcher, Limits, Outlying, Routes, Unreachable

HEAD_SECONDS: Final = 5.0
"""Wall time of the HEAD, out of the time for both; ours."""


class HttpFetcher(Fetcher):
    """Fetches media."""

    def __init__(self, line: Line) -> None:
        self._line, self._names = line, Names(line.policy)

    async def fetch(self, url: str, limits: Limits, most: int, routes: Routes = ()) -> Fetched:
        """Ask HEAD, then GET; redirects are followed."""
        started = stopwatch()
        within = replace(limits, total=min(limits.total, HEAD_SECONDS))
        if await self._too_long(self._trip("HEAD", url, routes), within, most):
            return Fetched(200, over=True)
        left = replace(limits, total=max(0.0, limits.total - (stopwatch() - started)))

        async def get(trip: Trip, limits: Limits) -> Fetched:
            response = await self._travel(trip, limits)
            kind = header(response, "Content-Type")
            disposition = header(response, "Content-Disposition")
            body = await read(response, most + 1)
            return Fetched(response.status, kind, disposition, body[:most], len(body) > most)

        return await self._line.carry(self._trip("GET", url, routes), left, get)

    def close(self) -> None:
        """Wait for nothing."""
        self._names.close()

    async def _too_long(self, trip: Trip, limits: Limits, most: int) -> bool:
        """Whether HEAD says that a GET is in vain; many servers do not know HEAD."""

        async def head(trip: Trip, limits: Limits) -> bool:
            response = await self._travel(trip, limits)
            response.release()
            return response.ok and (response.content_length or 0) > most

        try:
            return await self._line.carry(trip, limits, head)
        except Outlying:
            raise
        except Unreachable:
            return False  # the GET will tell

    def _trip(self, method: str, url: str, routes: Routes) -> Trip:
        target = self._line.aim(url, routes)
        return Trip(target, method, _dress, login=target.place.login, routes=routes)

    async def _travel(self, trip: Trip, limits: Limits) -> aiohttp.ClientResponse:
        """The answer at the end of the redirects, with its body still to be read."""
        for _ in range(1 + MOST_REDIRECTS):
            await self._names.check(trip.target.called.host)
            response = await self._line.send(trip, limits)
            if response.status not in REDIRECTS:
                return response
            response.close()
            target = self._line.onward(trip, header(response, "Location"))
            if target is None:
                raise Unreachable("A redirect leads to what is no URL.", code=11216)
            trip.turn(response.status, target)
        raise Unreachable(f"It takes more than {MOST_REDIRECTS} redirects.", code=11215)


def _dress(trip: Trip) -> dict[str, str]:
    return compose_fetch(trip.target.place.written, trip.login)
