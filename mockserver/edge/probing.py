"""Probes over the line of the callbacks: the same headers, and the same checks on addresses."""

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, Literal

from msgspec.structs import replace

from mockserver.domain.twiml import SIZE_LIMIT
from mockserver.edge.outbound.line import Line, Trip, header, read
from mockserver.edge.outbound.wire import compose
from mockserver.edge.probe.exchange import BOTH, TIMEOUT, Heard, Kind, Order, Shot
from mockserver.edge.probe.report import Document
from mockserver.edge.probe.run import Run
from mockserver.world.clock import stopwatch
from mockserver.world.ports import Limits, Parcel, Unreachable

CONNECT: Final = 5.0
"""Seconds to connect. Source: Twilio's webhook connection overrides, `ct`."""


class Caller:
    """A `Wire` over a line."""

    def __init__(self, line: Line, timeout: float) -> None:
        """`timeout` in seconds of wall time, for each answer."""
        self._line = line
        self._limits = Limits(min(CONNECT, timeout), timeout, timeout)

    async def send(self, shot: Shot) -> Heard:
        """As `Wire.send`."""
        started = stopwatch()
        try:
            heard = await self._carry(shot, shot.body, self._limits)
        except Unreachable as problem:
            heard = Heard(
                0,
                problem=problem.reason,
                unreached=problem.phase != "read",
                late=problem.phase == "read" and isinstance(problem.__cause__, TimeoutError),
            )
        return replace(heard, seconds=stopwatch() - started)

    async def abandon(self, shot: Shot, after: float) -> None:
        """As `Wire.abandon`; an answer to the head alone is no matter."""
        promised = (*shot.headers, ("Content-Length", str(len(shot.body or b""))))
        limits = replace(self._limits, total=min(after, self._limits.total))
        try:
            await self._carry(replace(shot, headers=promised), None, limits)
        except Unreachable:
            return

    async def _carry(self, shot: Shot, body: bytes | None, limits: Limits) -> Heard:
        target = self._line.aim(shot.url)
        trip = Trip(target, shot.method, partial(_dress, shot), body, target.place.login)
        return await self._line.carry(trip, limits, self._exchange)

    async def _exchange(self, trip: Trip, limits: Limits) -> Heard:
        response = await self._line.send(trip, limits)
        kind, location = header(response, "Content-Type"), header(response, "Location")
        return Heard(response.status, kind, location, await read(response, SIZE_LIMIT))


def _dress(shot: Shot, trip: Trip) -> dict[str, str]:
    parcel = Parcel(
        kind="status",
        url=shot.url,
        method=shot.method,
        params=(),
        signature=shot.signature or "",
        idempotency_token=shot.idempotency_token,
        account_sid="",
    )
    headers = compose(parcel, trip.target.place.written, trip.login, trip.body)
    if shot.signature is None:
        del headers["X-Twilio-Signature"]
    return headers | dict(shot.headers)


def order(asked: Mapping[str, Any]) -> Order:
    """What a document as `control/Probe` asks for; account and token must be in it."""
    kind: Kind | Literal["all"] = asked.get("kind", "all")
    return Order(
        url=asked["url"],
        auth_token=asked["auth_token"],
        account_sid=asked["account_sid"],
        kinds=BOTH if kind == "all" else (kind,),
        timeout=float(asked.get("timeout", TIMEOUT)),
    )


class Prober:
    """Makes runs, each over a line of its own."""

    def __init__(
        self,
        allow: Iterable[str] = (),
        webhook_map: Iterable[tuple[str, str]] = (),
        ssl_context: ssl.SSLContext | None = None,
        *,
        contained: bool = False,
    ) -> None:
        """As `Line`."""
        self._allow, self._map = tuple(allow), tuple(webhook_map)
        self._ssl_context, self._contained = ssl_context, contained

    @asynccontextmanager
    async def run(self, order: Order) -> AsyncIterator[Run]:
        """A run that is yet to be started; its connections are closed in the end."""
        line = Line(self._allow, self._map, self._ssl_context, contained=self._contained)
        try:
            yield Run(order, Caller(line, order.timeout))
        finally:
            await line.close()

    async def probe(self, asked: Mapping[str, Any]) -> Document:
        """The report of a whole run; `asked` as for `order`."""
        async with self.run(order(asked)) as run:
            await run.run()
            return run.report()
