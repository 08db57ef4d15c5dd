"""What changed in one sandbox, on its way into the file."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockserver.world.chains import Item
from mockserver.world.clock import Clock
from mockserver.world.memory import Gathered
from mockserver.world.rulebook import Rulebook
from mockserver.world.state.book import Book
from mockserver.world.state.callbacks import Callbacks
from mockserver.world.state.forms import Waiting, encode, written
from mockserver.world.state.pages import GONE, Change
from mockserver.world.state.standing import PAGE, Standing
from mockserver.world.state.writer import Done, Writer
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from mockserver.world.state.mailings import Mailings

NONE: Final[Set[str]] = frozenset()

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
        self._number, self._writer, self._last = number, writer, last
        self._takes_over = takes_over
        self.book = Book()
        self._messages, self._deliveries = (
            self.book.pages["messages"],
            self.book.pages["deliveries"],
        )
        self.callbacks = Callbacks(self.book.callbacks)
        self._standing = Standing(self.tables.course)
        self._places: set[str] = set()
        """Notifications whose recipients the file knows."""
        self._mailings: Mailings | None = None
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

    def know_places(self, sids: Iterable[str]) -> None:
        """The file has the recipients of these notifications."""
        self._places.update(sids)

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
        urgent = self._read_messages()
        if urgent or self.book.mailed or self._mailings is not None:
            self._read_mailings(urgent)
        for change in self.book.changes():
            self._put(change)
        for name, content in self._standing.changes():
            self._writer.batch.put((self._number, PAGE, name), 1, content)

    def _read_messages(self) -> Set[str]:
        """Write those that changed; the operations that they are of."""
        messages, deliveries = self._messages, self._deliveries
        if not (messages.changed or deliveries.changed):
            return NONE
        operations: set[str] = set()
        batch, number, place = self._writer.batch, self._number, self.tables.messages.place
        for sid in messages.look():
            message, key = messages.get(sid), (number, _found(place(sid)))
            if message is None:
                batch.messages[key] = None
                operations.update(self.tables.operations)
            else:
                batch.put_message(key, encode(message), None)
        for sid in deliveries.look():
            delivery = deliveries.get(sid)
            if delivery is not None:
                batch.put_message((number, _found(place(sid))), None, encode(delivery))
                if mailed := messages[sid].operation_id:
                    operations.add(mailed)
        return operations

    def _read_mailings(self, urgent: Set[str]) -> None:
        """Write what changed of operations, and of whom they write to."""
        if self.mailings.read_off(urgent, at_once=self._ending):
            self._write_later()

    @property
    def mailings(self) -> "Mailings":
        """What writes these."""
        if self._mailings is None:
            from mockserver.world.state.mailings import Mailings  # loaded with the first of them

            self._mailings = Mailings(self.book.pages, self._put_part)
        return self._mailings

    def _put_part(self, page: str, key: str, content: bytes | None) -> None:
        if content is None:
            self._writer.batch.rows[self._number, page, key] = None
            return
        self._last += 1
        self._writer.batch.put((self._number, page, key), self._last, content)

    def _put(self, change: Change) -> None:
        page, batch = change.page, self._writer.batch
        key = self._number, page, change.key
        if change.record is GONE:
            batch.rows[key] = None
            return
        if change.fresh:
            self._last += 1
        record = change.record
        if page == "callbacks":
            record = Waiting.of(record)
        elif page == "notify_progress":
            record = self._without_places(change.key, record)
        batch.put(key, self._last if change.fresh else 0, written(page, record))

    def _without_places(self, sid: str, progress: Any) -> Any:
        """A notification's progress; whom it means is written once."""
        known = sid in self._places
        if bool(progress.places) != known:
            places = GONE if known else progress.places
            (self._places.discard if known else self._places.add)(sid)
            self._put(Change("notify_places", sid, places, fresh=True))
        return replace(progress, places=())


def _found(place: int | None) -> int:
    if place is None:
        raise LookupError("a message has no place")
    return place
