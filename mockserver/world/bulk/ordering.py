"""From a document to an operation: a send request is checked, and what it names is looked up.

All that is wrong is told at once, and a request that is refused leaves nothing behind. Ten thousand
recipients are checked a stretch at a time; what is kept is kept at the end, without giving way.
"""

import asyncio
from collections.abc import Generator, Iterable
from functools import lru_cache
from typing import Any, Final, TypeVar

import jsonschema_rs
import msgspec

from mockserver.domain.accounts import TRIAL_PREFIX, Account
from mockserver.domain.bulk.examine import Refusal, examine
from mockserver.domain.bulk.faults import MOST, merged
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.notes import not_a_field, strangers
from mockserver.domain.bulk.records import Content, Send, SenderChoice, Terms
from mockserver.domain.bulk.ways import Ways
from mockserver.domain.errors import Problem, TwilioError
from mockserver.domain.json_faults import (
    INVALID,
    NOT_OWNED,
    NOT_OWNED_CHANNEL,
    UNKNOWN,
    Fault,
    Refused,
    fault,
    refuse,
)
from mockserver.domain.message import SECOND
from mockserver.domain.personalising.compiling import LiquidNotInstalled
from mockserver.domain.sender_pools import Sender
from mockserver.world.audiences.finding import OwnAudience
from mockserver.world.bulk.moments import Moments, moments
from mockserver.world.bulk.operation import Operation, Order
from mockserver.world.bulk.people import People
from mockserver.world.bulk.peopling import peopling
from mockserver.world.bulk.scripts import script_of, templates_of
from mockserver.world.bulk.scrutiny import scrutinise
from mockserver.world.bulk.writing import Script
from mockserver.world.clock import stopwatch
from mockserver.world.comms_senders import Senders
from mockserver.world.sandbox import Sandbox
from mockserver.world.schema_files import load
from mockserver.world.sender_pools import SenderPools
from mockserver.world.tables import Unit

STRETCH: Final = 0.001
"""Seconds of wall time after which others get a turn, at the next opportunity."""

MEMBERS: Final = 1 << 16
"""Senders of a pool that are chosen from; ours: an attempt names its own in two bytes."""

BROKEN_OFF: Final = Problem(
    20503, 503, "The sandbox was reset or dropped while it dealt with the request: send it again."
)

Steps = Generator[None, None, Any]
T = TypeVar("T")


@lru_cache(1)
def gate() -> Gate:
    """The schema at work, compiled when it is first asked for."""
    return Gate(load("comms/v1/SendMessages"), jsonschema_rs.Draft202012Validator)


async def send(sandbox: Sandbox, account: Account, document: Any, warnings: list[str]) -> Operation:
    """Begin what a document asks for; `warnings` gets a sentence for each field that is not known.

    Raise `Refused` with all that is wrong, and `TwilioError` 20503 when the sandbox ends or begins
    again meanwhile. The document must not change meanwhile.
    """
    sandbox.engine.catch_up()
    tables = sandbox.tables
    ordering = Ordering(sandbox, account, warnings)
    checked = await in_turns(ordering.check(document))
    known = not account.created_at or account.sid in sandbox.tables.accounts
    if sandbox.tables is not tables or sandbox.closed or not known:
        raise TwilioError(BROKEN_OFF)
    sandbox.engine.catch_up()
    unit = Unit()
    order = ordering.order(checked, unit)
    return await sandbox.bulk.accept(account, order, unit, checked.when)


async def in_turns(steps: Generator[None, None, T]) -> T:
    """Take all steps, and give way between them where they are long."""
    began = stopwatch()
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if stopwatch() - began > STRETCH:
            await asyncio.sleep(0)
            began = stopwatch()


class Checked(msgspec.Struct, frozen=True):
    """A request without fault; its sender is looked up again when the order is made."""

    send: Send
    people: People
    script: Script
    when: Moments


