"""The thread that writes."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.world.state import writer as writing
from mockserver.world.state.file import Batch, StateFile
from mockserver.world.state.writer import Writer
from mockserver.world.store import NotKept

PATIENCE = 20


class Slow(StateFile):
    """Writes when it is told to, and fails when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.open = threading.Event()
        self.open.set()
        self.begun = threading.Event()
        self.batches: list[int] = []
        self.failures: list[Exception] = []
        self.sweeps: list[Exception] = []
        """What sweeping meets."""
        self.swept = threading.Event()

    def write(self, batch: Batch) -> None:
        self.begun.set()
        assert self.open.wait(PATIENCE)
        if self.failures:
            raise self.failures.pop()
        super().write(batch)
        self.batches.append(len(batch.rows))

    def sweep(self) -> bool:
        self.swept.set()
        if self.sweeps:
            raise self.sweeps.pop()
        return super().sweep()


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Slow]:
    file = Slow(tmp_path / "state.db")
    yield file
    file.close()


@pytest.fixture
async def writer(file: Slow) -> AsyncIterator[Writer]:
    writer = Writer(file)
    yield writer
    file.open.set()
    await writer.close()


def put(writer: Writer, key: str) -> "asyncio.Future[None]":
    writer.batch.put((1, "page", key), 1, b"x")
    return writer.done()


def keys(file: StateFile) -> list[Any]:
    return sorted(key for _, key, *_ in file.rows(1))


async def test_what_comes_meanwhile_is_written_together(file: Slow, writer: Writer) -> None:
    """One transaction for all that came while the one before was written."""
    file.open.clear()
    first = put(writer, "a")
    await asyncio.to_thread(file.begun.wait, PATIENCE)
    others = [put(writer, key) for key in "bcdef"]
    assert not first.done()
    file.open.set()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(first, *others)
    assert file.batches == [1, 5]
    assert keys(file) == [*"abcdef"]


async def test_who_waits_for_nothing_does_not_wait(writer: Writer) -> None:
    """All there was is written."""
    await put(writer, "a")
    assert writer.idle
    assert writer.done().done()


async def test_nobody_needs_to_wait(file: Slow, writer: Writer) -> None:
    """It is written soon, once."""
    writer.batch.put((1, "page", "a"), 1, b"x")
    writer.soon()
    writer.soon()
    await writer.done()
    assert file.batches == [1]


async def test_who_goes_away_takes_nobody_along(file: Slow, writer: Writer) -> None:
    """A request that was cut off, of those whose rows are written together."""
    one, other = put(writer, "a"), put(writer, "b")
    one.cancel()
    await other
    assert keys(file) == ["a", "b"]


