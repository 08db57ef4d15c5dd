"""A handset writes to the account: the number's webhook is called, its TwiML is carried out.

Not yet: fallback URLs, opt-out keywords, Messaging Services' own webhooks, loop protection.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import TRIAL_PREFIX, Account
from mockserver.domain.addresses import WHATSAPP_SANDBOX, Address, BadAddress, parse_from, parse_to
from mockserver.domain.forms import add_query
from mockserver.domain.inbound import params
from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.message import Delivery, Message
from mockserver.domain.numbers import Handset, Number
from mockserver.domain.signature import sign
from mockserver.domain.text import length_utf16
from mockserver.domain.twiml import Complaint, Reply, Script, TwimlError, parse
from mockserver.world.accounts import Accounts
from mockserver.world.callbacks import Attempt, Postman
from mockserver.world.composing import Composer
from mockserver.world.dice import Dice
from mockserver.world.dispatch import VALIDITY, Dispatch
from mockserver.world.engine import Engine
from mockserver.world.journal import CallbackEntry
from mockserver.world.outbox import Outbox
from mockserver.world.ports import Answer, Parcel, Posting
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit

MOST_REDIRECTS: Final = 10
"""Redirects that are followed for one message. Ours: Twilio's 14106 speaks of 50 documents."""

MOST_REPLIES: Final = 10
"""Replies to one message; the others are not sent. Source: error 14109."""


class Text(msgspec.Struct, frozen=True):
    """What a handset sends."""

    from_: Address
    to: Address
    body: str = ""
    media: tuple[str, ...] = ()


class Received(msgspec.Struct, frozen=True):
    """What became of it."""

    message: Message
    webhook: CallbackEntry | None = None
    """The last attempt."""
    replies: tuple[Message, ...] = ()
    warnings: tuple[str, ...] = ()
    """Why nobody was called, or what is wrong with the answer."""


