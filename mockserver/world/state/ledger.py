"""What changed in one sandbox, on its way into the file."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final, Protocol

from mockserver.world.beside import beside
from mockserver.world.chains import Item
from mockserver.world.clock import Clock
from mockserver.world.memory import Gathered
from mockserver.world.ports import Posting
from mockserver.world.rulebook import Rulebook
from mockserver.world.state.ahead import Ahead
from mockserver.world.state.book import Book
from mockserver.world.state.callbacks import Callbacks
from mockserver.world.state.scribe import Desk, Scribe
from mockserver.world.state.standing import PAGE, Standing
from mockserver.world.state.writer import Done, Writer
from mockserver.world.tables import Tables, Unit

SOON: Final = 0.05
"""Seconds after which it is written that a callback was answered, if nothing is before."""


class Draft(Protocol):
    """What the file is to have of a sandbox besides, once it is followed."""

    def put_origin(self, desk: Desk) -> None:
        """Write what it begins with, where that is not there."""

    def take_over(self, ledger: "Ledger") -> None:
        """Then nothing else of its name is kept any more."""

    def give_up(self) -> None:
        """It is not followed after all."""


class Ledger:
    """Keeps one sandbox."""

    durable: Final = True

    def __init__(
        self,
        number: int,
        writer: Writer,
        last: int = 0,
        draft: Draft | None = None,
    ) -> None:
        """`number` is the sandbox's in the file; `last` the last place of its rows there.

        Without a `draft` it is there already.
        """
        self._number, self._writer, self._draft = number, writer, draft
        self._ahead: Ahead | None = None
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

    async def prepare(self) -> None:
        """Have the file have what the tables hold by now, though nothing is found before `follow`.

        Beside the event loop: nobody may change them meanwhile. Raise `NotKept`.
        """
        ahead = self._ahead = Ahead(self._writer)
        await beside(partial(self._write_ahead, ahead))

    def _write_ahead(self, ahead: Ahead) -> None:
        if self._draft is not None:
            self._draft.put_origin(ahead)
        self.scribe.desk = ahead
        self.scribe.write(at_once=True)
        self.scribe.desk = self._writer
        ahead.flush()

    def give_up(self) -> None:
        """The sandbox is not made after all: what was prepared goes."""
        if self._ahead is not None:
            self._ahead.give_up()
        if self._draft is not None:
            self._draft.give_up()
        self.end()

    def follow(self, clock: Clock, rules: Rulebook, routes: Mapping[str, tuple[str, str]]) -> None:
        """Keep these from now on too, and what the tables have by now."""
        self._over = False
        self._standing.follow(clock, rules, routes)
        if self._draft is not None:
            self._draft.take_over(self)
            self._draft = None
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

    def at_last(self) -> Done:
        """The same, however often that has to be tried."""
        return self._writer.at_last()

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

    @property
    def ringing(self) -> dict[str, Posting]:
        """As `Memory`."""
        return self.book.ringing

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
