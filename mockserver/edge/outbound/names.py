"""Host names that look like ones on the internet: can they be looked up from here?

A test run has no network, or has one and must not use it: both must come to the same.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from mockserver.edge.outbound.policy import Policy
from mockserver.world.clock import stopwatch
from mockserver.world.ports import Outlying

HOME: Final = frozenset({"invalid", "test", "local", "localhost", "internal", "example"})
"""Top-level names that are never on the internet (RFC 2606, RFC 6761, RFC 6762; `internal`)."""

PATIENCE: Final = 3.0
"""Seconds of wall time for one look-up; a machine without a network may never get an answer."""

REMEMBERED: Final = 60.0
"""Seconds of wall time for which a name that was not found is not looked up again."""

MOST_REMEMBERED: Final = 1_024

THREADS: Final = 2
"""Look-ups at once. Their own, so that one that hangs keeps no callback's look-up waiting."""


class Names:
    """Looks names up that could be on the internet, before anybody asks for media there."""

    def __init__(self, policy: Policy, patience: float = PATIENCE) -> None:
        self._policy, self._patience = policy, patience
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: dict[str, asyncio.Future[Any]] = {}
        self._unknown: dict[str, float] = {}
        """Until when a name counts as unknown."""

    async def check(self, host: str) -> None:
        """Raise `Outlying` for a name on the internet that cannot be looked up from here.

        One that was allowed by its name is meant to be called: nothing is raised for it.
        """
        if not is_outside(host) or self._policy.names(host):
            return
        if self._unknown.get(host, 0.0) < stopwatch() and await self._found(host):
            return
        raise Outlying(f"{host} cannot be looked up from here", host)

    async def _found(self, host: str) -> bool:
        try:
            await asyncio.wait_for(asyncio.shield(self._lookup(host)), self._patience)
        except (OSError, UnicodeError):  # a timeout is an OSError
            while len(self._unknown) >= MOST_REMEMBERED:
                del self._unknown[next(iter(self._unknown))]
            self._unknown[host] = stopwatch() + REMEMBERED
            return False
        return True

    def _lookup(self, host: str) -> "asyncio.Future[Any]":
        """The look-up of a name, shared by all who ask for it at the time."""
        if (lookup := self._under_way.get(host)) is None:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(THREADS, "media-names")
            loop = asyncio.get_running_loop()
            lookup = loop.run_in_executor(self._pool, socket.getaddrinfo, host, None)
            self._under_way[host] = lookup
            lookup.add_done_callback(lambda done: self._over(host, done))
        return lookup

    def _over(self, host: str, lookup: "asyncio.Future[Any]") -> None:
        del self._under_way[host]
        if not lookup.cancelled():
            lookup.exception()  # nobody may be waiting any more

    def close(self) -> None:
        """Wait for no look-up."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def is_outside(host: str) -> bool:
    """Whether a host is named as those on the internet are: with a dot, under a public name."""
    labels = host.rstrip(".").split(".")
    return (
        len(labels) > 1 and ":" not in host and not labels[-1].isdigit() and labels[-1] not in HOME
    )
