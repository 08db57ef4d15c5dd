"""A sandbox's tables, their indexes, and the unit of writes that goes to the store.

The tables are the truth: a restart, a snapshot and a fork load them and book steps from them. They
change synchronously, within one command; the command's `Unit` says what changed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockserver.domain.message import Delivery, Message
from mockserver.domain.sids import is_sid
from mockserver.world.media_table import MediaTable
from mockserver.world.message_index import NOWHERE, MessageIndex
from mockserver.world.notify.tables import NotifyTables
from mockserver.world.opt_out_table import OptOutTable
from mockserver.world.paper import Paper, loose
from mockserver.world.ports import Notice, Posting
from mockserver.world.shelves import Shelf
from mockserver.world.still import Still

if TYPE_CHECKING:  # who makes them loads them
    from mockserver.domain.accounts import Account, ApiKey, SafeNumber
    from mockserver.domain.applications import Application
    from mockserver.domain.caller_ids import CallerId
    from mockserver.domain.content import ContentTemplate
    from mockserver.domain.content.rendering import Shown
    from mockserver.domain.cookies import Jar
    from mockserver.domain.events.sinks import Sink
    from mockserver.domain.events.subscriptions import Subscription
    from mockserver.domain.feedback import Feedback
    from mockserver.domain.filings import Filing
    from mockserver.domain.handset_answers import HandsetAnswer
    from mockserver.domain.loops import Streak
    from mockserver.domain.numbers import Handset, Number, Service
    from mockserver.domain.pools import Member
    from mockserver.domain.sender_pools import PoolOperation, Sender, SenderPool
    from mockserver.domain.usage_triggers import UsageTrigger
    from mockserver.world.audiences.stores import Cohort, Store
    from mockserver.world.bulk.operation import Operation

FRAGMENTS_KEPT: Final = 50_000
"""Rendered messages kept for the next fetch or list: about 40 MB at most."""

TIMES_COUNTED: Final = 3
"""Moments for which the messages since then stay counted: a day, the day before, and ever."""

Row = tuple[str, str, object]
"""Table, key, record; `None` for a record that goes."""


class Unit:
    """What one command, or one tick, wrote: rows for the store, notices to release after it."""

    __slots__ = ("notices", "rows")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.notices: list[Notice | Posting] = []

    def put(self, table: str, key: str, record: object) -> None:
        self.rows.append((table, key, record))


class Wish(msgspec.Struct, frozen=True):
    """What a message of a service asks of its dispatch, besides what the record has room for."""

    validity: int = 36_000
    """Seconds that it may wait."""
    fallback_from: str = ""
    """The sender where the service's pool has none."""


class Course(msgspec.Struct):
    """How far the scenario in force has come."""

    since: int = 0
    """When it came into force, in microseconds."""
    taken: int = 0
    """How many of its steps were taken."""
    switched: dict[str, bool] = {}
    """Rules, by id, that were switched on or off."""

    def begin(self, at: int) -> None:
        """Another scenario comes into force."""
        self.since, self.taken = at, 0
        self.switched.clear()


