"""What a snapshot holds: a sandbox's tables as records, and the rules in force."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.accounts import SafeNumber
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
from mockserver.domain.media import Media
from mockserver.domain.message import Delivery, Message
from mockserver.domain.numbers import Handset, Number, OptOut, Service
from mockserver.domain.pools import Member
from mockserver.domain.sender_pools import (
    PoolOperation,
    Sender,
    SenderPool,
)
from mockserver.domain.usage_triggers import UsageTrigger
from mockserver.world.audiences.keeping import KeptCohort, KeptStore
from mockserver.world.bulk.keeping import KeptOperation
from mockserver.world.notify.keeping import KeptNotify
from mockserver.world.tables import Course, Wish
from mockserver.world.weather.waiting import Foreseen, Late

VERSION: Final = 1

PLACED: Final = (
    "services",
    "numbers",
    "verified_callers",
    "applications",
    "filings",
    "members",
    "usage_triggers",
    "sinks",
    "subscriptions",
    "notify_services",
    "notify_credentials",
    "content",
)
"""Tables of `world/registry.py` that are taken along; of members, one for each service."""


LATEST: Final = 253_402_300_799_000_000
"""Microseconds of the last second that dates can show, of the year 9999."""


def are_times(*times: int) -> bool:
    """Whether dates can show them."""
    return all(0 <= at <= LATEST for at in times)


class BadSnapshot(ValueError):
    """What was put is no snapshot; the text says where."""


class KeptAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account without its token."""

    sid: str = ""
    """"" for the first one, which becomes the target's own."""
    type: str = "Full"
    mode: str = "live"
    status: str = "active"
    friendly_name: str = ""
    geo_permissions_off: tuple[str, ...] = ()
    owner: str = ""
    """The parent, as `AC#1`."""
    created_at: int = 0
    updated_at: int = 0
    by_twilio: bool = False
    """Whether Twilio itself suspended it."""


class KeptMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What was asked and what became of it."""

    message: Message
    delivery: Delivery


class KeptCourse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the scenario in force has come."""

    since: int
    """When it came into force, in microseconds."""
    taken: int = 0
    """How many of its steps were taken."""
    switched: dict[str, bool] = {}
    """Rules, by id, that were switched on or off."""

    @classmethod
    def of(cls, course: Course) -> "KeptCourse":
        """As it is now."""
        return cls(course.since, course.taken, dict(course.switched))

    def resume(self, course: Course) -> None:
        """Have a sandbox go on from here."""
        course.since, course.taken = self.since, self.taken
        course.switched.update(self.switched)

    def fits(self, scenario: Mapping[str, Any], at: int) -> bool:
        """Whether a scenario's document can have come so far by then."""
        steps = scenario.get("steps")
        most = len(steps) if isinstance(steps, list) else 0
        return 0 <= self.since <= at and 0 <= self.taken <= most


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in a sandbox's tables, and the rules in force."""

    at: int
    """The sandbox's time, in microseconds."""
    accounts: list[KeptAccount]
    version: int = VERSION
    numbers: list[Number] = []
    services: list[Service] = []
    feedback: list[Feedback] = []
    safe_list: list[SafeNumber] = []
    content: list[ContentTemplate] = []
    shown: dict[str, Shown] = {}
    """What messages show that were made from templates, by message."""
    handsets: list[Handset] = []
    heard: dict[str, int] = {}
    lanes: dict[str, int | str] = {}
    """As text: fast senders' are larger than what JSON's readers count to."""
    sticky: dict[str, str] = {}
    wishes: dict[str, Wish] = {}
    verified_callers: list[CallerId] = []
    applications: list[Application] = []
    members: list[Member] = []
    filings: list[Filing] = []
    usage_triggers: list[UsageTrigger] = []
    sinks: list[Sink] = []
    subscriptions: list[Subscription] = []
    senders: list[Sender] = []
    sender_pools: list[SenderPool] = []
    sender_pool_operations: list[PoolOperation] = []
    operations: list[KeptOperation] = []
    stores: list[KeptStore] = []
    """Of profiles; those that are gone come last."""
    cohorts: list[KeptCohort] = []
    notify: KeptNotify = KeptNotify()
    deleted: dict[str, dict[str, int]] = {}
    """Places of what was deleted, by SID, of the tables in `PLACED`."""
    opt_outs: list[OptOut] = []
    gets: list[str] = []
    cookies: dict[str, Jar] = {}
    streaks: dict[str, Streak] = {}
    answers: dict[str, HandsetAnswer] = {}
    """What handsets are about to write back, by what they answer."""
    late: list[Late] = []
    """Callbacks that weather holds back, unsigned; oldest first."""
    retries: list[Late] = []
    """Callbacks that failed and wait for another attempt, with those behind them, unsigned."""
    foreseen: dict[str, Foreseen] = {}
    """What weather decided about callbacks before they came, by message."""
    messages: list[KeptMessage] = []
    """But those that are in the columns of `operations`."""
    media: list[Media] = []
    media_contents: dict[str, bytes] = {}
    """By digest, oldest first; in JSON as base64."""
    gone: dict[str, int] = {}
    """Places of deleted messages, by SID."""
    repeats: dict[str, int] = {}
    counters: dict[str, int] = {}
    calls: dict[str, int] = {}
    """How often the same API call came, of those that chance had a part in."""
    course: KeptCourse | None = None
    """How far the scenario has come; `None`: it begins."""
    scenario: dict[str, Any] = {}
    """As a document, without `given`: that is in the tables."""

    def crumble(self) -> None:
        """Forget what it holds, little by little; it is of no use afterwards.

        A hundred thousand records freed at once would stop the world for tens of milliseconds.
        """
        for part in (self, self.notify):
            for name in part.__struct_fields__:
                _crumble(getattr(part, name))

    def rehomed(self, sid_of: Callable[[str], str]) -> "Snapshot":
        """With the SIDs of all but the first account as `sid_of` wants them."""
        own, *others = self.accounts
        moved = [msgspec.structs.replace(each, sid=sid_of(each.sid)) for each in others]
        return msgspec.structs.replace(self, accounts=[own, *moved])


def _crumble(part: object) -> None:
    if isinstance(part, list):
        while part:
            del part[-1_000:]
    elif isinstance(part, dict):
        while part:
            part.popitem()


def placed(name: str) -> bool:
    """Whether a table, or one of a service's, is among `PLACED`."""
    return name.partition("/")[0] in PLACED
