"""What is much goes into the file ahead, in pieces, before anything refers to it.

A sandbox that is filled beside the event loop is read off beside it, too: in the thread that filled
it. Each piece is a transaction of its own, between those of others; nobody finds any of it before
one more, which is small, makes the sandbox known. What nothing refers to after all is swept out.
"""

import asyncio
from typing import Final

from mockserver.world.state.file import Batch
from mockserver.world.state.writer import Writer

ROWS: Final = 250
SIZE: Final = 1 << 18
"""Rows and bytes of a piece, for which commits of others may have to wait: a few milliseconds."""


class Ahead:
    """Where a thread writes; it waits until the file has a piece before it goes on."""

    def __init__(self, writer: Writer) -> None:
        """To be made on the event loop."""
        self._writer, self._loop = writer, asyncio.get_running_loop()
        self._batch = Batch()
        self._over = False

    @property
    def batch(self) -> Batch:
        """One that has room; raise `NotKept` where the one before could not be written."""
        batch = self._batch
        if batch.size >= SIZE or len(batch.rows) + len(batch.messages) >= ROWS:
            self.flush()
        return self._batch

    def flush(self) -> None:
        """Have the file have all of it; raise `NotKept`."""
        batch, self._batch = self._batch, Batch()
        if batch:
            asyncio.run_coroutine_threadsafe(self._write(batch), self._loop).result()

    async def _write(self, batch: Batch) -> None:
        if self._over:
            raise asyncio.CancelledError
        await self._writer.aside(batch)

    def give_up(self) -> None:
        """Nobody waits for it any more: have the thread end."""
        self._over = True