class MessageTable:
    """The messages of a sandbox with what became of them, by SID and by place."""

    __slots__ = (
        *("_deliveries", "_gone", "_indexes", "_messages", "_rows", "_shelves"),
        *("fragments", "repeats"),
    )

    def __init__(self, paper: Paper = loose) -> None:
        self._messages: dict[str, Message] = paper("messages")
        self._deliveries: dict[str, Delivery] = paper("deliveries")
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

    def __len__(self) -> int:
        return len(self._rows) - len(self._gone)

    @property
    def next_ordinal(self) -> int:
        return len(self._rows)

    def taken(self, sid: str) -> bool:
        """Whether a message has, or had, this SID."""
        return sid in self._messages or sid in self._gone or self._shelved(sid) is not None

    def get(self, sid: str) -> Message | None:
        message = self._messages.get(sid)
        if message is None and (found := self._shelved(sid)) is not None:
            shelf, ordinal = found
            return shelf.message(ordinal)
        return message

    def delivery(self, sid: str) -> Delivery:
        """What became of a message; raise `KeyError` for an unknown one."""
        if (found := self._deliveries.get(sid) or self.find_delivery(sid)) is None:
            raise KeyError(sid)
        return found

    def find_delivery(self, sid: str) -> Delivery | None:
        delivery = self._deliveries.get(sid)
        if delivery is None and (found := self._shelved(sid)) is not None:
            shelf, ordinal = found
            return shelf.delivery(ordinal)
        return delivery

    def add(self, message: Message, delivery: Delivery, unit: Unit) -> None:
        self._messages[message.sid] = message
        self._rows.append(message)
        if (index := self._indexes.get(message.account_sid)) is None:
            index = self._indexes[message.account_sid] = MessageIndex()
        index.add(message)
        # Behind a call, where a thread may hand the interpreter over: at 87,000 messages each of
        # the two dictionaries takes 20 ms to grow.
        self._deliveries[message.sid] = delivery
        unit.rows.append(("messages", message.sid, message))
        unit.rows.append(("deliveries", message.sid, delivery))

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
        if sid in self._messages or (found := self._shelved(sid)) is None:
            return None
        shelf, ordinal = found
        message, delivery = shelf.message(ordinal), shelf.delivery(ordinal)
        shelf.let_go(ordinal)
        self._messages[sid] = self._rows[ordinal] = message
        self._deliveries[sid] = delivery
        self._indexes[message.account_sid].adopt(message)
        unit.put("messages", sid, message)
        unit.put("deliveries", sid, delivery)
        return delivery

    def owns(self, sid: str) -> bool:
        """Whether it is an ordinary message, on no shelf."""
        return sid in self._messages

    def _shelved(self, sid: str) -> tuple[Shelf, int] | None:
        shelf = self._shelves.get(sid[2:18]) if self._shelves else None
        ordinal = shelf.ordinal(sid) if shelf is not None and is_sid(sid, "SM", "MM") else None
        return None if shelf is None or ordinal is None else (shelf, ordinal)

    def shelves(self, account_sids: Set[str]) -> list[Shelf]:
        """Those of some accounts."""
        return [each for each in self._shelves.values() if each.account_sid in account_sids]

    def deliver(self, sid: str, delivery: Delivery, unit: Unit) -> None:
        """Put what became of a message."""
        self._deliveries[sid] = delivery
        self.fragments.pop(sid, None)
        unit.rows.append(("deliveries", sid, delivery))

    def replace(self, message: Message, unit: Unit) -> None:
        """Put a redacted message, or one whose service has chosen a sender."""
        before = self._messages[message.sid]
        self._messages[message.sid] = self._rows[message.ordinal] = message
        self.fragments.pop(message.sid, None)
        if message.from_ != before.from_:
            self._indexes[message.account_sid].add_sender(message)
        unit.rows.append(("messages", message.sid, message))

    def delete(self, sid: str, unit: Unit) -> None:
        """Forget a message but for its place, which page tokens may still name."""
        message = self._messages.pop(sid)
        del self._deliveries[sid]
        self.fragments.pop(sid, None)
        self._rows[message.ordinal] = None
        self._gone[sid] = message.ordinal
        if message.operation_id and (shelf := self._shelves.get(sid[2:18])) is not None:
            shelf.forget(message.ordinal)
        unit.put("messages", sid, None)
        unit.put("gone", sid, message.ordinal)

    def keep_fragment(self, sid: str, fragment: bytes) -> None:
        """Those of messages on shelves are not kept: nobody would say when they change."""
        if self._shelves and sid not in self._messages:
            return
        if len(self.fragments) >= FRAGMENTS_KEPT:
            self.fragments.clear()  # taking out the oldest ones singly scans what was taken before
        self.fragments[sid] = fragment

    def place(self, sid: str) -> int | None:
        """The ordinal of a message that is, or was, there."""
        if (found := self._shelved(sid)) is not None:
            return found[1]
        message = self._messages.get(sid)
        return self._gone.get(sid) if message is None else message.ordinal

    def oldest_first(self) -> Iterator[Message]:
        """Every message of the sandbox, whatever its account."""
        messages = map(self.at, range(len(self._rows)))
        return (message for message in messages if message is not None)

    def copied(self) -> "Still":
        """As it is now, for a snapshot: without places, indexes, and what is on shelves."""
        return Still(self._messages, self._deliveries, self._gone, self.repeats)

    def pairs(self) -> list[tuple[Message, Delivery]]:
        """Every message that is on no shelf with what became of it, oldest first."""
        return self.copied().pairs()

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
        parts: tuple[dict[str, Any], ...] = (
            *(self._messages, self._deliveries, self._gone, self.repeats, self.fragments),
            *(part for index in self._indexes.values() for part in (index.by_to, index.by_from)),
            self._shelves,
        )
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


