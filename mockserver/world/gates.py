"""Faults that catch some of the calls that their rule is about, and let the others pass.

What they remember is kept with the rules' counters, so it goes where these go: into snapshots, and
away with a reset. Loaded with the first fault.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from mockserver.domain.faults import FaultRule
from mockserver.domain.faults.certificate import CertificateFault
from mockserver.domain.faults.kinds import Single, parts
from mockserver.domain.faults.rate_limit import RateLimit, RateLimitFault
from mockserver.domain.faults.stale import Stale, StaleFault
from mockserver.domain.faults.when import Roll
from mockserver.domain.matching import Subject
from mockserver.domain.type_ids import parts as parts_of_id
from mockserver.world.tables import Tables

REMEMBERED: Final = 10_000
"""Buckets and paths of all rules together; beyond, the oldest is forgotten."""

BUCKET: Final = "bucket/"
READS: Final = "reads/"

SECOND: Final = 1_000_000


class Mishap(msgspec.Struct, frozen=True):
    """What befalls a call."""

    rule: FaultRule
    roll: Roll
    """Further numbers of the call's own chance."""
    wait: int = 0
    """Of a rate limit: microseconds of the sandbox's clock until there is a token."""


class Gate:
    """Asked about the rules that would decide one call, in turn."""

    def __init__(self, tables: Tables, call: Subject, now: int) -> None:
        self._tables, self._call, self._now = tables, call, now
        self.wait = 0
        """Until there is a token, after `bites` said that a rate limit does."""

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
        """Whether the call reads a thing that cannot be read yet."""
        named = self._call.get("named")
        if self._call.get("method") != "GET" or not isinstance(named, tuple) or not named:
            return False
        if stale.for_:
            made = max(map(self._made_at, named))
            return made >= 0 and self._now < made + stale.for_
        key = f"{rule_id}.{READS}{self._call.get('path')}"
        before = self._tables.counters.get(key, 0)
        self._remember(key, min(before + 1, stale.reads))
        return before < stale.reads

    def _made_at(self, name: str) -> int:
        """When the message of that name was made; -1 for what is none."""
        if (message := self._tables.messages.get(name)) is not None:
            return message.created_at
        found = parts_of_id(name)
        return found.at if found is not None and found.prefix == "comms_message" else -1

    def _remember(self, key: str, value: int) -> None:
        counters = self._tables.counters
        if key not in counters and len(counters) >= REMEMBERED:
            oldest = next((each for each in counters if "/" in each), None)
            if oldest is not None:
                del counters[oldest]
        counters[key] = value


_WHOSE: Final[Mapping[str, str]] = {"account": "account_sid", "sender": "from", "key": "user"}
"""The fact of a call by what a bucket is `per`."""
