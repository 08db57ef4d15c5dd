"""The thread that writes: what came while it wrote goes into the next transaction, all together.

What cannot be written is tried again, with what came since: with each call, and every second. Some
wait until it is in the file, however often that is tried (`at_last`), others are told of the first
failure (`done`).

Between these go batches of their own (`aside`), of which nothing is found before a later batch says
where it is: so that what is large is in the file already when a small transaction makes it known.
"""

import asyncio
import logging
import threading
from collections import deque
from typing import Final

import msgspec

from mockserver.world.state.file import Batch, StateFile
from mockserver.world.store import NotKept

log: Final = logging.getLogger("mockserver")

AGAIN: Final = 1.0
"""Seconds of wall time after which what could not be written is tried again."""

Done = asyncio.Future[None]


class Work(msgspec.Struct):
    """What the thread is to write, and who waits for that."""

    batch: Batch
    waiting: list[Done] = []
    """They hear of it when it fails."""
    patient: list[Done] = []
    """They go on waiting."""
    aside: bool = False


class Writer:
    """Writes batches in order. All but the writing itself is the event loop's."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self.batch = Batch()
        """What the next transaction has so far; the event loop adds to it."""
        self._waiting: list[Done] = []
        self._patient: list[Done] = []
        """Of those who wait for that."""
        self._aside: deque[Work] = deque()
        self._under_way: Work | None = None
        self._due = self._closed = False
        self._failing = ""
        """Why nothing can be written; "" where it can, for all we know."""
        self._again: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: Work | None = None
        """What the thread is to take."""
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._main, name="state", daemon=True)

    @property
    def idle(self) -> bool:
        """Whether all there was to write is written, but for what goes aside."""
        return not self.batch and (self._under_way is None or self._under_way.aside)

    def done(self) -> Done:
        """Done once what the batch has by now is kept; it raises `NotKept` where it is not."""
        done: Done = asyncio.get_running_loop().create_future()
        if self.idle:
            done.set_result(None)
        elif self.batch or self._under_way is None:
            self._waiting.append(done)
            self.soon()
        else:
            self._under_way.waiting.append(done)  # which is all there is
        return done

    def at_last(self) -> Done:
        """The same, however often it has to be tried; cancelled where the end comes first."""
        done: Done = asyncio.get_running_loop().create_future()
        if self.idle:
            done.set_result(None)
        elif self.batch or self._under_way is None:
            self._patient.append(done)
            self.soon()
        else:
            self._under_way.patient.append(done)
        return done

    def aside(self, batch: Batch) -> Done:
        """Done once a batch of its own is in the file; it raises `NotKept`, and is not tried again.

        Those who wait for other things do not wait for this.
        """
        self._loop = asyncio.get_running_loop()
        done: Done = self._loop.create_future()
        if self._closed or (self._failing and self.batch):
            done.set_exception(NotKept(self._failing or f"{self._file.path} is closed"))
        else:
            self._aside.append(Work(batch, [done], aside=True))
            self._hand_over_soon()
        return done

    def soon(self) -> None:
        """Have it written, though nobody waits."""
        self._loop = asyncio.get_running_loop()
        if self.batch:
            self._hand_over_soon()

    def _hand_over_soon(self) -> None:
        if self._under_way is None and not self._due and self._loop is not None:
            self._due = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        """Give the thread what there is; by turns, where there is something aside."""
        self._due = False
        if self._under_way is not None or (work := self._next()) is None:
            return
        self._hand(work)

    def _next(self, *, aside: bool = False) -> Work | None:
        """What is to be written next; something `aside` first, where it is its turn."""
        wanted = self.batch or self._waiting or self._patient
        if self._aside and (aside or not wanted):
            return self._aside.popleft()
        if not wanted:
            return None
        work = Work(self.batch, self._waiting, self._patient)
        self.batch, self._waiting, self._patient = Batch(), [], []
        return work

    def _hand(self, work: Work) -> None:
        self._under_way = work
        if self._again is not None:
            self._again.cancel()
            self._again = None
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
                work, self._work = self._work, None
            problem = self._write(work.batch)
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._written, work, problem)
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

    def _written(self, work: Work, problem: Exception | None) -> None:
        """Tell those who waited; what could not be written is tried again with what comes next."""
        self._under_way = None
        if problem is None:
            self._recovered()
            for done in (*work.patient, *work.waiting):
                if not done.done():
                    done.set_result(None)
        else:
            self._failed(work, problem)
        left = self._waiting if problem is not None else (self.batch or self._waiting)
        if (left or self._aside) and (todo := self._next(aside=not work.aside)) is not None:
            self._hand(todo)

    def _recovered(self) -> None:
        if self._failing:
            log.warning("%s is written again: nothing was lost", self._file.path)
            self._failing = ""

    def _failed(self, work: Work, problem: Exception) -> None:
        said = f"{self._file.path} could not be written: {problem}"
        if self._failing != said:
            log.error(
                "%s. What is asked for is refused and no callbacks go out until it can be; it is "
                "tried again every second",
                said,
            )
        self._failing = said
        if not work.aside:
            work.batch.go_on(self.batch)
            self.batch = work.batch
            self._patient[:0] = work.patient
        _tell(work.waiting, said)
        while self._aside:
            _tell(self._aside.popleft().waiting, said)
        if self.batch and self._again is None and not self._closed:
            self._again = asyncio.get_running_loop().call_later(AGAIN, self._hand_over)

    async def close(self) -> None:
        """Write what is left and end; raise `NotKept` where that cannot be done."""
        try:
            while not self.idle:
                await self.done()
        finally:
            self._end()
            if self._thread.is_alive():
                await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def _end(self) -> None:
        if self._again is not None:
            self._again.cancel()
        while self._aside:
            _tell(self._aside.popleft().waiting, f"{self._file.path} is closed")
        for done in self._patient:
            done.cancel()
        with self._wake:
            self._closed = True
            self._wake.notify()


def _tell(waiting: list[Done], said: str) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(NotKept(said))
