"""The commands of the Messages resource: make, redact, cancel, delete."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from mockserver.domain import errors
from mockserver.domain.accounts import Account
from mockserver.domain.creation import Draft, examine
from mockserver.domain.errors import TwilioError
from mockserver.domain.lifecycle import FINAL
from mockserver.domain.limits import DELETABLE_AFTER_SENT
from mockserver.domain.message import SECOND, Delivery, Message
from mockserver.domain.prices import PRICED, price
from mockserver.world.accounts import Accounts
from mockserver.world.callbacks import status_posting
from mockserver.world.clock import Clock
from mockserver.world.composing import Composer
from mockserver.world.dice import Dice
from mockserver.world.dispatch import Dispatch
from mockserver.world.intake import Intake
from mockserver.world.known import Known
from mockserver.world.outbox import Outbox
from mockserver.world.patience import PatientEngine
from mockserver.world.ports import Posting
from mockserver.world.rulebook import Rulebook
from mockserver.world.schemas import Reading
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:  # loaded with the first weather rule
    from mockserver.world.weather.haste import Haste
    from mockserver.world.weather.storm import Storm
    from mockserver.world.weather.waiting import Copy

Refused = Callable[[str, int, str], None]
"""Told of an account, an error code and the text."""


class Messages:
    """What can be done to the messages of a sandbox, one command a method."""

    def __init__(
        self, tables: Tables, accounts: Accounts, dice: Dice, rules: Rulebook, clock: Clock
    ) -> None:
        self._tables, self._accounts, self._dice, self._rules = tables, accounts, dice, rules
        self.table = tables.messages
        self._known = Known(tables, clock)
        self.dispatch = Dispatch(tables, dice, rules, self._known)
        composer = Composer(tables.messages, dice)
        self._intake = Intake(tables, rules, self._known, composer, self.dispatch)
        self._engine: PatientEngine
        self._outbox: Outbox
        self.haste: Haste | None = None
        """Posts callbacks before the response, where a weather rule may want that."""
        self.storm: Storm | None = None
        """What weather holds back, where there was some."""

    def connect(self, engine: PatientEngine, outbox: Outbox, alert: Refused) -> None:
        """Hand in what moves the messages, which in turn needs `announce` and `settle`.

        `alert` is told of every create that is refused: Monitor shows them.
        """
        self._engine, self._outbox, self._alert = engine, outbox, alert

    async def create(self, account: Account, reading: Reading) -> tuple[Message, Delivery]:
        """Accept a message, or raise the `TwilioError` that refuses it."""
        self._engine.catch_up()
        unit = Unit()
        try:
            message, delivery = self._accept(
                account, reading, self._engine.clock.now(), unit, "messages"
            )
        except TwilioError as refusal:
            self._alert(account.sid, refusal.code, refusal.message)
            raise
        self._accounts.come_into_being(account, unit)
        if not message.test and self._is_awaited(message):
            self._outbox.hold(message.sid)
        self._begin(message, delivery, unit)
        hurried = self._hurry(message, delivery, unit) if self.haste is not None else []
        try:
            await self._engine.commit(unit)
            if self.haste is not None and hurried:
                await self.haste.post(hurried)
        except BaseException:
            self._outbox.release(message.sid)
            raise
        return message, delivery

    def _hurry(self, message: Message, delivery: Delivery, unit: Unit) -> "list[Copy]":
        """What is posted of it before the response."""
        if self.haste is None or message.test or not message.status_callback:
            return []
        return self.haste.hurry(message, delivery, unit)

    def send(
        self, account: Account, reading: Reading, at: int, origin: str, leader: str, unit: Unit
    ) -> tuple[Message, Delivery]:
        """The same in the course of what else is sent; raise the `TwilioError` that refuses it.

        `origin` is the door; what goes out because of it waits as that of `leader` does.
        """
        message, delivery = self._accept(account, reading, at, unit, origin)
        if self._is_awaited(message):
            self._outbox.hold_along(message.sid, leader)
        self._begin(message, delivery, unit)
        return message, delivery

    def _accept(
        self, account: Account, reading: Reading, at: int, unit: Unit, origin: str
    ) -> tuple[Message, Delivery]:
        draft = Draft(reading.values, account, self._known, self._rules.options, at)
        examine(draft, reading.breaches, self._rules.checks)
        return self._intake.make(draft, unit, origin)

    def _begin(self, message: Message, delivery: Delivery, unit: Unit) -> None:
        self.table.add(message, delivery, unit)
        self._engine.book(message.sid, delivery)
        self._engine.observe(message, delivery, 0)

    def _is_awaited(self, message: Message) -> bool:
        """Whether something goes out because of it, for which the response comes first."""
        return bool(message.status_callback or message.media_urls or self._tables.subscriptions)

    def announce(self, message: Message, status: str, at: int, code: int) -> Posting:
        """The status callback of a message, signed with its account's token."""
        account = self._accounts.find(message.account_sid) or Account(message.account_sid)
        told = self._rules.options.error_message_in_callbacks
        get = message.sid in self._tables.gets
        return status_posting(message, account, self._dice, status, at, code, told=told, get=get)

    def price(self, message: Message) -> str:
        """What a message that was sent costs; "" on channels, whose price comes from elsewhere."""
        return self.cost(message.channel, message.to, message.num_segments)

    def cost(self, channel: str, to: str, segments: int) -> str:
        """The same without a message."""
        if channel not in PRICED:
            return ""
        return price(to, segments, self._rules.options.prices)

    async def update(self, message: Message, reading: Reading) -> tuple[Message, Delivery]:
        """Redact (an empty `Body`), or cancel a scheduled message (`Status=canceled`)."""
        self._engine.catch_up()
        form = reading.values
        if reading.breaches or ("Body" in form) == ("Status" in form):
            raise TwilioError(errors.INVALID_UPDATE)
        unit = Unit()
        self._take_down(message, unit)
        delivery = self.table.delivery(message.sid)
        if "Status" in form:
            if delivery.status != "scheduled":
                raise TwilioError(errors.NOT_CANCELABLE)
            self._engine.force(message, "canceled", 0, unit)
        else:
            message = self._redact(message, delivery, unit)
        await self._engine.commit(unit)
        return message, self.table.delivery(message.sid)

    def _redact(self, message: Message, delivery: Delivery, unit: Unit) -> Message:
        if delivery.status not in FINAL and delivery.status != "sent":
            raise TwilioError(errors.NOT_COMPLETE, state=delivery.status.upper())
        message = msgspec.structs.replace(message, body="")
        self._hide(message, unit)
        self.table.replace(message, unit)
        now = self._engine.clock.now()
        self.table.deliver(message.sid, msgspec.structs.replace(delivery, updated_at=now), unit)
        return message

    def _hide(self, message: Message, unit: Unit) -> None:
        """What a template made it show goes with its text."""
        if self._tables.shown.pop(message.sid, None) is not None:
            unit.put("shown", message.sid, None)

    async def delete(self, message: Message) -> None:
        """Forget a complete message; raise 20009 for one that is under way."""
        self._engine.catch_up()
        delivery = self.table.delivery(message.sid)
        waited = self._engine.clock.now() - delivery.sent_at
        over = delivery.status == "sent" and waited >= DELETABLE_AFTER_SENT * SECOND
        if delivery.status not in FINAL and not over:
            raise TwilioError(errors.NOT_COMPLETE, state=delivery.status.upper())
        unit = Unit()
        self._take_down(message, unit)
        if self.storm is not None:
            unit.notices += self.storm.let_go(message.sid)
        self.table.delete(message.sid, unit)
        self._tables.media.drop(message.sid, unit)
        if self._tables.feedback.pop(message.sid, None) is not None:
            unit.put("feedback", message.sid, None)
        self._hide(message, unit)
        self._engine.forget(message.sid)
        await self._engine.commit(unit)

    async def force(self, message: Message, status: str, error_code: int) -> Delivery:
        """Take a message to a status now; raise `IllegalStep` where no way leads there."""
        self._engine.catch_up()
        unit = Unit()
        self._take_down(message, unit)
        self._engine.force(message, status, error_code, unit)
        await self._engine.commit(unit)
        return self.table.delivery(message.sid)

    def _take_down(self, message: Message, unit: Unit) -> None:
        """Make an ordinary message of an attempt to which something happens alone."""
        if message.operation_id and (delivery := self.table.take_down(message.sid, unit)):
            self._engine.book(message.sid, delivery)
