"""Forks and restores of what is much: all of it is in the file when it is found, or nothing."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.world import copying
from mockserver.world.orders import Order
from mockserver.world.state import ahead, plans
from mockserver.world.state.file import Batch, StateFile
from mockserver.world.store import NotKept
from mockserver.world.visits import Stopped

if TYPE_CHECKING:
    from mockserver.world.sandbox import Sandbox
    from tests.world.state.conftest import Life, Start

ROWS = 4
MESSAGES = 15
PATIENCE = 20


@dataclass
class Watch:
    """What became of a file."""

    folder: Path
    on: bool = False
    copies: list[Path] = field(default_factory=list)
    """As a kill would leave it, after each transaction."""
    sizes: list[int] = field(default_factory=list)
    """Rows of each transaction."""
    failures: list[Exception] = field(default_factory=list)
    then: Callable[[], None] | None = None
    """What happens before the next transaction, in the thread that writes."""

    def kind(self) -> type[StateFile]:
        watch = self

        class Watched(StateFile):
            def write(self, batch: Batch) -> None:
                if watch.then is not None:
                    watch.then()
                if watch.failures:
                    raise watch.failures.pop()
                super().write(batch)
                if watch.on:
                    watch.note(self.path, batch)

        return Watched

    def note(self, path: Path, batch: Batch) -> None:
        self.sizes.append(len(batch.rows) + len(batch.messages))
        copy = self.folder / f"copy-{len(self.copies)}.db"
        for tail in ("", "-wal"):
            shutil.copy(f"{path}{tail}", f"{copy}{tail}")
        self.copies.append(copy)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Pieces are small."""
    monkeypatch.setattr(ahead, "ROWS", ROWS)
    return Watch(tmp_path)


async def begun(start: "Start", watch: Watch) -> "Life":
    """A life with some messages on their way, all of it in the file."""
    life = start(kind=watch.kind())
    for number in range(MESSAGES):
        await life.create(number)
    await life.kept()
    return life


def said(sandbox: "Sandbox") -> Any:
    """What is in a sandbox."""
    return msgspec.to_builtins(sandbox.snapshot())


def rows(life: "Life") -> dict[str, int]:
    """Of each page, how many there are in the file; messages too."""
    copy = life.path.with_name("looked-at.db")
    for tail in ("", "-wal"):
        shutil.copy(f"{life.path}{tail}", f"{copy}{tail}")
    with closing(sqlite3.connect(copy)) as file:
        pages = file.execute("SELECT page, count(*) FROM rows GROUP BY page").fetchall()
        [[messages]] = file.execute("SELECT count(*) FROM messages").fetchall()
    return {**dict(pages), "messages": messages}


async def turn() -> None:
    """Let others have theirs."""
    await asyncio.sleep(0)


async def swept(life: "Life") -> dict[str, int]:
    """The rows, once those of what is gone are swept out."""
    await life.kept()
    async with asyncio.timeout(PATIENCE):
        while life.archive._file._litter:
            await turn()
    return rows(life)


# What a kill leaves


async def test_a_fork_is_there_whole_or_not_at_all(start: "Start", watch: Watch) -> None:
    """However much of it is in the file already; it is made of small transactions."""
    life = await begun(start, watch)
    watch.on = True
    fork = await copying.forked(life.boxes, life.sandbox, Order())
    await life.kept()
    assert len(watch.copies) > MESSAGES / ROWS
    assert max(watch.sizes) <= ROWS + 1
    there = []
    for copy in watch.copies:
        again = start(after=copy)
        assert said(again.sandbox) == said(life.sandbox)
        forks = [each for each in again.boxes if each.id == fork.id]
        assert [said(each) for each in forks] in ([], [said(fork)])
        there.append(len(forks))
        await again.close()
    assert there == [0] * (len(there) - 1) + [1]


