"""Which weather rule a webhook falls under, and what that does to each attempt on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.faults import WeatherRule
from mockserver.domain.forms import add_query
from mockserver.domain.message import Message
from mockserver.domain.signature import sign
from mockserver.world.accounts import Accounts
from mockserver.world.dice import Dice
from mockserver.world.ports import Notice, Parcel, Posting, Wire
from mockserver.world.rulebook import Rulebook
from mockserver.world.subjects import MessageSubject
from mockserver.world.tables import Tables
from mockserver.world.weather.waiting import Copy

Announce = Callable[[Message, str, int, int], Posting]
"""Makes the callback for a message's status, time and error code."""

P = TypeVar("P", bound=Posting)


class Webhook:
    """A webhook as the matcher looks at it: its own facts, then those of its message."""

    __slots__ = ("_facts", "_message")

    def __init__(self, message: Message | None, **facts: object) -> None:
        self._facts = facts
        self._message = None if message is None else MessageSubject(message, None)

    def get(self, name: str, /) -> object:
        """A fact of it; `None` for what it has not."""
        if name in self._facts:
            return self._facts[name]
        return None if self._message is None else self._message.get(name)


@dataclass(frozen=True, slots=True)
class Marking:
    """That of one sandbox."""

    tables: Tables
    accounts: Accounts
    rules: Rulebook
    dice: Dice
    announce: Announce

    def of_notice(self, message: Message, status: str) -> WeatherRule | None:
        """The rule that a status callback falls under; chance goes by message and status."""
        callback = Webhook(
            message,
            kind="status",
            url=message.status_callback,
            message_sid=message.sid,
            status=status,
        )
        return self.rules.storm(callback, status_key(message, status))

    def of_posting(self, posting: Posting) -> WeatherRule | None:
        """The rule that any other webhook falls under."""
        parcel = posting.parcel
        callback = Webhook(
            self.tables.messages.get(parcel.message_sid),
            kind=parcel.kind,
            url=parcel.url,
            message_sid=parcel.message_sid,
            account_sid=parcel.account_sid,
            status=posting.status,
        )
        return self.rules.storm(callback, parcel.idempotency_token)

    def rule(self, rule_id: str) -> WeatherRule | None:
        """The rule of this id, though it be switched off; none where it is gone."""
        for rule in self.rules.every("weather"):
            if isinstance(rule, WeatherRule) and rule.id == rule_id:
                return rule
        return None

    def posting(self, item: Notice | Posting) -> Posting:
        """What is to be posted of it."""
        if isinstance(item, Notice):
            return self.announce(item.message, item.status, item.at, item.error_code)
        return item

    def mark(self, posting: P, rule: WeatherRule) -> P:
        """The webhook as a rule has every attempt at it look on the wire."""
        then, parcel = rule.then, posting.parcel
        if then.signature:
            parcel = replace(parcel, signature=self._signature(parcel, then.signature))
        if then.trickle or then.cut:
            parcel = replace(parcel, wire=Wire(then.trickle / 1_000_000, then.cut))
        return replace(posting, parcel=parcel, weather=rule.id)

    def asked(self, posting: P) -> tuple[P, int]:
        """A webhook that is not a callback, marked, and how many further copies there are to be."""
        rule = self.of_posting(posting)
        if rule is None:
            return posting, 0
        return self.mark(posting, rule), rule.then.duplicate

    def copied(self, item: Notice | Posting, chain: str) -> Copy:
        """What is to be posted of it, or is to be again, with what its rule did to it."""
        posting = replace(self.posting(item), chain=chain)
        rule = self.rule(posting.weather) if posting.weather else None
        return Copy(posting, forged="" if rule is None else rule.then.signature)

    def signed(self, copy: Copy) -> Copy:
        """One that came without its signature, with it."""
        posting, parcel = copy.posting, copy.posting.parcel
        if parcel.signature or copy.forged == "missing":
            return copy
        signature = self._signature(parcel, copy.forged)
        return replace(copy, posting=replace(posting, parcel=replace(parcel, signature=signature)))

    def _signature(self, parcel: Parcel, how: str) -> str:
        if how == "missing":
            return ""
        account = self.accounts.find(parcel.account_sid) or Account(parcel.account_sid)
        if not how:
            return signed_by(parcel, account.signing_token)
        token = self.dice.of("wrong-token", parcel.idempotency_token).hex()
        if how == "stale":
            token = account.former_token or self.dice.of("former-token", "").hex()
        return signed_by(parcel, token)


def status_key(message: Message, status: str) -> str:
    """What chance about a status callback hangs on."""
    return f"{message.sid}/{status}"


def signed_by(parcel: Parcel, token: str) -> str:
    """The signature that another token gives it."""
    if parcel.body:
        return sign(parcel.url, (), token)
    if parcel.method == "GET":
        return sign(add_query(parcel.url, parcel.params), (), token)
    return sign(parcel.url, parcel.params, token)
