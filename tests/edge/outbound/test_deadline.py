"""A bound of time, and how it lives with cancellations."""

import asyncio

import pytest

from mockserver.edge.outbound.deadline import Deadline


async def for_ever() -> None:
    """What never comes."""
    await asyncio.Event().wait()


@pytest.mark.parametrize("seconds", [0.001, 0.0, -1.0])
async def test_what_takes_too_long_ends(seconds: float) -> None:
    """In `TimeoutError`, and the task goes on unharmed."""
    with pytest.raises(TimeoutError), Deadline(seconds):
        await for_ever()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_what_is_done_in_time_is_left_alone() -> None:
    """Also when its time comes to an end afterwards."""
    with Deadline(0.001):
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError), Deadline(0.005):
        await for_ever()


async def test_an_error_stays_what_it_is() -> None:
    """It is not about time."""
    with pytest.raises(KeyError), Deadline(30):
        raise KeyError


async def test_an_error_because_of_it_stays_what_it_is() -> None:
    """What is bounded may fail while it ends."""

    async def fail_late() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("cleaning up")

    with pytest.raises(ValueError, match="cleaning up"), Deadline(0.001):
        await fail_late()


async def test_a_cancellation_from_outside_is_none_of_its_business() -> None:
    """The task is cancelled, as whoever did it wants."""

    async def bounded() -> None:
        with Deadline(30):
            await for_ever()

    task = asyncio.create_task(bounded())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_at_the_same_time_wins() -> None:
    """Somebody wants the task to end, not only what is bounded."""

    async def bounded() -> None:
        with Deadline(0):
            await for_ever()

    task = asyncio.create_task(bounded())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_deadlines_within_deadlines() -> None:
    """The one that comes first ends its own block."""
    ended = []

    async def end_twice() -> None:
        try:
            with Deadline(0.001):
                await for_ever()
        except TimeoutError:
            ended.append("inner")
        await for_ever()

    with pytest.raises(TimeoutError), Deadline(0.005):
        await end_twice()
    assert ended == ["inner"]
    with pytest.raises(TimeoutError), Deadline(0.001), Deadline(30):
        await for_ever()


def test_without_a_task_there_is_nothing_to_end() -> None:
    """It says so."""
    loop = asyncio.new_event_loop()
    told: list[Exception] = []

    def bound() -> None:
        try:
            with Deadline(1):
                pass
        except RuntimeError as problem:
            told.append(problem)

    loop.call_soon(bound)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert [str(each) for each in told] == ["a deadline is for what a task does"]
