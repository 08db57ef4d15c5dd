"""Conversations with the application, for whose answers the clock waits in every mode.

While there are some, no tick is applied. Those that begin after a round has taken long are not
waited for: an application that is written to without a pause would hold time up for ever.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from mockserver.world.clock import stopwatch

ROUND: Final = 1.0
"""Seconds of wall time, from the first conversation on, in which others join its round; ours."""

T = TypeVar("T")


class Stopped(Exception):
    """The sandbox was reset or dropped while somebody waited for an application's answer."""


class Visits:
    """Those of one sandbox."""

    def __init__(
        self, left: Callable[[], None], stopwatch: Callable[[], float] = stopwatch
    ) -> None:
        """`left` is told whenever one is over."""
        self._left, self._stopwatch = left, stopwatch
        self._under_way: set[asyncio.Task[Any]] = set()
        self.awaited: set[asyncio.Task[Any]] = set()
        """Those for which the clock waits; always the same set."""
        self._began = 0.0
        self._stopped = False
        self.on_round_over: Callable[[], None] = _nobody
        """Told when none is waited for any more."""

    @property
    def count(self) -> int:
        """How many are under way."""
        return len(self._under_way)

    async def pay(self, talk: Coroutine[Any, Any, T]) -> T:
        """Do what awaits an application's answer; the sandbox is not idle meanwhile.

        Raise `Stopped` where the sandbox ends or begins again before it is done.
        """
        if self._stopped:
            talk.close()
            raise Stopped("the sandbox was reset or dropped meanwhile")
        task = self._start(talk)
        await asyncio.wait((task,))
        if task.cancelled():
            raise Stopped("the sandbox was reset or dropped meanwhile")
        return task.result()

    def begin(self, talk: Coroutine[Any, Any, None]) -> None:
        """As `pay`, for something that nobody awaits; it must take care of what goes wrong."""
        if self._stopped:
            talk.close()
        else:
            self._start(talk)

    async def answered(self) -> None:
        """Return once none is waited for."""
        while self.awaited:
            await asyncio.wait(tuple(self.awaited))

    def stop(self) -> None:
        """Give up those under way, and begin no more."""
        self._stopped = True
        for task in self._under_way:
            task.cancel()

    def _start(self, talk: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.get_running_loop().create_task(talk)
        self._under_way.add(task)
        task.add_done_callback(self._over)
        now = self._stopwatch()
        if not self.awaited:
            self._began = now
        if now - self._began < ROUND:
            self.awaited.add(task)
        return task

    def _over(self, task: "asyncio.Task[Any]") -> None:
        self._under_way.discard(task)
        self._left()
        if task in self.awaited:
            self.awaited.discard(task)
            if not self.awaited:
                self.on_round_over()


def _nobody() -> None:
    """No clock waits."""
