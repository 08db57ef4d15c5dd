"""The commands of the Messages resource: make, redact, cancel, delete."""

from collections.abc import Callable
from typing import Any

import msgspec

from mockserver.domain import errors
from mockserver.domain.accounts import TRIAL_PREFIX, Account
from mockserver.domain.creation import Draft, Strictness, examine
from mockserver.domain.errors import TwilioError
from mockserver.domain.lifecycle import FINAL, Fate, plan
from mockserver.domain.limits import DELETABLE_AFTER_SENT
from mockserver.domain.message import SECOND, Delivery, Message
from mockserver.domain.numbers import SERVICE_STAND_IN_AREA, Number, OptOut, Service
from mockserver.world.accounts import Accounts
from mockserver.world.callbacks import status_posting
from mockserver.world.composing import Composer
from mockserver.world.dice import Dice
from mockserver.world.engine import Engine
from mockserver.world.outbox import Outbox
from mockserver.world.ports import Posting
from mockserver.world.schemas import Reading
from mockserver.world.tables import Tables, Unit

Decide = Callable[[Message], Fate]
"""How a message ends, by the delivery rules in force."""


class Known:
    """What a sandbox was told about senders and recipients, as the checks of a create ask it."""

    __slots__ = ("_tables",)

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def number(self, phone_number: str) -> Number | None:
        return self._tables.numbers.get(phone_number)

    def service(self, sid: str) -> Service | None:
        return self._tables.services.get(sid)

    def verified(self, to: str) -> bool:
        return to in self._tables.verified_callers

    def opted_out(self, from_: str, to: str) -> bool:
        return bool(self._tables.opt_outs) and OptOut(from_, to) in self._tables.opt_outs


class Messages:
    """What can be done to the messages of a sandbox, one command a method."""

    def __init__(self, tables: Tables, accounts: Accounts, dice: Dice, decide: Decide) -> None:
        self._tables, self._accounts, self._dice, self._decide = tables, accounts, dice, decide
        self.table = tables.messages
        self._known = Known(tables)
        self._composer = Composer(tables.messages, dice)
        self._engine: Engine
        self._outbox: Outbox

    def connect(self, engine: Engine, outbox: Outbox) -> None:
        """Hand in what moves the messages, which in turn needs `announce` and `settle`."""
        self._engine, self._outbox = engine, outbox

    async def create(
        self, account: Account, reading: Reading, strictness: Strictness
    ) -> tuple[Message, Delivery]:
        """Accept a message, or raise the `TwilioError` that refuses it."""
        self._engine.catch_up()
        draft = Draft(reading.values, account, self._known, strictness, self._engine.clock.now())
        examine(draft, reading.breaches)
        unit = Unit()
        self._accounts.come_into_being(account, unit)
        message = self._compose(draft)
        delivery = self._begin(message)
        self.table.add(message, delivery, unit)
        if message.status_callback and not message.test:
            self._outbox.hold(message.sid)
        self._engine.book(message.sid, delivery)
        self._engine.observe(message, delivery, 0)
        try:
            await self._engine.commit(unit)
        except BaseException:
            self._outbox.release(message.sid)
            raise
        return message, delivery

    def _compose(self, draft: Draft) -> Message:
        form, account, to = draft.form, draft.account, draft.to
        body: str = form.get("Body", "")
        if account.trial:
            body = TRIAL_PREFIX + body
        service_sid = draft.service_sid
        return self._composer.compose(
            account.sid,
            "messages",
            to,
            "" if draft.sender.kind == "service" else draft.sender.value,
            body,
            tuple(form.get("MediaUrl", ())),
            draft.now,
            smart=self._smart(form, service_sid),
            as_mms=form.get("SendAsMms", False),
            messaging_service_sid=service_sid,
            status_callback=self._callback_url(form, service_sid),
            send_at=draft.send_at,
            tags=form.get("Tags", ""),
            test=account.test,
        )

    def _smart(self, form: Any, service_sid: str) -> bool:
        """As the message says, else its service; one that was never set up has the defaults."""
        if "SmartEncoded" in form or not service_sid:
            return bool(form.get("SmartEncoded"))
        service = self._known.service(service_sid)
        return service is None or service.smart_encoding

    def _begin(self, message: Message) -> Delivery:
        status = "queued"
        if message.messaging_service_sid:
            status = "scheduled" if message.send_at else "accepted"
        at = message.created_at
        steps = plan(status, message.send_at or at, message.channel, self._decide(message))
        if message.test:
            steps = ()
        return Delivery(status, at, (status, at, 0), steps)

    def _callback_url(self, form: Any, service_sid: str) -> str:
        url: str = form.get("StatusCallback", "")
        if not url and service_sid and (service := self._known.service(service_sid)):
            return service.status_callback
        return url

    def announce(self, message: Message, status: str, at: int, code: int) -> Posting:
        """The status callback of a message, signed with its account's token."""
        account = self._accounts.find(message.account_sid) or Account(message.account_sid)
        return status_posting(message, account, self._dice, status, at, code)

    def settle(self, message: Message, unit: Unit) -> tuple[Message, int]:
        """Let the message's service choose its sender: 21610, 21704 where it cannot."""
        sid = message.messaging_service_sid
        service = self._known.service(sid)
        if service is not None and not service.senders:
            return message, errors.NO_SENDERS.code
        chosen = service.senders[0] if service else _stand_in(self._dice, sid)
        if self._known.opted_out(sid, message.to) or self._known.opted_out(chosen, message.to):
            return message, errors.UNSUBSCRIBED.code
        message = msgspec.structs.replace(message, from_=chosen)
        self.table.replace(message, unit)
        return message, 0

    async def update(self, message: Message, reading: Reading) -> tuple[Message, Delivery]:
        """Redact (an empty `Body`), or cancel a scheduled message (`Status=canceled`)."""
        self._engine.catch_up()
        form = reading.values
        if reading.breaches or ("Body" in form) == ("Status" in form):
            raise TwilioError(errors.INVALID_UPDATE)
        unit = Unit()
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
        self.table.replace(message, unit)
        now = self._engine.clock.now()
        self.table.deliver(message.sid, msgspec.structs.replace(delivery, updated_at=now), unit)
        return message

    async def delete(self, message: Message) -> None:
        """Forget a complete message; raise 20009 for one that is under way."""
        self._engine.catch_up()
        delivery = self.table.delivery(message.sid)
        waited = self._engine.clock.now() - delivery.sent_at
        over = delivery.status == "sent" and waited >= DELETABLE_AFTER_SENT * SECOND
        if delivery.status not in FINAL and not over:
            raise TwilioError(errors.NOT_COMPLETE, state=delivery.status.upper())
        unit = Unit()
        self.table.delete(message.sid, unit)
        await self._engine.commit(unit)

    async def force(self, message: Message, status: str, error_code: int) -> Delivery:
        """Take a message to a status now; raise `IllegalStep` where no way leads there."""
        self._engine.catch_up()
        unit = Unit()
        self._engine.force(message, status, error_code, unit)
        await self._engine.commit(unit)
        return self.table.delivery(message.sid)


def _stand_in(dice: Dice, service_sid: str) -> str:
    """The one US long code of a service that was never set up."""
    line = int.from_bytes(dice.of("service", service_sid)[:4]) % 10_000
    return f"{SERVICE_STAND_IN_AREA}{line:04d}"
