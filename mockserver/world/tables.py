"""A sandbox's tables, and the unit of writes that goes to the store.

The tables are the truth: a restart, a snapshot and a fork load them and book steps from them. They
change synchronously, within one command; the command's `Unit` says what changed.
"""

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockserver.world.media_table import MediaTable
from mockserver.world.message_table import MessageTable
from mockserver.world.notify.tables import NotifyTables
from mockserver.world.opt_out_table import OptOutTable
from mockserver.world.unit import Row, Unit

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
    from mockserver.world.weather.waiting import Foreseen, Late

__all__ = ["Course", "MessageTable", "Row", "Tables", "Unit", "Wish"]


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
    late: "dict[str, Late]" = {}
    """Callbacks that weather holds back, by number."""
    foreseen: "dict[str, Foreseen]" = {}
    """What weather decided about a message's callbacks before they came, by message."""
    counters: dict[str, int] = {}
    """How often a rule matched and fired, by rule id."""
    calls: dict[str, int] = {}
    """How often the same API call came, of those that chance had a part in, by a digest of it."""
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
        """What templates' messages show, what is late, one operation, or one store, in pieces."""
        if self.shown or self.late:
            parts = [self.shown, self.late]
            self.shown, self.late = {}, {}
            return parts
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
