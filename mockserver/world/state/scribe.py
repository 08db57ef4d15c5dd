"""Puts what changed on the pages of a sandbox into what is written next."""

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockserver.world.state.book import Book
from mockserver.world.state.forms import Waiting, encode, written
from mockserver.world.state.pages import GONE, Change
from mockserver.world.state.writer import Writer

if TYPE_CHECKING:
    from mockserver.world.state.mailings import Mailings

NONE: Final[Set[str]] = frozenset()


class Scribe:
    """That of one sandbox."""

    def __init__(self, number: int, book: Book, writer: Writer, last: int) -> None:
        """`number` is the sandbox's in the file; `last` the last place of its rows there."""
        self._number, self._book, self._writer, self._last = number, book, writer, last
        self._messages = book.pages["messages"]
        self._deliveries = book.pages["deliveries"]
        self._places: set[str] = set()
        """Notifications whose recipients the file knows."""
        self._mailings: Mailings | None = None

    def know_places(self, sids: Iterable[str]) -> None:
        """The file has the recipients of these notifications."""
        self._places.update(sids)

    def write(self, *, at_once: bool) -> bool:
        """Put it there; whether something of large operations is left for later.

        Nothing is, `at_once`.
        """
        left, urgent = False, self._read_messages()
        if urgent or self._book.mailed or self._mailings is not None:
            left = self.mailings.read_off(urgent, at_once=at_once)
        for change in self._book.changes():
            self._put(change)
        return left

    def _read_messages(self) -> Set[str]:
        """Write those that changed; the operations that they are of."""
        messages, deliveries = self._messages, self._deliveries
        if not (messages.changed or deliveries.changed):
            return NONE
        operations: set[str] = set()
        batch, number, place = self._writer.batch, self._number, self._book.tables.messages.place
        for sid in messages.look():
            message, key = messages.get(sid), (number, _found(place(sid)))
            if message is None:
                batch.messages[key] = None
                operations.update(self._book.tables.operations)
            else:
                batch.put_message(key, encode(message), None)
        for sid in deliveries.look():
            delivery = deliveries.get(sid)
            if delivery is not None:
                batch.put_message((number, _found(place(sid))), None, encode(delivery))
                if mailed := messages[sid].operation_id:
                    operations.add(mailed)
        return operations

    @property
    def mailings(self) -> "Mailings":
        """What writes these."""
        if self._mailings is None:
            from mockserver.world.state.mailings import Mailings  # loaded with the first of them

            self._mailings = Mailings(self._book.pages, self._put_part)
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
