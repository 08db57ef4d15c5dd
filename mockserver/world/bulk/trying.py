"""Makes an attempt: what is sent through which sender, whether it may go, how it ends, and when.

The same checks as for a classic create decide whether it may; what they find ends the attempt.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.built_in import built_in
from mockserver.domain.bulk.content import NOTHING
from mockserver.domain.bulk.ways import End, Way
from mockserver.domain.creation import Draft, examine
from mockserver.domain.errors import TwilioError
from mockserver.domain.json_faults import Fault
from mockserver.domain.lifecycle import DELIVERED, Fate, plan
from mockserver.domain.message import Delivery, Message
from mockserver.domain.sender_pools import Sender, classic
from mockserver.world.accounts import Accounts
from mockserver.world.bulk.attempts import OWN, Course, course_of, failing
from mockserver.world.bulk.facts import CHANNELS, address
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.people import Person
from mockserver.world.bulk.shelf import compose, segments, written
from mockserver.world.bulk.writing import Written
from mockserver.world.dice import Dice
from mockserver.world.dispatch import EXPIRED, OVERFLOW, VALIDITY, Dispatch
from mockserver.world.known import Known
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import MessageTable, Unit

NO_RCS: Final = 61337
"""Recipient does not have RCS enabled. Source: Channel fallback guide."""

_course_of: Final = lru_cache(1 << 12)(course_of)


class Try(msgspec.Struct, frozen=True):
    """An attempt that was made."""

    number: int
    message: Message | None = None
    delivery: Delivery | None = None
    """Of one that is an ordinary message: it has media, which are to be fetched."""


class Trying:
    """Makes the attempts of a sandbox's operations; who moves them is `Work`."""

    __slots__ = ("_accounts", "_dice", "_dispatch", "_known", "_rules", "_table")

    def __init__(
        self,
        table: MessageTable,
        accounts: Accounts,
        dice: Dice,
        rules: Rulebook,
        known: Known,
        dispatch: Dispatch,
    ) -> None:
        self._table, self._accounts, self._dice = table, accounts, dice
        self._rules, self._known, self._dispatch = rules, known, dispatch

    def ways(self, operation: Operation, person: Person) -> list[Way]:
        """The senders to be tried for a recipient, best first."""
        return operation.ways.of(person.ends, self._pick)

    def _pick(self, who: str, count: int) -> int:
        return int.from_bytes(self._dice.of("comms-way", who)[:4]) % count

    def attempt(
        self,
        operation: Operation,
        place: int,
        person: Person,
        ways: Sequence[Way],
        turn: int,
        at: int,
        unit: Unit,
    ) -> Try:
        """Make the one whose turn it is, and keep it."""
        attempts, (way, end) = operation.attempts, ways[turn]
        text = written(operation, person, way)
        number = attempts.add(place, len(self._table.places), turn, way, end, at)
        if isinstance(text, Fault):
            return self._put(operation, number, failing(text.code))
        code = self._refusal(operation, person, number, text, last=turn + 1 == len(ways))
        if code:
            return self._put(operation, number, failing(code))
        if text.media:
            return self._put_own(operation, person, number, text, unit)
        attempts.segments[number] = segments(operation, way, text)
        course = self._course(operation, person, number, text, unit)
        return self._put(operation, number, course)

    def _put(self, operation: Operation, number: int, course: Course) -> Try:
        """On the operation's shelf."""
        operation.attempts.course[number] = operation.attempts.course_of(course)
        self._table.shelves.append(operation.ids.head)
        return Try(number)

    def _put_own(
        self, operation: Operation, person: Person, number: int, text: Written, unit: Unit
    ) -> Try:
        """Among the ordinary messages."""
        attempts = operation.attempts
        attempts.taken[number] = OWN
        message = compose(operation, person, number, attempts.ordinal[number], text)
        at, fate = message.created_at, self._fate(operation, message)
        start, code = self._turn(message, unit)
        steps = ("failed", start, code) if code else plan("queued", start, message.channel, fate)
        delivery = Delivery("queued", at, ("queued", at, 0), steps)
        self._table.add(message, delivery, unit)
        return Try(number, message, delivery)

    # Whether it may go

    def _refusal(
        self, operation: Operation, person: Person, number: int, text: Written, *, last: bool
    ) -> int:
        """What a create of this message would be refused with; 0: it would not."""
        sender, end = self._ends(operation, person, number)
        to, rcs = address(end), sender.channel == "RCS"
        if rcs and not self._does_rcs(to, last=last):
            return NO_RCS
        said = text.text.removeprefix(operation.order.prefix)
        if not (said or text.media or operation.order.send.content.template):
            return NOTHING
        form: dict[str, Any] = {
            "From": classic(sender.channel, sender.address) or sender.address,
            "To": f"rcs:{to}" if rcs else to,
            "Body": said or " ",
        }
        if text.media:
            form["MediaUrl"] = text.media
        account = self._accounts.find(operation.account_sid) or Account(operation.account_sid)
        draft = Draft(form, account, self._known, self._rules.options, self._known.now)
        try:
            examine(draft, (), self._rules.checks)
        except TwilioError as refusal:
            return refusal.code
        return 0

    def _ends(self, operation: Operation, person: Person, number: int) -> tuple[Sender, End]:
        attempts = operation.attempts
        return operation.ways.senders[attempts.way[number]], person.ends[attempts.end[number]]

    def _does_rcs(self, to: str, *, last: bool) -> bool:
        """A handset that nobody set up does RCS only where there is no other way to it.

        So do Messaging Services here: with another sender they do without RCS, but a message from
        an RCS sender arrives.
        """
        return self._known.does_rcs(to) or (last and not self._known.handset(to))

    # How it ends, and when

    def _course(
        self, operation: Operation, person: Person, number: int, text: Written, unit: Unit
    ) -> Course:
        """The course of an attempt; from when on it counts is put into the columns."""
        attempts = operation.attempts
        sender, end = self._ends(operation, person, number)
        channel = CHANNELS[sender.channel]
        rates, rules = self._dispatch.rates, self._rules
        if not (rates.enabled or rules.delivery or channel == "whatsapp"):
            return _course_of(channel, built_in(address(end)))
        message = compose(operation, person, number, attempts.ordinal[number], text)
        attempts.start[number], code = self._turn(message, unit)
        return failing(code) if code else _course_of(channel, self._fate(operation, message))

    def _turn(self, message: Message, unit: Unit) -> tuple[int, int]:
        """When its sender has time for it, and an error code where it never has."""
        if not self._dispatch.rates.enabled:
            return message.created_at, 0
        slot = self._dispatch.admit(message, message.created_at, VALIDITY, unit)
        return slot.start, _VERDICTS[slot.verdict]

    def _fate(self, operation: Operation, message: Message) -> Fate:
        """By rule or number; else WhatsApp's own rules have a word in it."""
        fate = self._rules.fate(message)
        if message.channel != "whatsapp" or fate is not DELIVERED:
            return fate
        free = operation.script.free_text
        code = self._known.whatsapp_refusal(message, self._rules.options, free_text=free)
        return Fate("undelivered", code) if code else fate


_VERDICTS: Final[Mapping[str, int]] = {"": 0, "full": OVERFLOW, "expired": EXPIRED}
