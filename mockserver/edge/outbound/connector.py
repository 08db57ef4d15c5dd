"""Connections to addresses that the policy allows, and to no others."""

import asyncio
import socket
from typing import TYPE_CHECKING
from weakref import WeakSet

from aiohttp import ClientRequest, ClientTimeout, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver

from mockserver.edge.outbound.policy import Policy

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


class CheckedResolver(AbstractResolver):
    """Looks a name up and passes on the addresses that may be called."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._names = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> "list[ResolveResult]":
        found = await self._names.resolve(host, port, family)
        verdicts = [self._policy.judge(host, entry["host"]) for entry in found]
        if found and all(verdicts):
            outlying = not any(self._policy.never(entry["host"]) for entry in found)
            raise Forbidden(verdicts[0], host, outlying=outlying)
        return [entry for entry, verdict in zip(found, verdicts, strict=True) if not verdict]

    async def close(self) -> None:
        await self._names.close()


class CheckedConnector(TCPConnector):
    """A connector that tells how far a task's request came, which errors do not."""

    def __init__(self, policy: Policy) -> None:
        # The caller bounds how much is under way. Idle connections are dropped before most
        # servers do it, so that few requests meet one that is just being closed.
        super().__init__(resolver=CheckedResolver(policy), limit=0, keepalive_timeout=1.0)
        self._waiting: set[asyncio.Task[object] | None] = set()
        self._second: set[asyncio.Task[object] | None] = set()
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: ClientRequest,
        traces: "list[Trace]",
        timeout: ClientTimeout,
    ) -> "Connection":
        task = asyncio.current_task()
        self.forget()
        self._waiting.add(task)
        connection = await super().connect(req, traces, timeout)
        self._waiting.discard(task)
        protocol = connection.protocol
        if protocol in self._used:
            self._second.add(task)
        elif protocol is not None:
            self._used.add(protocol)
        return connection

    def connecting(self) -> bool:
        """Whether this task's request still has no connection."""
        return asyncio.current_task() in self._waiting

    def reused(self) -> bool:
        """Whether this task's request went out on a connection that had served before."""
        return asyncio.current_task() in self._second

    def forget(self) -> None:
        """This task's request is over."""
        self._waiting.discard(asyncio.current_task())
        self._second.discard(asyncio.current_task())