class Ordering:
    """One request on its way."""

    def __init__(self, sandbox: Sandbox, account: Account, warnings: list[str]) -> None:
        self._account, self._warnings = account, warnings
        self._now, self._options = sandbox.clock.now(), sandbox.rules.options
        self._senders = Senders(sandbox, account)
        self._pools = SenderPools(sandbox, account)
        self._audience = OwnAudience(sandbox.tables, account.sid)
        self._templates = templates_of(account.sid, sandbox.tables.content)
        self._faults: list[Fault] = []

    def check(self, document: Any) -> Generator[None, None, Checked]:
        """The parts that are good are checked further though others are bad; raise `Refused`."""
        terms = Terms(self._now, self._options.comms_horizon * SECOND)
        verdict = yield from examine(document, gate(), terms)
        self._warnings.extend(verdict.notes)
        if isinstance(verdict, Refusal):
            self._faults += verdict.faults
        if verdict.notes and self._options.strict_queries:
            yield from self._find_strangers(document)
        send = verdict.rest if isinstance(verdict, Refusal) else verdict
        checked = yield from self._look_up(send)
        if checked is None:
            raise Refused(merged(self._faults, document))
        return checked

    def order(self, checked: Checked, unit: Unit) -> Order:
        """The order; `unit` gets what was made for it. Raise `Refused` for a sender that went."""
        send, script = checked.send, checked.script
        refuse(self._missing(send.sender))
        ways = Ways(tuple(self._chosen(send.sender, unit)), send.sender, script.channels)
        prefix = TRIAL_PREFIX if self._account.trial else ""
        return Order(send, checked.people, ways, script, prefix)

    def _find_strangers(self, document: Any) -> Steps:
        """Fields that are not known are faults where that is asked for."""
        for path in strangers(gate().schema, document):
            if path is None:
                yield
                continue
            self._faults.append(not_a_field(path))
            if len(self._faults) == MOST:
                return

    def _look_up(self, send: Send) -> Generator[None, None, Checked | None]:
        """What the request refers to; adds to the faults what is wrong with that."""
        self._faults += self._missing(send.sender)
        people, script = (yield from peopling(send, self._audience)), self._script(send)
        yield
        for found in (people, script):
            if isinstance(found, list):
                self._faults += found
        if not isinstance(people, People) or script is None or isinstance(script, list):
            return None
        self._faults += yield from scrutinise(script, people, self._options.liquid_default)
        if self._faults:
            return None
        return Checked(send, people, script, (yield from moments(people, send.schedule)))

    def _script(self, send: Send) -> Script | list[Fault] | None:
        """Nothing where the content itself has a fault."""
        if send.content == Content():
            return None
        try:
            return script_of(send, self._now, self._templates)
        except LiquidNotInstalled as missing:
            return [fault(INVALID, what=missing)]

    # Senders

    def _missing(self, choice: SenderChoice | None) -> list[Fault]:
        """A sender or a pool that the account has not."""
        if choice is None:
            return []
        if choice.address and not self._senders.has(choice.channel, choice.address):
            row = NOT_OWNED if choice.channel == "SMS" else NOT_OWNED_CHANNEL
            return [fault(row, "$.from.address", address=choice.address)]
        if choice.sender_id and self._senders.find(choice.sender_id) is None:
            return [fault(UNKNOWN, "$.from.senderId")]
        if choice.pool_id and self._pools.find(choice.pool_id) is None:
            return [fault(UNKNOWN, "$.from.senderPoolId")]
        return []

    def _chosen(self, choice: SenderChoice | None, unit: Unit) -> Iterable[Sender]:
        """Those to choose from; an address that is nobody's yet becomes a sender."""
        if choice is None:
            return _first_of_each(self._senders.all())
        if choice.pool_id:
            pool = self._pools.find(choice.pool_id)
            return self._pools.members(pool)[:MEMBERS] if pool is not None else ()
        if choice.address:
            one = self._senders.at_once(choice.channel, choice.address, unit)
        else:
            one = self._senders.find(choice.sender_id)
        return (one,) if one is not None else ()


def _first_of_each(senders: Iterable[Sender]) -> Iterable[Sender]:
    """The account's oldest sender on each channel; source: decision #18 of the facts."""
    found: dict[str, Sender] = {}
    for sender in sorted(senders, key=lambda each: each.id):
        if sender.status == "ACTIVATED":
            found.setdefault(sender.channel, sender)
    return found.values()
