"""Connections to addresses that the policy allows, and to no others."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from aiohttp import ClientRequest, ClientTimeout, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver

from mockserver.edge.outbound.policy import Policy
from mockserver.world.clock import stopwatch

if TYPE_CHECKING:  # not there, or not public, in the lowest aiohttp
    from aiohttp.abc import ResolveResult
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class Forbidden(OSError):
    """A name stands only for addresses that the policy refuses; the text says why."""

    def __init__(self, verdict: str, host: str, *, outlying: bool) -> None:
        """`outlying`: they are on the internet, and a setting could allow them."""
        super().__init__(verdict)
        self.host, self.outlying = host, outlying


SPARED: Final = 10.0
"""For how many times as long as a look-up in vain took its name is not looked up again.

One that was answered at once may be asked for again at once: an application may be coming up. A
name server that is silent for five seconds would hold up each of a thousand callbacks.
"""

MOST_SPARED: Final = 60.0
"""Seconds of wall time."""

MOST_NAMES: Final = 1_024


class CheckedResolver(AbstractResolver):
    """Looks a name up and passes on the addresses that may be called."""

    def __init__(self, policy: Policy, elapsed: Callable[[], float] = stopwatch) -> None:
        """`elapsed`: seconds of wall time from some fixed moment."""
        self._policy, self._elapsed = policy, elapsed
        self._names = ThreadedResolver()
        self._in_vain: dict[str, tuple[float, OSError]] = {}
        """Until when a name is not looked up again, and what came of it."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> "list[ResolveResult]":
        """Raise `OSError`, say `Forbidden`, where nothing is found that may be called."""
        started = self._elapsed()
        until, before = self._in_vain.get(host, (0.0, None))
        if before is not None and started < until:
            raise before.with_traceback(None)
        try:
            return await self._look_up(host, port, family)
        except OSError as problem:
            ended = self._elapsed()
            while len(self._in_vain) >= MOST_NAMES:
                del self._in_vain[next(iter(self._in_vain))]
            self._in_vain[host] = ended + min(MOST_SPARED, SPARED * (ended - started)), problem
            raise

    async def _look_up(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> "list[ResolveResult]":
        found = await self._names.resolve(host, port, family)
        verdicts = [self._policy.judge(host, entry["host"]) for entry in found]
        if found and all(verdicts):
            outlying = not any(self._policy.never(entry["host"]) for entry in found)
            raise Forbidden(verdicts[0], host, outlying=outlying)
        return [entry for entry, verdict in zip(found, verdicts, strict=True) if not verdict]

    async def close(self) -> None:
        await self._names.close()


@dataclass(slots=True)
class Progress:
    """How far a request came, which errors do not tell."""

    connecting: bool = False
    """Whether it still has no connection."""
    reused: bool = False
    """Whether it went out on a connection that had served before."""
    waited: float = 0.0
    """Seconds until there was a connection; of a trip's requests, all together."""


class CheckedConnector(TCPConnector):
    """A connector that tells how far a task's request came."""

    def __init__(self, policy: Policy) -> None:
        # The caller bounds how much is under way. Idle connections are dropped before most
        # servers do it, so that few requests meet one that is just being closed.
        super().__init__(resolver=CheckedResolver(policy), limit=0, keepalive_timeout=1.0)
        self._progress: dict[asyncio.Task[object] | None, Progress] = {}
        self._used: WeakSet[ResponseHandler] = WeakSet()

    def watch(self, progress: Progress) -> None:
        """Note there how far this task's requests come, until `forget`."""
        self._progress[asyncio.current_task()] = progress

    def forget(self) -> None:
        """This task's requests are over."""
        self._progress.pop(asyncio.current_task(), None)

    async def connect(
        self,
        req: ClientRequest,
        traces: "list[Trace]",
        timeout: ClientTimeout,
    ) -> "Connection":
        progress = self._progress.get(asyncio.current_task()) or Progress()
        progress.connecting, started = True, stopwatch()
        connection = await super().connect(req, traces, timeout)
        progress.connecting = False
        progress.waited += stopwatch() - started
        protocol = connection.protocol
        progress.reused = protocol in self._used
        if not progress.reused and protocol is not None:
            self._used.add(protocol)
        return connection