async def test_what_could_not_be_written_is_not_lost(
    file: Slow, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    """Those who waited hear why; with the next commit it is tried again, before what came since."""
    file.failures.append(sqlite3.OperationalError("database or disk is full"))
    with pytest.raises(NotKept, match=r"state\.db could not be written: database or disk is full"):
        await put(writer, "a")
    assert "state.db could not be written: database or disk is full" in caplog.text
    assert not writer.idle
    await put(writer, "b")
    assert keys(file) == ["a", "b"]
    assert writer.idle


async def test_a_failure_is_no_end(file: Slow, writer: Writer) -> None:
    """Whoever came meanwhile is written at once, with what failed."""
    file.open.clear()
    file.failures.append(sqlite3.OperationalError("disk I/O error"))
    first = put(writer, "a")
    await asyncio.to_thread(file.begun.wait, PATIENCE)
    second = put(writer, "b")
    file.open.set()
    with pytest.raises(NotKept):
        await first
    await second
    assert keys(file) == ["a", "b"]


async def test_what_cannot_be_swept_keeps_nobody_from_writing(
    file: Slow, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    """On a full disk nothing can be taken out either; the thread lives on."""
    file.sweeps.append(sqlite3.OperationalError("database or disk is full"))
    await put(writer, "a")
    await asyncio.to_thread(file.swept.wait, PATIENCE)
    async with asyncio.timeout(PATIENCE):
        await put(writer, "b")
    assert keys(file) == ["a", "b"]
    assert "state.db could not be swept: database or disk is full" in caplog.text


async def test_the_end_waits_for_what_is_left(file: Slow) -> None:
    """And for the thread."""
    writer = Writer(file)
    put(writer, "a").cancel()
    await writer.close()
    assert keys(file) == ["a"]
    assert not [each for each in threading.enumerate() if each.name == "state"]


async def test_a_writer_that_never_wrote(file: Slow) -> None:
    """It has no thread to wait for."""
    await Writer(file).close()


async def test_the_end_says_what_is_lost(file: Slow) -> None:
    """Where the last of it could not be written."""
    writer = Writer(file)
    put(writer, "a").cancel()
    file.failures.append(sqlite3.OperationalError("database or disk is full"))
    with pytest.raises(NotKept):
        await writer.close()


FULL = "database or disk is full"


async def test_it_is_tried_again_by_itself(
    file: Slow, writer: Writer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can wait is told once it is kept; the log says it once, and that it is over."""
    monkeypatch.setattr(writing, "AGAIN", 0.001)
    file.failures += [sqlite3.OperationalError(FULL)] * 3
    with pytest.raises(NotKept):
        await put(writer, "a")
    at_last = writer.at_last()
    assert not at_last.done()
    async with asyncio.timeout(PATIENCE):
        await at_last
    assert keys(file) == ["a"]
    assert writer.idle
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "is written again" in caplog.text


async def test_who_can_wait_is_told_before_others(file: Slow, writer: Writer) -> None:
    """Callbacks of what was put off go before those of what came since."""
    told: list[str] = []
    file.failures.append(sqlite3.OperationalError(FULL))
    with pytest.raises(NotKept):
        await put(writer, "a")
    later = put(writer, "b")
    later.add_done_callback(lambda _: told.append("later"))
    writer.at_last().add_done_callback(lambda _: told.append("at last"))
    await later
    assert told == ["at last", "later"]


async def test_who_can_wait_for_nothing_does_not_wait(file: Slow, writer: Writer) -> None:
    """Nor longer than for what is being written."""
    assert writer.at_last().done()
    file.open.clear()
    first = put(writer, "a")
    await asyncio.to_thread(file.begun.wait, PATIENCE)
    others = writer.at_last(), writer.done()
    file.open.set()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(first, *others)
    assert file.batches == [1]


async def test_nobody_is_told_where_the_end_comes_first(file: Slow) -> None:
    """It is not known whether it will ever be kept."""
    writer = Writer(file)
    file.failures += [sqlite3.OperationalError(FULL)] * 2
    with pytest.raises(NotKept):
        await put(writer, "a")
    at_last = writer.at_last()
    with pytest.raises(NotKept):
        await writer.close()
    assert at_last.cancelled()


# What goes aside


def page(*keys: str) -> Batch:
    batch = Batch()
    for place, key in enumerate(keys, 1):
        batch.put((1, "page", key), place, b"x")
    return batch


async def test_nobody_waits_for_what_goes_aside(file: Slow, writer: Writer) -> None:
    """It has transactions of its own, by turns with what others wait for."""
    file.open.clear()
    aside = [writer.aside(page("a", "b")), writer.aside(page("c", "d", "e"))]
    await asyncio.to_thread(file.begun.wait, PATIENCE)
    assert writer.idle
    assert writer.done().done()
    other = put(writer, "z")
    file.open.set()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(other, *aside)
    assert file.batches == [2, 1, 3]
    assert keys(file) == [*"abcdez"]


async def test_what_goes_aside_is_not_tried_again(file: Slow, writer: Writer) -> None:
    """Whoever wanted it is told, and so are those behind."""
    file.failures.append(sqlite3.OperationalError(FULL))
    first, second = writer.aside(page("a")), writer.aside(page("b"))
    for each in (first, second):
        with pytest.raises(NotKept, match=FULL):
            await each
    assert keys(file) == []
    await writer.aside(page("c"))
    assert keys(file) == ["c"]


async def test_nothing_goes_aside_while_nothing_can_be_written(file: Slow, writer: Writer) -> None:
    """Others are waiting already."""
    file.failures += [sqlite3.OperationalError(FULL)]
    with pytest.raises(NotKept):
        await put(writer, "a")
    with pytest.raises(NotKept, match=FULL):
        await writer.aside(page("b"))
    await writer.at_last()
    assert keys(file) == ["a"]


async def test_the_end_does_not_wait_for_what_goes_aside(file: Slow) -> None:
    """Whoever wanted it is told."""
    writer = Writer(file)
    file.open.clear()
    begun, queued = writer.aside(page("a")), writer.aside(page("b"))
    await asyncio.to_thread(file.begun.wait, PATIENCE)
    file.open.set()
    await writer.close()
    await asyncio.wait([begun])
    with pytest.raises(NotKept, match="is closed"):
        await queued
    with pytest.raises(NotKept, match="is closed"):
        await writer.aside(page("c"))
