"""Faults that catch some of the calls that their rule is about, and let the others pass.

What they remember is kept with the rules' counters, so it goes where these go: into snapshots, and
away with a reset. Loaded with the first fault.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec

from mockserver.domain.faults import FaultRule
from mockserver.domain.faults.certificate import CertificateFault
from mockserver.domain.faults.kinds import Single, parts
from mockserver.domain.faults.rate_limit import RateLimit, RateLimitFault
from mockserver.domain.faults.stale import Stale, StaleFault
from mockserver.domain.faults.when import Roll
from mockserver.domain.matching import Subject
from mockserver.domain.message import Message
from mockserver.domain.type_ids import parts as parts_of_id
from mockserver.world.remembering import bound
from mockserver.world.subjects import path_of
from mockserver.world.tables import Tables

BUCKET: Final = "bucket/"
READS: Final = "reads/"

SECOND: Final = 1_000_000

NEVER: Final = 1 << 62
"""A time that nothing is made at."""

NEWEST: Final = 1_000
"""Messages, the latest, of which a list may not know yet when reads are counted; ours."""

FETCH: Final = "api.v2010.FetchMessage"
LIST: Final = "api.v2010.ListMessage"
LISTS: Final = (LIST, "comms.v1.ListMessages")
"""Lists of messages; of the second the reads are not counted."""


class Unseen(msgspec.Struct, frozen=True):
    """Messages that a list does not show yet."""

    since: int = NEVER
    """Microseconds: all that were made then or later."""
    sids: frozenset[str] = frozenset()

    def hides(self, message: Message) -> bool:
        """Whether it is one of them."""
        return message.created_at >= self.since or message.sid in self.sids


class Mishap(msgspec.Struct, frozen=True):
    """What befalls a call."""

    rule: FaultRule
    roll: Roll
    """Further numbers of the call's own chance."""
    wait: int = 0
    """Of a rate limit: microseconds of the sandbox's clock until there is a token."""
    unseen: Unseen | None = None
    """Of a stale list: what it lacks."""


class Gate:
    """Asked about the rules that would decide one call, in turn."""

    def __init__(self, tables: Tables, call: Subject, now: int) -> None:
        self._tables, self._call, self._now = tables, call, now
        self.wait = 0
        """Until there is a token, after `bites` said that a rate limit does."""
        self.unseen: Unseen | None = None
        """What a list lacks, after `bites` said that one is stale."""

    def bites(self, rule: FaultRule) -> bool:
        """Whether the call is caught."""
        return all(self._caught(rule.id, part) for part in parts(rule.then))

    def _caught(self, rule_id: str, fault: Single) -> bool:
        if isinstance(fault, RateLimitFault):
            return self._over(rule_id, fault.rate_limit)
        if isinstance(fault, StaleFault):
            return self._new(rule_id, fault.stale)
        return not isinstance(fault, CertificateFault)  # that was met before there was a request

    def _over(self, rule_id: str, limit: RateLimit) -> bool:
        """Whether there is no token for the call; else it takes one."""
        under_way = self._call.get("concurrent")
        if limit.concurrency and isinstance(under_way, int) and under_way > limit.concurrency:
            self.wait = SECOND
            return True
        key = f"{rule_id}.{BUCKET}{self._call.get(_WHOSE[limit.per]) or self._service}"
        full_at, self.wait = limit.take(self._tables.counters.get(key, 0), self._now)
        if full_at:
            self._remember(key, full_at)
        return self.wait > 0

    @property
    def _service(self) -> object:
        """The Messaging Service, which is the sender where no `From` is named."""
        given = self._call.get("parameters")
        return given.get("MessagingServiceSid") if isinstance(given, Mapping) else None

    def _new(self, rule_id: str, stale: Stale) -> bool:
        """Whether the call reads a thing that cannot be read yet, or lists one."""
        if self._call.get("method") not in READING:
            return False
        if self._call.get("operation") in LISTS:
            self.unseen = self._unseen(rule_id, stale)
            return self.unseen is not None
        named = self._call.get("named")
        if not isinstance(named, tuple) or not named:
            return False
        if stale.for_:
            made = max(map(self._made_at, named))
            return made >= 0 and self._now < made + stale.for_
        fetch = self._call.get("operation") == FETCH
        return self._counted(rule_id, named[-1] if fetch else path_of(self._call), stale.reads)

    def _counted(self, rule_id: str, thing: str, reads: int) -> bool:
        """Whether this is one of the first reads of a thing, which is counted."""
        key = f"{rule_id}.{READS}{thing}"
        before = self._tables.counters.get(key, 0)
        if before < reads:
            self._remember(key, before + 1)
        return before < reads

    def _unseen(self, rule_id: str, stale: Stale) -> Unseen | None:
        """What a list does not show yet; `None` where it shows everything."""
        if stale.for_:
            since = self._now - stale.for_ + 1
            return Unseen(since) if self._newest() >= since else None
        asked = self._call.get("parameters")
        if self._call.get("operation") != LIST or (
            isinstance(asked, Mapping) and asked.get("PageToken")
        ):
            return None  # later pages have nothing that is new
        newest = (each.sid for each in islice(self._own(), NEWEST))
        sids = [sid for sid in newest if self._counted(rule_id, sid, stale.reads)]
        return Unseen(sids=frozenset(sids)) if sids else None

    def _newest(self) -> int:
        """When the account's latest message was made, or accepted."""
        latest = next(self._own(), None)
        own = self._call.get("account_sid")
        accepted = (
            each.created_at
            for each in reversed(self._tables.operations.values())
            if each.account_sid == own
        )
        return max(latest.created_at if latest is not None else -1, next(accepted, -1))

    def _own(self) -> Iterator[Message]:
        """The account's messages, newest first."""
        own = str(self._call.get("account_sid"))
        return self._tables.messages.lists.newest_first(own, None, None, None)

    def _made_at(self, name: str) -> int:
        """When the message of that name was made; -1 for what is none."""
        if (message := self._tables.messages.get(name)) is not None:
            return message.created_at
        found = parts_of_id(name)
        return found.at if found is not None and found.prefix == "comms_message" else -1

    def _remember(self, key: str, value: int) -> None:
        self._tables.counters[key] = value
        bound(self._tables.counters)


READING: Final = ("GET", "HEAD")

_WHOSE: Final[Mapping[str, str]] = {"account": "account_sid", "sender": "from", "key": "user"}
"""The fact of a call by what a bucket is `per`."""
