"""Replies of an application to a handset: a `<Message>` of TwiML as a message of its own."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin

import msgspec

from mockserver.domain.accounts import TRIAL_PREFIX
from mockserver.domain.addresses import Address, BadAddress, parse_from, parse_to
from mockserver.domain.errors import UNSUBSCRIBED
from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.loops import Streak
from mockserver.domain.message import Delivery, Message, Steps
from mockserver.domain.text import length_utf16
from mockserver.domain.twiml import Complaint, Reply, TwimlError
from mockserver.world.composing import Composer
from mockserver.world.dispatch import VALIDITY, Dispatch
from mockserver.world.hooks import Reception
from mockserver.world.known import Known
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit

LOOP: Final = 14107
"""On a reply that loop protection stopped. Source: Twilio's error dictionary."""

LOOP_REMEDY: Final = (
    "replies fail for 30 s of the sandbox's clock; advance it between them, or switch "
    "`loop_protection` off in a scenario's `options`"
)


class Letter(msgspec.Struct, frozen=True):
    """A reply, checked and with both its ends."""

    to: Address
    from_: Address
    body: str
    media: tuple[str, ...] = ()
    status_callback: str = ""
    get: bool = False
    """Whether its status callbacks are GET requests."""
    automatic: bool = False
    """Twilio's own answer to a keyword: the REST API does not show it, and nothing stops it."""


class Replies:
    """Makes the messages of replies."""

    def __init__(
        self,
        tables: Tables,
        known: Known,
        composer: Composer,
        rules: Rulebook,
        dispatch: Dispatch,
        add: Callable[[Message, Delivery, Unit], None],
    ) -> None:
        """`add` puts a message into the tables and on its way."""
        self._tables, self._known, self._composer = tables, known, composer
        self._rules, self._dispatch, self._add = rules, dispatch, add

    def read(self, reply: Reply, ends: tuple[Address, Address], url: str, who: Reception) -> Letter:
        """A `<Message>` of a document at `url`; raise `TwimlError` where Twilio does not send it.

        `ends` are handset and number of the message that it answers.
        """
        to, from_ = _ends(reply, *ends)
        if not (reply.body or reply.media):
            raise TwimlError(14103, "a reply has neither text nor media")
        if (length := length_utf16(reply.body)) > BODY_LIMIT:
            raise TwimlError(14103, f"a reply has {length} characters; {BODY_LIMIT} are allowed")
        if who.account.trial and not self._known.verified(who.account, to.number):
            raise TwimlError(14111, f"{to.value} is not verified, and the account is on trial")
        self._check_sender(from_)
        callback = _callback(url, reply) or who.status_callback
        media = tuple(joined(url, each) for each in reply.media)
        body = (TRIAL_PREFIX if who.account.trial else "") + reply.body
        get = bool(reply.status_callback) and reply.method == "GET"
        return Letter(to, from_, body, media, callback, get)

    def _check_sender(self, sender: Address) -> None:
        number = self._known.number(sender.value)
        if number is None and self._rules.options.senders == "strict":
            raise TwimlError(
                14102,
                f"a reply's `from` is not a number of the account: {sender.value}; "
                "with strict senders it must be set up",
            )
        if number is not None and not (number.sms or number.mms):
            raise TwimlError(14108, f"{sender.value} can send no texts")

    def send(
        self, letter: Letter, who: Reception, now: int, unit: Unit
    ) -> tuple[Message, list[Complaint]]:
        """Make its message; what is wrong with it beyond repair is its end, and may be told."""
        message = self._composer.compose(
            who.account.sid,
            "reply",
            letter.to,
            letter.from_.value,
            letter.body,
            letter.media,
            now,
            messaging_service_sid=who.service_sid,
            status_callback=letter.status_callback,
            test=letter.automatic or who.account.test,
        )
        if letter.get:
            self._tables.gets.add(message.sid)
            unit.put("gets", message.sid, True)
        code, complaints = (0, []) if letter.automatic else self._obstacle(message, now, unit)
        steps = ("failed", now, code) if code else self._plan(message, unit)
        self._add(message, Delivery("queued", now, ("queued", now, 0), steps), unit)
        return message, complaints

    def _plan(self, message: Message, unit: Unit) -> Steps:
        fate = self._rules.fate(message)
        return self._dispatch.steps(message, "queued", fate, VALIDITY, unit)

    def _obstacle(self, message: Message, now: int, unit: Unit) -> tuple[int, list[Complaint]]:
        """The error code with which a reply fails, 0 for none."""
        senders = filter(None, (message.from_, message.messaging_service_sid))
        if any(self._known.opted_out(sender, message.to) for sender in senders):
            return UNSUBSCRIBED.code, []
        if not self._rules.options.loop_protection:
            return 0, []
        key = f"{message.from_} {message.to}"
        before = self._tables.streaks.get(key, Streak())
        streak = self._tables.streaks[key] = before.next(now)
        unit.put("streaks", key, streak)
        if not streak.loops(now):
            return 0, []
        said = f"{message.from_} and {message.to} answer each other at a machine's pace"
        return LOOP, [] if before.loops(now) else [(LOOP, f"{said}: {LOOP_REMEDY}")]


def _ends(reply: Reply, handset: Address, number: Address) -> tuple[Address, Address]:
    """Recipient and sender of a reply: back where the text came from unless it says otherwise."""
    try:
        to = parse_to(reply.to) if reply.to else handset
    except BadAddress:
        raise TwimlError(14101, f"a reply's `to` is no address: {reply.to!r}") from None
    try:
        sender = parse_from(reply.from_) if reply.from_ else number
    except BadAddress:
        raise TwimlError(14102, f"a reply's `from` is no address: {reply.from_!r}") from None
    if sender.kind == "service" or sender.channel != to.channel:
        raise TwimlError(14102, f"a reply cannot go from {sender.value} to {to.value}")
    return to, sender


def _callback(base: str, reply: Reply) -> str:
    """Where a reply's status goes; raise `TwimlError` for what is no URL."""
    url = joined(base, reply.status_callback) if reply.status_callback else ""
    if url and not url.lower().startswith(("http://", "https://")):
        raise TwimlError(14105, f"a reply's `action` is no URL: {reply.status_callback!r}")
    return url


def joined(base: str, url: str) -> str:
    """`url` as seen from a document; one that is none stays, and is refused when it is called."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url
