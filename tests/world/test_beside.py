"""Work beside the event loop."""

import asyncio
import threading
from typing import NoReturn

import pytest

from mockserver.world.beside import beside


async def test_it_runs_in_another_thread() -> None:
    """Its result comes back to the loop's."""
    assert await beside(threading.get_ident) != threading.get_ident()


async def test_the_loop_goes_on_meanwhile() -> None:
    """What it waits for may be done by the loop."""
    gate = threading.Event()
    asyncio.get_running_loop().call_soon(gate.set)
    assert await beside(lambda: gate.wait(20))


async def test_what_it_raises_is_raised() -> None:
    """Where it is awaited."""

    def broken() -> NoReturn:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await beside(broken)


async def test_nobody_need_wait_for_it() -> None:
    """Who is cancelled leaves it alone; it ends by itself."""
    gate, over = threading.Event(), threading.Event()

    def work() -> None:
        gate.wait(20)
        over.set()

    task = asyncio.create_task(beside(work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert await beside(lambda: over.wait(20))


def test_a_loop_that_ends_leaves_it() -> None:
    """It has nobody to tell, and says nothing."""
    gate, over = threading.Event(), threading.Event()

    def work() -> None:
        gate.wait(20)
        over.set()

    async def leave() -> None:
        task = asyncio.create_task(beside(work))
        await asyncio.sleep(0)
        assert not task.done()

    asyncio.run(leave())
    gate.set()
    assert over.wait(20)
    for thread in [each for each in threading.enumerate() if each.name == "beside"]:
        thread.join(20)