async def test_a_restore_is_there_whole_or_not_at_all(start: "Start", watch: Watch) -> None:
    """Before that it is as it was."""
    life = await begun(start, watch)
    snapshot = await life.sandbox.told()
    await life.create(1)
    await life.advance(60)
    before = said(life.sandbox)
    watch.on = True
    await copying.restored(life.boxes, life.sandbox, snapshot)
    await life.kept()
    after = said(life.sandbox)
    assert after != before
    seen = []
    for copy in watch.copies:
        again = start(after=copy)
        seen.append(said(again.sandbox))
        await again.close()
    assert seen == [before] * (len(seen) - 1) + [after]


async def test_what_a_kill_left_is_swept_out(start: "Start", watch: Watch) -> None:
    """At the next start, with what the fork was to begin with."""
    life = await begun(start, watch)
    before = await swept(life)
    watch.on = True
    await copying.forked(life.boxes, life.sandbox, Order())
    again = start(after=watch.copies[-2])
    await again.create()
    left = await swept(again)
    assert left["messages"] == before["messages"] + 1
    assert "origin" not in left


# What happens meanwhile


async def test_others_go_on_meanwhile(start: "Start", watch: Watch) -> None:
    """What they do is kept between the pieces, and is not part of the fork."""
    life = await begun(start, watch)
    before = said(life.sandbox)
    forking = asyncio.ensure_future(copying.forked(life.boxes, life.sandbox, Order()))
    await asyncio.sleep(0)
    made = 0
    while not forking.done():
        await life.create(100 + made)
        made += 1
    assert made > 1
    again = start(after=life)
    assert len(again.sandbox.tables.messages) == MESSAGES + made
    fork = forking.result()
    assert said(fork)["messages"] == before["messages"]


async def test_what_comes_after_a_restore_is_kept_in_it(start: "Start", watch: Watch) -> None:
    """Not in what was before."""
    life = await begun(start, watch)
    await copying.restored(life.boxes, life.sandbox, await life.sandbox.told())
    await life.create(77)
    await life.advance(60)
    again = start(after=life)
    assert said(again.sandbox) == said(life.sandbox)
    assert len(again.sandbox.tables.messages) == MESSAGES + 1


# What cannot be written


async def test_a_fork_that_does_not_fit_on_the_disk(start: "Start", watch: Watch) -> None:
    """It is refused, nothing is left of it, and the next one finds room."""
    life = await begun(start, watch)
    before = await swept(life)
    watch.then = fails_later(watch, transactions=3)
    with pytest.raises(NotKept, match="the disk is full"):
        await copying.forked(life.boxes, life.sandbox, Order())
    watch.then = None
    assert [each.id for each in life.boxes] == ["default"]
    assert await swept(life) == before
    fork = await copying.forked(life.boxes, life.sandbox, Order())
    await life.kept()
    again = start(after=life)
    assert [said(each) for each in again.boxes] == [said(life.sandbox), said(fork)]


async def test_a_restore_that_does_not_fit_on_the_disk(start: "Start", watch: Watch) -> None:
    """The sandbox goes on as it was."""
    life = await begun(start, watch)
    snapshot = await life.sandbox.told()
    await life.create(1)
    rows_before, before = await swept(life), said(life.sandbox)
    watch.then = fails_later(watch, transactions=2)
    with pytest.raises(NotKept, match="the disk is full"):
        await copying.restored(life.boxes, life.sandbox, snapshot)
    watch.then = None
    assert said(life.sandbox) == before
    assert await swept(life) == rows_before
    await life.advance(60)
    again = start(after=life)
    assert said(again.sandbox) == said(life.sandbox)


def fails_later(watch: Watch, transactions: int) -> Callable[[], None]:
    """After so many transactions, one cannot be written."""
    left = iter([None] * transactions)

    def then() -> None:
        if next(left, watch) is watch:
            watch.failures.append(OSError("the disk is full"))
            watch.then = None

    return then


