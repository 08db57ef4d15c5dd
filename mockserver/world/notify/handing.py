"""Hands a notification to one recipient: as a Message, or as what a push service would have got.

Nothing is pushed: what a provider would have been handed follows from the notification and the
address, and is rendered for whoever looks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults.outcomes import ERROR_CODE
from mockserver.domain.lifecycle import Fate
from mockserver.domain.message import Message
from mockserver.domain.notify.bindings import Binding, is_reachable, unreachable_text
from mockserver.domain.notify.channels import PUSH
from mockserver.domain.notify.documents import Document
from mockserver.domain.notify.magic import built_in
from mockserver.domain.notify.messenger import PREFIX, messenger_form
from mockserver.domain.notify.notifications import FAILED, SENT, Notification, NotifyDelivery
from mockserver.domain.notify.payloads import Payload, render
from mockserver.domain.notify.recipients import UNREACHABLE
from mockserver.domain.titles import TITLES
from mockserver.world.dice import Dice
from mockserver.world.messages import Messages
from mockserver.world.rulebook import Rulebook
from mockserver.world.schema_files import load
from mockserver.world.schemas import Reading, RequestSchema
from mockserver.world.tables import Tables, Unit

NO_CREDENTIAL: Final = 52004
EMPTY_CREDENTIAL: Final = 52161
FOREIGN_CREDENTIAL: Final = 52162
WRONG_CREDENTIAL: Final = 52003
REPLIED_ERROR: Final = 52309
"""Of a rule that fails a push and names no code of its own: the channel replied with an error."""

MESSENGER: Final = "facebook-messenger"

MESSAGED: Final[Mapping[str, str]] = {"sms": "", MESSENGER: PREFIX}
"""Channels whose deliveries are Messages, and what their addresses begin with."""

IDS: Final[Mapping[str, str]] = {
    "fcm": "projects/mock/messages/{}",
    "gcm": "projects/mock/messages/{}",
}
"""What push services call a delivery, by channel; of others a UUID.

