"""Waking those who wait for something to change in a sandbox."""

import asyncio


class Changes:
    """Wakes those who wait for something to change in the sandbox."""

    __slots__ = ("_waiters", "watches")

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self.watches: list[set[str]] = []
        """Each gets the SIDs of messages that are made or take a step."""

    def ring(self) -> None:
        """Something changed."""
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self, timeout: float) -> bool:
        """Whether something changed within `timeout` seconds of wall time."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            done, _ = await asyncio.wait((waiter,), timeout=timeout)
        finally:
            if not waiter.done():
                self._waiters.remove(waiter)
        return bool(done)