async def test_a_sandbox_that_is_dropped_meanwhile(start: "Start", watch: Watch) -> None:
    """Nothing is left, neither of it nor of what was put in."""
    life = await begun(start, watch)
    before = await swept(life)
    fork = await copying.forked(life.boxes, life.sandbox, Order())
    renewing = asyncio.ensure_future(copying.renewed(life.boxes, fork))
    restoring = asyncio.ensure_future(copying.restored(life.boxes, fork, await life.sandbox.told()))
    life.boxes.drop(fork)
    for each in (renewing, restoring):
        with pytest.raises(Stopped):
            await each
    assert await swept(life) == before


async def test_a_fork_that_nobody_waits_for_any_more(start: "Start", watch: Watch) -> None:
    """Its pieces go; the thread that writes them ends."""
    life = await begun(start, watch)
    before = await swept(life)
    loop, wanted = asyncio.get_running_loop(), asyncio.Event()

    def then() -> None:
        loop.call_soon_threadsafe(wanted.set)

    watch.then = then
    forking = asyncio.ensure_future(copying.forked(life.boxes, life.sandbox, Order()))
    async with asyncio.timeout(PATIENCE):
        await wanted.wait()
    forking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await forking
    watch.then = None
    async with asyncio.timeout(PATIENCE):
        while await swept(life) != before:
            await turn()


# What forks begin with


async def test_what_a_fork_began_with_is_written_once(start: "Start", watch: Watch) -> None:
    """It begins with that again, before a restart and after it; it goes with the fork."""
    life = await begun(start, watch)
    bare = await swept(life)
    fork = await copying.forked(life.boxes, life.sandbox, Order())
    whole, first = await swept(life), said(fork)
    assert whole["origin"] == 1
    watch.sizes.clear()
    for _ in range(2):
        life = start(after=life)
        [_, fork] = life.boxes
        await fork.engine.advance(fork.clock.now() + 60_000_000)
        assert said(fork) != first
        await copying.renewed(life.boxes, fork)
        assert said(fork) == first
        assert await swept(life) == whole
    life.boxes.drop(fork)
    assert await swept(life) == bare


async def test_a_fork_that_begins_again_at_once(start: "Start", watch: Watch) -> None:
    """As one does that is made in one go."""
    life = await begun(start, watch)
    fork = copying.fork(life.boxes, life.sandbox, Order())
    first = said(fork)
    copying.reset(life.boxes, fork)
    whole = await swept(life)
    assert (said(fork), whole["origin"]) == (first, 1)
    again = start(after=life)
    assert [said(each) for each in again.boxes] == [said(life.sandbox), first]


async def test_a_file_of_the_first_version(start: "Start", watch: Watch) -> None:
    """It has what a fork began with in its plan; it is read, and is of this version then."""
    life = await begun(start, watch)
    fork = await copying.forked(life.boxes, life.sandbox, Order())
    await life.kept()
    first, origin = said(fork), fork.plan.origin
    await life.close()
    with closing(sqlite3.connect(life.path)) as file, file:
        [[plan]] = file.execute("SELECT plan FROM sandboxes WHERE id = ?", (fork.id,))
        kept = msgspec.msgpack.decode(plan, type=plans.KeptPlan)
        old = msgspec.structs.replace(kept, origin=origin, origin_number=0)
        content = msgspec.msgpack.encode(old)
        file.execute("UPDATE sandboxes SET plan = ? WHERE id = ?", (content, fork.id))
        file.execute("DELETE FROM rows WHERE page = 'origin'")
        file.execute("PRAGMA user_version = 1")
    again = start(after=life)
    [_, fork] = again.boxes
    await again.create()
    await copying.renewed(again.boxes, fork)
    assert said(fork) == first
    assert (await swept(again))["origin"] == 1
    third = start(after=again)
    assert [said(each) for each in third.boxes] == [said(again.sandbox), first]