class Tables(msgspec.Struct, eq=False):
    """Everything of a sandbox that must survive a restart."""

    messages: MessageTable = msgspec.field(default_factory=MessageTable)
    media: MediaTable = msgspec.field(default_factory=MediaTable)
    accounts: "dict[str, Account]" = {}
    keys: "dict[str, ApiKey]" = {}
    safe_list: "dict[str, SafeNumber]" = {}
    """By account and number."""
    deleted: dict[str, dict[str, int]] = {}
    """Places of what was deleted, by SID, of each table that `world/registry.py` keeps."""
    numbers: "dict[str, Number]" = {}
    services: "dict[str, Service]" = {}
    feedback: "dict[str, Feedback]" = {}
    """By the SID of the message it is about."""
    filings: "dict[str, Filing]" = {}
    """US A2P brands and campaigns, toll-free verifications, by SID."""
    members: "dict[str, Member]" = {}
    """Those in pools of services that joined after the sandbox was made, by `Member.key`."""
    content: "dict[str, ContentTemplate]" = {}
    shown: "dict[str, Shown]" = {}
    """What messages show that were made from templates, by message; operations' work it out."""
    handsets: "dict[str, Handset]" = {}
    """Recipients that are not as any other, by address."""
    heard: dict[str, int] = {}
    """When a handset last wrote on WhatsApp, by its address, and by both ends."""
    lanes: dict[str, int] = {}
    """By sender: when all that was admitted will have left; the unit is `world/lanes.py`'s."""
    sticky: dict[str, str] = {}
    """The sender last used, by service and recipient."""
    wishes: "dict[str, Wish]" = {}
    """By message, until it is queued; few have one."""
    verified_callers: "dict[str, CallerId]" = {}
    """By number, in E.164; some are only on their way to be verified."""
    applications: "dict[str, Application]" = {}
    usage_triggers: "dict[str, UsageTrigger]" = {}
    sinks: "dict[str, Sink]" = {}
    subscriptions: "dict[str, Subscription]" = {}
    """Of Event Streams, by SID, as its sinks are."""
    senders: "dict[str, Sender]" = {}
    """Those of the Communications API that nobody set up, by id."""
    sender_pools: "dict[str, SenderPool]" = {}
    sender_pool_operations: "dict[str, PoolOperation]" = {}
    """All there ever were, in order."""
    operations: "dict[str, Operation]" = {}
    """Of the Communications API, in order; in a snapshot as `world/bulk/keeping.py` has it."""
    profile_stores: "dict[str, Store]" = {}
    """Whom the Communications API may write to, by the store's id."""
    cohorts: "dict[str, Cohort]" = {}
    """Groups of them, by id."""
    notify: NotifyTables = msgspec.field(default_factory=NotifyTables)
    opt_outs: OptOutTable = msgspec.field(default_factory=OptOutTable)
    gets: set[str] = msgspec.field(default_factory=set)
    """SIDs of replies whose status callbacks are GET requests; all others are posted."""
    cookies: "dict[str, Jar]" = {}
    """What webhooks have set, by number and handset."""
    streaks: "dict[str, Streak]" = {}
    """Replies at a machine's pace, by sender and recipient."""
    answers: "dict[str, HandsetAnswer]" = {}
    """What handsets are about to write back, by the SID of what they answer."""
    counters: dict[str, int] = {}
    """How often a rule matched and fired, by rule id."""
    course: Course = msgspec.field(default_factory=Course)
    crumbs: list[Any] = []
    """What is left of an operation, or a store, that nobody uses any more."""

    def shed(self, count: int) -> bool:
        """Free some records of tables that nobody uses any more; whether any are left."""
        if self.messages.shed(count) or self.media.shed(count) or self.notify.shed(count):
            return True
        if not self.crumbs:
            self.crumbs += self._taken_apart()
        while self.crumbs and count > 0:
            count -= _eaten(self.crumbs, count)
        return bool(self.crumbs or self.operations or self.profile_stores)

    def _taken_apart(self) -> list[Any]:
        """What templates' messages show, one operation, or one store, in pieces."""
        if self.shown:
            shown, self.shown = self.shown, {}
            return [shown]
        if self.operations:
            return self.operations.popitem()[1].taken_apart()
        if self.profile_stores:
            _, store = self.profile_stores.popitem()
            return [*store.blocks, *store.indexes]
        return []


BLOCK: Final = 1_000
"""People of whom a block tells, at most."""


def _eaten(crumbs: list[Any], count: int) -> int:
    """Free one of some blocks, or so many entries of a dictionary; how much that was."""
    last = crumbs[-1]
    if not isinstance(last, dict) or not last:
        crumbs.pop()
        return BLOCK
    for _ in range(min(count, len(last))):
        last.popitem()
    return count