Source: an event of FCM; GCM's, and the project's name, are ours.
"""


@dataclass(slots=True)
class Run:
    """A notification that is being sent, and what its deliveries have in common."""

    notification: Notification
    account: Account
    apn_max: int
    """Bytes that APNs takes."""
    payloads: dict[str, Payload] = field(default_factory=dict)
    """By channel, as they are needed."""
    readings: dict[str, Reading] = field(default_factory=dict)
    """The parameters of its Messages but for `To`, the same way."""

    def payload(self, channel: str) -> Payload:
        """What a channel is handed, but for the address."""
        if (payload := self.payloads.get(channel)) is None:
            told = self.notification
            payload = render(told.ask, channel, told.service, told.created_at, self.apn_max)
            self.payloads[channel] = payload
        return payload

    def reading(self, channel: str, to: str) -> Reading:
        """The parameters of a Message to somebody."""
        if (reading := self.readings.get(channel)) is None:
            form, service = self.payload(channel).document, self.notification.service
            if channel == MESSENGER:
                form = messenger_form(form, service.facebook_messenger_page_id)
            reading = self.readings[channel] = _read({"To": to, **form})
        return Reading({**reading.values, "To": to}, reading.breaches)


Handed = tuple[NotifyDelivery, str]
"""What became of it, and in a sentence why it failed; "" where it did not."""


class Handing:
    """That of one sandbox."""

    __slots__ = ("_dice", "_messages", "_rules", "_tables")

    def __init__(self, tables: Tables, dice: Dice, rules: Rulebook, messages: Messages) -> None:
        self._tables, self._dice, self._rules = tables, dice, rules
        self._messages = messages

    def begin(self, notification: Notification, account: Account) -> Run:
        """A notification that is about to be sent."""
        return Run(notification, account, self._rules.options.push_payload_max)

    def hand(
        self,
        run: Run,
        number: int,
        channel: str,
        address: str,
        binding: Binding | None,
        unit: Unit,
    ) -> Handed:
        """Deliver to one recipient, the notification's `number`-th; who has a binding, or none."""
        sid = binding.sid if binding is not None else ""
        if not is_reachable(channel, address):
            code, text = UNREACHABLE, unreachable_text(channel, address, sid or "null")
            return _delivery(run, channel, address, binding, code), text
        code = run.payload(channel).code
        if channel == MESSENGER:
            code = code or built_in(channel, address)
        if code:
            return _delivery(run, channel, address, binding, code), TITLES.get(code, "")
        if channel in MESSAGED:
            return self._message(run, channel, address, binding, unit)
        return self._push(run, number, channel, address, binding)

    def _message(
        self, run: Run, channel: str, address: str, binding: Binding | None, unit: Unit
    ) -> Handed:
        """Make a Message; what refuses its create fails the delivery."""
        told, reading = run.notification, run.reading(channel, f"{MESSAGED[channel]}{address}")
        try:
            message, _ = self._messages.send(
                run.account, reading, told.created_at, "notify", told.sid, unit
            )
        except TwilioError as refusal:
            made = _delivery(run, channel, address, binding, refusal.code)
            return made, refusal.message
        return _delivery(run, channel, address, binding, sid=message.sid), ""

    def _push(
        self, run: Run, number: int, channel: str, address: str, binding: Binding | None
    ) -> Handed:
        """Let the provider take it, or not."""
        credential_sid = _credential_sid(run, channel, binding)
        code = self._wrong_credential(run, channel, credential_sid) if channel in PUSH else 0
        id_ = self._id(run, number, channel)
        code = code or self._outcome(run, channel, address, id_)
        made = _delivery(run, channel, address, binding, code, id_, credential_sid)
        return made, TITLES.get(code, "") if code else ""

    def _wrong_credential(self, run: Run, channel: str, sid: str) -> int:
        """Why a credential cannot be used; 0 where it can."""
        credential = self._tables.notify.credentials.get(sid)
        if credential is None:
            lenient = self._rules.options.push_credentials == "lenient"
            missing = EMPTY_CREDENTIAL if sid else NO_CREDENTIAL
            return 0 if lenient else missing
        if credential.account_sid != run.notification.account_sid:
            return FOREIGN_CREDENTIAL
        return 0 if credential.type == channel else WRONG_CREDENTIAL

    def _id(self, run: Run, number: int, channel: str) -> str:
        """What the provider calls a delivery."""
        key = f"{run.notification.sid} {number}"
        if (form := IDS.get(channel)) is None:
            return self._dice.uuid("notify delivery", key)
        return form.format(self._dice.of("notify delivery", key).hex())

    def _outcome(self, run: Run, channel: str, address: str, id_: str) -> int:
        """The code with which the provider refuses: by a rule, else by the address; 0: none."""
        if self._rules.delivery:
            fate = self._rules.ruled(pushed(run.notification, channel, address, id_))
            if fate is not None:
                return _code_of(fate)
        return built_in(channel, address)


def pushed(notification: Notification, channel: str, address: str, sid: str) -> Message:
    """A delivery as rules and filters look at it: as if it were a message."""
    return Message(
        sid=sid,
        ordinal=0,
        account_sid=notification.account_sid,
        direction="outbound-api",
        channel=channel,
        origin="notify",
        to=address,
        from_="",
        body=notification.ask.body,
        encoding="",
        num_segments=0,
        num_media=0,
        created_at=notification.created_at,
    )


def _code_of(fate: Fate) -> int:
    """The code of a fate on a push channel, where carriers' codes mean nothing."""
    if fate.outcome not in ERROR_CODE:
        return 0
    carriers = fate.error_code == ERROR_CODE[fate.outcome]
    return REPLIED_ERROR if carriers else fate.error_code


def _credential_sid(run: Run, channel: str, binding: Binding | None) -> str:
    """The binding's, else the service's; "" for none."""
    if channel not in PUSH:
        return ""
    own = binding.credential_sid if binding is not None else ""
    service = run.notification.service
    return own or str(getattr(service, f"{channel}_credential_sid"))


def _delivery(
    run: Run,
    channel: str,
    address: str,
    binding: Binding | None,
    code: int = 0,
    sid: str = "",
    credential_sid: str = "",
) -> NotifyDelivery:
    return NotifyDelivery(
        run.notification.sid,
        channel,
        address,
        FAILED if code else SENT,
        code,
        "" if code else sid,
        binding.identity if binding is not None else "",
        binding.sid if binding is not None else "",
        credential_sid,
        run.notification.created_at,
    )


def _read(form: Document) -> Reading:
    """The parameters of a Message by the schema of the Messages resource."""
    pairs = [
        (name, str(each))
        for name, value in form.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return _message_schema().read(pairs)


@lru_cache(1)
def _message_schema() -> RequestSchema:
    """Compiled with the first text message."""
    return RequestSchema(load("api/2010-04-01/CreateMessage"))
