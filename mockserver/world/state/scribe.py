"""Puts what changed on the pages of a sandbox into what is written next."""

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from mockserver.domain.message import Message
from mockserver.world.state.book import Book
from mockserver.world.state.file import Batch
from mockserver.world.state.forms import Waiting, encode, written
from mockserver.world.state.pages import GONE, Change

if TYPE_CHECKING:
    from mockserver.world.state.mailings import Mailings


class Desk(Protocol):
    """Where it is written."""

    @property
    def batch(self) -> Batch:
        """That which has room; to be asked for with every row."""


class Scribe:
    """That of one sandbox."""

    def __init__(self, number: int, book: Book, desk: Desk, last: int) -> None:
        """`number` is the sandbox's in the file; `last` the last place of its rows there."""
        self._number, self._book, self._last = number, book, last
        self.desk = desk
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
        operations: set[str] = set()
        for page in self._book.leaves("messages"):
            moved = self._book.beside(page)
            for sid in page.look():
                message = page.get(sid)
                if message is None:
                    self._drop_message(sid)
                    operations.update(self._book.tables.operations)
                else:
                    new = moved.changed.pop(sid, None) is not None
                    delivery = moved.get(sid) if new else None
                    self._put_message(message, encode(message), delivery, operations)
        for page in self._book.leaves("deliveries"):
            messages = self._book.beside(page)
            for sid in page.look():
                if (delivery := page.get(sid)) is not None:
                    self._put_message(messages[sid], None, delivery, operations)
        return operations

    def _put_message(
        self, message: Message, said: bytes | None, delivery: Any, operations: set[str]
    ) -> None:
        became = None
        if delivery is not None:
            became = encode(delivery)
            if message.operation_id:
                operations.add(message.operation_id)
        self.desk.batch.put_message((self._number, message.ordinal), said, became)

    def _drop_message(self, sid: str) -> None:
        place = self._book.tables.messages.place(sid)
        if place is None:
            raise LookupError("a message has no place")
        self.desk.batch.messages[self._number, place] = None

    @property
    def mailings(self) -> "Mailings":
        """What writes these."""
        if self._mailings is None:
            from mockserver.world.state.mailings import Mailings  # loaded with the first of them

            self._mailings = Mailings(self._book.pages, self._put_part)
        return self._mailings

    def _put_part(self, page: str, key: str, content: bytes | None) -> None:
        if content is None:
            self.desk.batch.rows[self._number, page, key] = None
            return
        self._last += 1
        self.desk.batch.put((self._number, page, key), self._last, content)

    def _put(self, change: Change) -> None:
        page = change.page
        key = self._number, page, change.key
        if change.record is GONE:
            self.desk.batch.rows[key] = None
            return
        if change.fresh:
            self._last += 1
        record = change.record
        if page == "callbacks":
            record = Waiting.of(record)
        elif page == "notify_progress":
            record = self._without_places(change.key, record)
        place = self._last if change.fresh else 0
        self.desk.batch.put(key, place, written(page, record))

    def _without_places(self, sid: str, progress: Any) -> Any:
        """A notification's progress; whom it means is written once."""
        known = sid in self._places
        if bool(progress.places) != known:
            places = GONE if known else progress.places
            (self._places.discard if known else self._places.add)(sid)
            self._put(Change("notify_places", sid, places, fresh=True))
        return replace(progress, places=())
