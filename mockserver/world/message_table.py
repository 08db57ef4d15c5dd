"""The messages of a sandbox with what became of them, by SID and by place."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any, Final

from mockserver.domain.message import Delivery, Message
from mockserver.domain.sids import is_sid
from mockserver.world.leaves import Leaves
from mockserver.world.message_index import NOWHERE, MessageIndex
from mockserver.world.paper import Paper, loose
from mockserver.world.shelves import Shelf
from mockserver.world.still import Still
from mockserver.world.unit import Unit

FRAGMENTS_KEPT: Final = 50_000
"""Rendered messages kept for the next fetch or list: about 40 MB at most."""

TIMES_COUNTED: Final = 3
"""Moments for which the messages since then stay counted: a day, the day before, and ever."""


class MessageTable:
    """The messages of a sandbox with what became of them, by SID and by place."""

    __slots__ = (
        *("_deliveries", "_gone", "_indexes", "_messages", "_rows", "_shelves", "_stills"),
        *("fragments", "repeats"),
    )

    def __init__(self, paper: Paper = loose) -> None:
        self._messages: Leaves[Message] = Leaves(paper, "messages")
        self._deliveries: Leaves[Delivery] = Leaves(paper, "deliveries")
        self._rows: list[Message | Shelf | None] = []
        """By ordinal; nothing where a message was deleted, its shelf where it is on one."""
        self._shelves: dict[str, Shelf] = {}
        """By the digits with which the SIDs of their messages begin."""
        self._gone: dict[str, int] = paper("gone")
        self._indexes: dict[str, MessageIndex] = {}
        self.repeats: dict[str, int] = paper("repeats")
        """How often the message that minted a SID came again, by that SID."""
        self.fragments: dict[str, bytes] = {}
        """Wire JSON by SID, dropped when the message changes."""
        self._stills: tuple[Still, ...] = ()
        """Moments that somebody reads: they are told what was before it changes."""

    def __len__(self) -> int:
        return len(self._rows) - len(self._gone)

    @property
    def next_ordinal(self) -> int:
        return len(self._rows)

    def taken(self, sid: str) -> bool:
        """Whether a message has, or had, this SID."""
        here = sid in self._messages[sid[-1:]] or sid in self._gone
        return here or self._shelved(sid) is not None

    def get(self, sid: str) -> Message | None:
        message = self._messages[sid[-1:]].get(sid)
        if message is None and (found := self._shelved(sid)) is not None:
            shelf, ordinal = found
            return shelf.message(ordinal)
        return message

    def delivery(self, sid: str) -> Delivery:
        """What became of a message; raise `KeyError` for an unknown one."""
        if (found := self._deliveries[sid[-1:]].get(sid) or self.find_delivery(sid)) is None:
            raise KeyError(sid)
        return found

    def find_delivery(self, sid: str) -> Delivery | None:
        delivery = self._deliveries[sid[-1:]].get(sid)
        if delivery is None and (found := self._shelved(sid)) is not None:
            shelf, ordinal = found
            return shelf.delivery(ordinal)
        return delivery

    def add(self, message: Message, delivery: Delivery, unit: Unit) -> None:
        sid = message.sid
        self._messages[sid[-1:]][sid] = message
        self._rows.append(message)
        if (index := self._indexes.get(message.account_sid)) is None:
            index = self._indexes[message.account_sid] = MessageIndex()
        index.add(message)
        self._deliveries[sid[-1:]][sid] = delivery
        unit.rows.append(("messages", sid, message))
        unit.rows.append(("deliveries", sid, delivery))

    def put_up(self, shelf: Shelf) -> None:
        """A shelf whose messages `append` puts on it."""
        self._shelves[shelf.head] = shelf
        if (index := self._indexes.get(shelf.account_sid)) is None:
            index = self._indexes[shelf.account_sid] = MessageIndex()
        index.shelves.append(shelf)

    def append(self, head: str) -> None:
        """One more message on a shelf that was put up; it gets the next place."""
        shelf = self._shelves[head]
        self._indexes[shelf.account_sid].every.append(len(self._rows))
        self._rows.append(shelf)

    def extend(self, head: str, count: int) -> None:
        """The same for many at once: of an operation that was kept elsewhere."""
        shelf, first = self._shelves[head], len(self._rows)
        self._indexes[shelf.account_sid].every.extend(range(first, first + count))
        self._rows.extend([shelf] * count)

    def shelf(self, head: str) -> Shelf:
        """The one whose SIDs begin with these digits; raise `KeyError` where there is none."""
        return self._shelves[head]

    def take_down(self, sid: str, unit: Unit) -> Delivery | None:
        """Make an ordinary message of one on a shelf, before something happens to it alone.

        What became of it, its steps to come included; nothing where it is an ordinary one.
        """
        if self.owns(sid) or (found := self._shelved(sid)) is None:
            return None
        shelf, ordinal = found
        message, delivery = shelf.message(ordinal), shelf.delivery(ordinal)
        for still in self._stills:
            still.spare(ordinal, None)
        shelf.let_go(ordinal)
        self._messages[sid[-1:]][sid] = self._rows[ordinal] = message
        self._deliveries[sid[-1:]][sid] = delivery
        self._indexes[message.account_sid].adopt(message)
        unit.put("messages", sid, message)
        unit.put("deliveries", sid, delivery)
        return delivery

    def owns(self, sid: str) -> bool:
        """Whether it is an ordinary message, on no shelf."""
        return sid in self._messages[sid[-1:]]

    def _shelved(self, sid: str) -> tuple[Shelf, int] | None:
        shelf = self._shelves.get(sid[2:18]) if self._shelves else None
        ordinal = shelf.ordinal(sid) if shelf is not None and is_sid(sid, "SM", "MM") else None
        return None if shelf is None or ordinal is None else (shelf, ordinal)

    def shelves(self, account_sids: Set[str]) -> list[Shelf]:
        """Those of some accounts."""
        return [each for each in self._shelves.values() if each.account_sid in account_sids]

    def deliver(self, sid: str, delivery: Delivery, unit: Unit) -> None:
        """Put what became of a message."""
        if self._stills:
            self._spare(sid)
        self._deliveries[sid[-1:]][sid] = delivery
        self.fragments.pop(sid, None)
        unit.rows.append(("deliveries", sid, delivery))

    def replace(self, message: Message, unit: Unit) -> None:
        """Put a redacted message, or one whose service has chosen a sender."""
        sid = message.sid
        messages = self._messages[sid[-1:]]
        before = messages[sid]
        self._spare(sid)
        messages[sid] = self._rows[message.ordinal] = message
        self.fragments.pop(sid, None)
        if message.from_ != before.from_:
            self._indexes[message.account_sid].add_sender(message)
        unit.rows.append(("messages", sid, message))

    def delete(self, sid: str, unit: Unit) -> None:
        """Forget a message but for its place, which page tokens may still name."""
        self._spare(sid)
        message = self._messages[sid[-1:]].pop(sid)
        del self._deliveries[sid[-1:]][sid]
        self.fragments.pop(sid, None)
        self._rows[message.ordinal] = None
        self._gone[sid] = message.ordinal
        if message.operation_id and (shelf := self._shelves.get(sid[2:18])) is not None:
            shelf.forget(message.ordinal)
        unit.put("messages", sid, None)
        unit.put("gone", sid, message.ordinal)

    def keep_fragment(self, sid: str, fragment: bytes) -> None:
        """Those of messages on shelves are not kept: nobody would say when they change."""
        if self._shelves and not self.owns(sid):
            return
        if len(self.fragments) >= FRAGMENTS_KEPT:
            self.fragments.clear()  # taking out the oldest ones singly scans what was taken before
        self.fragments[sid] = fragment

    def place(self, sid: str) -> int | None:
        """The ordinal of a message that is, or was, there."""
        if (found := self._shelved(sid)) is not None:
            return found[1]
        message = self._messages[sid[-1:]].get(sid)
        return self._gone.get(sid) if message is None else message.ordinal

    def oldest_first(self) -> Iterator[Message]:
        """Every message of the sandbox, whatever its account."""
        messages = map(self.at, range(len(self._rows)))
        return (message for message in messages if message is not None)

    def stilled(self) -> Still:
        """As it is now, for a snapshot: without what is on shelves. To be let go with `go_on`."""
        still = Still(self._rows, self._deliveries, self._gone, self.repeats)
        self._stills = (*self._stills, still)
        return still

    def go_on(self, still: object) -> None:
        """Nobody reads that moment any more."""
        self._stills = tuple(each for each in self._stills if each is not still)

    @property
    def is_read(self) -> bool:
        """Whether somebody reads a moment of it."""
        return bool(self._stills)

    def _spare(self, sid: str) -> None:
        """Tell those who read a moment what is there, before it changes."""
        for still in self._stills:
            message = self._messages[sid[-1:]][sid]
            still.spare(message.ordinal, (message, self._deliveries[sid[-1:]][sid]))

    def pairs(self) -> Iterator[tuple[Message, Delivery]]:
        """Every message that is on no shelf with what became of it, oldest first."""
        return Still(self._rows, self._deliveries, self._gone, self.repeats).pairs()

    def at(self, ordinal: int) -> Message | None:
        """The message at a place; nothing where it was deleted."""
        row = self._rows[ordinal] if ordinal < len(self._rows) else None
        return row if row is None or isinstance(row, Message) else row.message(ordinal)

    def row(self, ordinal: int) -> Message | Shelf | None:
        """The same, but for a message on a shelf that shelf: so it is not written."""
        return self._rows[ordinal] if ordinal < len(self._rows) else None

    def ordinals(self, to: Collection[str], from_: Collection[str]) -> Sequence[int]:
        """Ascending places, in all accounts: to any of `to`, else from any of `from_`, else all."""
        if not to and not from_:
            return range(len(self._rows))
        found: set[int] = set()
        for index in self._indexes.values():
            for each in to or from_:
                found.update(index.places(each, None) if to else index.places(None, each))
        return sorted(found)

    def inbound(self, account_sid: str) -> Sequence[int]:
        """Ascending places of what handsets sent to an account; it grows as more comes."""
        index = self._indexes.get(account_sid)
        return NOWHERE if index is None else index.inbound

    @property
    def gone(self) -> Mapping[str, int]:
        """The places of messages that were deleted, by SID."""
        return MappingProxyType(self._gone)

    def add_gone(self, sid: str, unit: Unit) -> None:
        """Keep the next place for a message that was deleted elsewhere."""
        unit.put("gone", sid, len(self._rows))
        self._gone[sid] = len(self._rows)
        self._rows.append(None)

    def skip_to(self, place: int) -> None:
        """Leave the places before one empty: what was there is not known any more."""
        self._rows.extend([None] * (place - len(self._rows)))

    def shed(self, count: int) -> bool:
        """Free some records of a table that nobody uses any more; whether any are left.

        A hundred thousand freed at once would stop the world for tens of milliseconds.
        """
        if self.is_read:
            return True
        parts: list[dict[str, Any]] = [*self._messages.values(), *self._deliveries.values()]
        parts += [self._gone, self.repeats, self.fragments, self._shelves]
        parts += [leaf for index in self._indexes.values() for leaf in index.leaves()]
        for part in parts:
            while part and count:
                part.popitem()
                count -= 1
        del self._rows[max(0, len(self._rows) - count) :]
        return any(parts) or bool(self._rows)

    def outbound(self, account_sid: str, since: int) -> int:
        """Messages that an account has sent since a time; those deleted once counted stay so.

        Each is looked at once, however often it is asked.
        """
        if (index := self._indexes.get(account_sid)) is None:
            return 0
        done, count = index.counted.get(since, (0, 0))
        count += sum(self._went_out(index.every[n], since) for n in range(done, len(index.every)))
        index.counted = {**index.counted, since: (len(index.every), count)}
        if len(index.counted) > TIMES_COUNTED:
            del index.counted[min(index.counted.keys() - {0})]
        return count

    def _went_out(self, ordinal: int, since: int) -> bool:
        row = self._rows[ordinal]
        if isinstance(row, Message):
            return row.direction != "inbound" and row.created_at >= since
        return row is not None and row.made_at(ordinal) >= since

    def newest_first(
        self, account_sid: str, before: int | None, to: str | None, from_: str | None
    ) -> Iterator[Message]:
        """An account's messages made before the ordinal `before`, and those with `to`, `from_`."""
        if (index := self._indexes.get(account_sid)) is None:
            return
        places, rows = index.places(to, from_), self._rows
        end = len(places) if before is None else bisect_left(places, before)
        both = to is not None and from_ is not None
        for position in range(end - 1, -1, -1):
            message = rows[places[position]]
            if message is not None and not isinstance(message, Message):
                message = message.message(places[position])
            if message is not None and (not both or message.from_ == from_):
                yield message

    def oldest_first_after(
        self, account_sid: str, after: int, to: str | None, from_: str | None
    ) -> Iterator[Message]:
        """An account's messages made after the ordinal `after`, in order of creation."""
        if (index := self._indexes.get(account_sid)) is None:
            return
        places, rows = index.places(to, from_), self._rows
        both = to is not None and from_ is not None
        for position in range(bisect_right(places, after), len(places)):
            message = rows[places[position]]
            if message is not None and not isinstance(message, Message):
                message = message.message(places[position])
            if message is not None and (not both or message.from_ == from_):
                yield message
