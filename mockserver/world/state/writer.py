"""The thread that writes: what came while it wrote goes into the next transaction, all together."""

import asyncio
import logging
import threading
from typing import Final

from mockserver.world.house import NotKept
from mockserver.world.state.file import Batch, StateFile

log: Final = logging.getLogger("mockserver")

Done = asyncio.Future[None]


class Writer:
    """Writes batches in order. All but the writing itself is the event loop's."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self.batch = Batch()
        """What the next transaction has so far; the event loop adds to it."""
        self._waiting: list[Done] = []
        """Of those who wait for that."""
        self._writing = self._due = self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: tuple[Batch, list[Done]] | None = None
        """What the thread is to write."""
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._main, name="state", daemon=True)

    @property
    def idle(self) -> bool:
        """Whether all there was to write is written."""
        return not (self.batch or self._writing)

    def done(self) -> Done:
        """Done once what the batch has by now is kept; it raises `NotKept` where it is not."""
        done = asyncio.get_running_loop().create_future()
        if self.idle:
            done.set_result(None)
        else:
            self._waiting.append(done)
            self.soon()
        return done

    def soon(self) -> None:
        """Have it written, though nobody waits."""
        self._loop = asyncio.get_running_loop()
        if self.batch and not (self._writing or self._due):
            self._due = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        """Give the thread what there is."""
        self._due = False
        if self._writing or not (self.batch or self._waiting):
            return
        self._writing = True
        work = self.batch, self._waiting
        self.batch, self._waiting = Batch(), []
        with self._wake:
            if not self._thread.is_alive() and not self._closed:
                self._thread.start()
            self._work = work
            self._wake.notify()

    def _main(self) -> None:
        """The thread."""
        while True:
            with self._wake:
                while self._work is None:
                    if self._closed:
                        return
                    self._wake.wait()
                batch, waiting = self._work
                self._work = None
            problem = self._write(batch)
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._written, batch, waiting, problem)
            while self._work is None and not self._closed and self._sweep():
                """Others first."""

    def _write(self, batch: Batch) -> Exception | None:
        try:
            self._file.write(batch)
        except Exception as problem:  # noqa: BLE001 - handed to those who wait
            return problem
        return None

    def _sweep(self) -> bool:
        """Whether there is more to sweep. What cannot be swept now is tried again some day."""
        try:
            return self._file.sweep()
        except Exception as problem:  # noqa: BLE001 - without its thread nothing would be written
            log.warning("%s could not be swept: %s", self._file.path, problem)
            return False

    def _written(self, batch: Batch, waiting: list[Done], problem: Exception | None) -> None:
        """Tell those who waited; what could not be written is tried again with what comes next."""
        self._writing = False
        said = f"{self._file.path} could not be written: {problem}"
        if problem is not None:
            log.error("%s", said)
            batch.go_on(self.batch)
            self.batch = batch
        for done in waiting:
            if done.done():
                continue
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(NotKept(said))
        if self._waiting or (problem is None and self.batch):
            self._hand_over()

    async def close(self) -> None:
        """Write what is left and end; raise `NotKept` where that cannot be done."""
        try:
            while not self.idle:
                await self.done()
        finally:
            with self._wake:
                self._closed = True
                self._wake.notify()
            if self._thread.is_alive():
                await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