@dataclass(slots=True)
class _Talk:
    """A conversation with an application under way."""

    text: Text
    message: Message
    account: Account
    posting: Posting
    """The request whose answer is being carried out."""
    answer: Answer | None = None
    replies: list[Message] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Inbound:
    """What a handset can do to a sandbox."""

    def __init__(
        self,
        tables: Tables,
        accounts: Accounts,
        dice: Dice,
        rules: Rulebook,
        engine: Engine,
        outbox: Outbox,
        postman: Postman,
        dispatch: Dispatch,
    ) -> None:
        self._tables, self._accounts, self._dice, self._rules = tables, accounts, dice, rules
        self._engine, self._outbox, self._postman = engine, outbox, postman
        self._dispatch = dispatch
        self._composer = Composer(tables.messages, dice)

    async def receive(self, text: Text) -> Received:
        """Store a handset's message, call the webhook, carry its answer out.

        Raise `Stopped` where the sandbox ends or begins again meanwhile.
        """
        self._engine.catch_up()
        number = self._tables.numbers.get(text.to.value)
        account = self._account(number)
        message = await self._store(text, account)
        if number is None or not number.sms_url:
            return Received(message, warnings=(_nobody(text.to.value, number),))
        url, method = number.sms_url, number.sms_method
        talk = _Talk(text, message, account, self._posting(message, account, url, method, 0))
        return await self._outbox.visit(self._converse(talk))

    def _account(self, number: Number | None) -> Account:
        if number is None:
            return self._accounts.first
        return self._accounts.find(number.account_sid) or Account(number.account_sid)

    async def _store(self, text: Text, account: Account) -> Message:
        unit, now = Unit(), self._engine.clock.now()
        account = self._accounts.come_into_being(account, unit)
        message = self._composer.compose(
            account.sid,
            "inbound",
            text.to,
            text.from_.value,
            text.body,
            text.media,
            now,
            test=account.test,
        )
        if text.to.channel == "whatsapp":
            self._hear(text, now, unit)
        timeline = ("receiving", now, 0, "received", now, 0)
        self._add(message, Delivery("received", now, timeline, sent_at=now), unit)
        await self._engine.commit(unit)
        return message

    def _hear(self, text: Text, now: int, unit: Unit) -> None:
        """What opens a session, and what joins the sandbox."""
        from_, to = text.from_.value, text.to.value
        for key in (from_, f"{from_} {to}"):
            self._tables.heard[key] = now
            unit.put("heard", key, now)
        if to == WHATSAPP_SANDBOX and text.body.strip().lower().startswith("join "):
            handset = self._tables.handsets.get(from_, Handset(from_))
            self._tables.handsets[from_] = replace(handset, joined_at=now)
            unit.put("handsets", from_, self._tables.handsets[from_])

    def _add(self, message: Message, delivery: Delivery, unit: Unit) -> None:
        self._tables.messages.add(message, delivery, unit)
        self._engine.book(message.sid, delivery)
        self._engine.observe(message, delivery, 0)

    # Asking the application

    def _posting(
        self, message: Message, account: Account, url: str, method: str, hop: int
    ) -> Posting:
        """The signed request; a GET's parameters are in its URL, which is what is signed."""
        form = params(message)
        if method == "GET":
            signature = sign(add_query(url, form), (), account.signing_token)
        else:
            signature = sign(url, form, account.signing_token)
        parcel = Parcel(
            kind="inbound",
            url=url,
            method=method,
            params=form,
            signature=signature,
            idempotency_token=self._dice.uuid("idempotency", f"{message.sid}/inbound/{hop}"),
            account_sid=message.account_sid,
            message_sid=message.sid,
        )
        return Posting(parcel, due=self._engine.clock.now())

    async def _converse(self, talk: _Talk) -> Received:
        """Ask, carry out, and follow redirects."""
        for hop in range(1, MOST_REDIRECTS + 2):
            attempt = await self._ask(talk.posting)
            talk.answer = attempt.outcome.answer
            script = self._read(talk, attempt)
            await self._carry_out(talk, script)
            if script.redirect is None:
                break
            if hop > MOST_REDIRECTS:
                self._complain(talk, [(14106, f"more than {MOST_REDIRECTS} redirects")])
                break
            url = _joined(talk.posting.parcel.url, script.redirect)
            talk.posting = self._posting(
                talk.message, talk.account, url, script.redirect_method, hop
            )
        return Received(talk.message, attempt.entry, tuple(talk.replies), tuple(talk.warnings))

    async def _ask(self, posting: Posting) -> Attempt:
        """The last attempt; where the URL's overrides want another, it follows at once."""
        attempt = await self._postman.make(posting)
        while attempt.again is not None:
            now = self._engine.clock.now()
            attempt = await self._postman.make(replace(attempt.again, due=now))
        return attempt

    def _read(self, talk: _Talk, attempt: Attempt) -> Script:
        """What the answer says; nothing where there is none that could be carried out."""
        if attempt.outcome.error:  # the postman has raised the alert
            talk.warnings.append(f"the webhook failed: {attempt.outcome.error}")
            return Script()
        answer = attempt.outcome.answer
        kinds = [value for name, value in answer.headers if name.lower() == "content-type"]
        try:
            return parse(answer.body, kinds[0] if kinds else "")
        except TwimlError as bad:
            return Script(warnings=((bad.code, bad.reason),))

    def _complain(self, talk: _Talk, complaints: list[Complaint]) -> None:
        """An alert for each code, a warning for each sentence."""
        for code in dict.fromkeys(code for code, _ in complaints):
            texts = [text for each, text in complaints if each == code]
            self._postman.alert(talk.posting, code, "; ".join(texts), talk.answer)
            talk.warnings += [f"{text} ({code})" for text in texts]

    # Carrying out what it answered

    async def _carry_out(self, talk: _Talk, script: Script) -> None:
        self._engine.catch_up()
        unit, complaints = Unit(), list(script.warnings)
        for reply in script.replies:
            if len(talk.replies) == MOST_REPLIES:
                complaints.append((14109, f"more than {MOST_REPLIES} replies"))
                break
            try:
                talk.replies.append(self._reply(talk, reply, unit))
            except TwimlError as bad:
                complaints.append((bad.code, bad.reason))
        if any(reply.status_callback and reply.method == "GET" for reply in script.replies):
            talk.warnings.append("status callbacks of replies are always posted in this version")
        self._complain(talk, complaints)
        if unit.rows:
            await self._engine.commit(unit)

    def _reply(self, talk: _Talk, reply: Reply, unit: Unit) -> Message:
        """Send one; raise `TwimlError` for one that Twilio does not send."""
        to, sender, now = *_ends(talk.text, reply), self._engine.clock.now()
        if not (reply.body or reply.media) or length_utf16(reply.body) > BODY_LIMIT:
            raise TwimlError(14103, f"a reply needs a text of up to {BODY_LIMIT} characters")
        message = self._composer.compose(
            talk.account.sid,
            "reply",
            to,
            sender.value,
            (TRIAL_PREFIX if talk.account.trial else "") + reply.body,
            reply.media,
            now,
            status_callback=_callback(talk.posting.parcel.url, reply),
            test=talk.account.test,
        )
        fate = self._rules.fate(message)
        steps = self._dispatch.steps(message, "queued", fate, VALIDITY, unit)
        self._add(message, Delivery("queued", now, ("queued", now, 0), steps), unit)
        return message


def _nobody(to: str, number: Number | None) -> str:
    """Why no webhook is called."""
    lacks = "is not set up" if number is None else "has no sms_url"
    fix = f'{{"numbers": [{{"phone_number": "{to}", "sms_url": "http://…"}}]}}'
    return f"no webhook was called: the number {to} {lacks}; POST /_mock/seed with {fix} does it"


def _ends(text: Text, reply: Reply) -> tuple[Address, Address]:
    """Recipient and sender of a reply: back where the text came from unless it says otherwise."""
    try:
        to = parse_to(reply.to) if reply.to else text.from_
    except BadAddress:
        raise TwimlError(14101, f"a reply's `to` is no address: {reply.to!r}") from None
    try:
        sender = parse_from(reply.from_) if reply.from_ else text.to
    except BadAddress:
        raise TwimlError(14102, f"a reply's `from` is no address: {reply.from_!r}") from None
    if sender.kind == "service" or sender.channel != to.channel:
        raise TwimlError(14102, f"a reply cannot go from {sender.value} to {to.value}")
    return to, sender


def _callback(base: str, reply: Reply) -> str:
    """Where a reply's status goes; raise `TwimlError` for what is no URL."""
    url = _joined(base, reply.status_callback) if reply.status_callback else ""
    if url and not url.lower().startswith(("http://", "https://")):
        raise TwimlError(14105, f"a reply's `action` is no URL: {reply.status_callback!r}")
    return url


def _joined(base: str, url: str) -> str:
    """`url` as seen from a document; one that is none stays, and is refused when it is called."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url
