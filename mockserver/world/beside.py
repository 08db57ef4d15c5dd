"""Long work beside the event loop, so that nobody waits for it.

In a thread that must not keep the process from ending. It shares the interpreter, which it hands
over every few milliseconds, but not within a call of a library: so the work goes in small calls.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T]) -> T:
    """What `work` returns, or raises; it touches nothing that the loop touches meanwhile.

    What it was made with is let go in the thread, which is where it may take its time.
    """
    todo = [work]
    del work
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, problem: BaseException | None) -> None:
        if done.done():
            return  # nobody waits for it any more
        if problem is not None:
            done.set_exception(problem)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # there is one without a problem

    def run() -> None:
        result, problem = None, None
        try:
            result = todo.pop()()
        except BaseException as raised:  # noqa: BLE001 - raised again where it is awaited
            problem = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return await done
