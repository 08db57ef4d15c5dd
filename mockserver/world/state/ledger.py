"""What changed in one sandbox, on its way into the file."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from mockserver.world.chains import Item
from mockserver.world.clock import Clock
from mockserver.world.memory import Gathered
from mockserver.world.rulebook import Rulebook
from mockserver.world.state.book import Book
from mockserver.world.state.callbacks import Callbacks
from mockserver.world.state.scribe import Scribe
from mockserver.world.state.standing import PAGE, Standing
from mockserver.world.state.writer import Done, Writer
from mockserver.world.tables import Tables, Unit

SOON: Final = 0.05
"""Seconds after which it is written that a callback was answered, if nothing is before."""


class Ledger:
    """Keeps one sandbox."""

    durable: Final = True

    def __init__(
        self,
        number: int,
        writer: Writer,
        last: int = 0,
        takes_over: "Callable[[Ledger], None] | None" = None,
    ) -> None:
        """`number` is the sandbox's in the file; `last` the last place of its rows there.

        `takes_over` is told when it is followed: then nothing else of that name is kept any more.
        """
        self._number, self._writer, self._takes_over = number, writer, takes_over
        self.book = Book()
        self.scribe = Scribe(number, self.book, writer, last)
        self.callbacks = Callbacks(self.book.callbacks)
        self._standing = Standing(self.tables.course)
        self._timer: asyncio.TimerHandle | None = None
        self._over, self._ending = True, False
        """Nothing is kept before it is followed."""

    @property
    def tables(self) -> Tables:
        return self.book.tables

    def follow(self, clock: Clock, rules: Rulebook, routes: Mapping[str, tuple[str, str]]) -> None:
        """Keep these from now on too, and what the tables have by now."""
        self._over = False
        self._standing.follow(clock, rules, routes)
        if self._takes_over is not None:
            self._takes_over(self)
        self._read_off()
        self._writer.soon()

    def commit(self, unit: Unit) -> Done:
        """Keep all that has changed so far, and the callbacks of this unit."""
        for item in unit.notices:
            self.callbacks.keep(item)
        self.book.mark(unit)
        return self.settled()

    def settled(self) -> Done:
        """Done when everything that has changed so far is kept."""
        self._read_off()
        return self._writer.done()

    def close(self) -> None:
        """The server ends: have everything written."""
        self._ending = True
        self._read_off()
        self.end()

    def end(self) -> None:
        """The sandbox is gone, or begins anew: keep nothing more of it."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    # Callbacks

    @property
    def gathered(self) -> dict[str, Gathered]:
        """As `Memory`."""
        return self.book.gathered

    def keep(self, item: Item, until: int = 0) -> None:
        """As `Memory`."""
        self.callbacks.keep(item, until)

    def replace(self, item: Item, again: Item) -> None:
        """As `Memory`."""
        self.callbacks.replace(item, again)
        self._write_later()

    def forget(self, item: Item) -> None:
        """As `Memory`."""
        self.callbacks.forget(item)
        self._write_later()

    def _write_later(self) -> None:
        if self._timer is None and not self._over:
            self._timer = asyncio.get_running_loop().call_later(SOON, self._write)

    def _write(self) -> None:
        self._timer = None
        self._read_off()
        self._writer.soon()

    # Reading off

    def _read_off(self) -> None:
        """Put what changed into what is written next."""
        if self._over:
            return
        if self.scribe.write(at_once=self._ending):
            self._write_later()
        for name, content in self._standing.changes():
            self._writer.batch.put((self._number, PAGE, name), 1, content)
