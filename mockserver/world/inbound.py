"""A handset writes to the account: the message is kept, opt-outs are heeded, the webhook is asked.

The application's answer comes back as a value, and becomes commands: replies, further requests.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.addresses import WHATSAPP_SANDBOX, Address
from mockserver.domain.consent import Verdict
from mockserver.domain.inbound import Facts
from mockserver.domain.message import Delivery, Message
from mockserver.domain.numbers import Handset
from mockserver.world.accounts import Accounts
from mockserver.world.callbacks import Postman
from mockserver.world.composing import Composer
from mockserver.world.consent import Consent
from mockserver.world.dice import Dice
from mockserver.world.dispatch import Dispatch
from mockserver.world.engine import Engine
from mockserver.world.geography import Geography
from mockserver.world.hooks import Hooks, Reception
from mockserver.world.journal import CallbackEntry
from mockserver.world.known import Known
from mockserver.world.media import Attachment, Porter, Unfit
from mockserver.world.outbox import Outbox
from mockserver.world.profiles import Profiles
from mockserver.world.replying import Letter, Replies
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit
from mockserver.world.talk import Talk, Talks

if TYPE_CHECKING:  # loaded with the first weather rule
    from mockserver.world.weather.marking import Marking

API: Final = "https://api.twilio.com"
"""Where media are, for those who name no other place."""


class Text(msgspec.Struct, frozen=True):
    """What a handset sends."""

    from_: Address
    to: Address
    body: str = ""
    media: tuple[str, ...] = ()
    """URLs: http, https, or data."""
    extras: tuple[tuple[str, str], ...] = ()
    """Further parameters of the webhook; one of a name that it has replaces that."""
    base: str = ""
    """Scheme and authority under which the application finds the mock, for the media's URLs."""


class Received(msgspec.Struct, frozen=True):
    """What became of it."""

    message: Message
    delivery: Delivery
    webhook: CallbackEntry | None = None
    """The last attempt."""
    replies: tuple[Message, ...] = ()
    """Twilio's own to a keyword first."""
    warnings: tuple[str, ...] = ()
    """Why nobody was called, or what is wrong with the answer."""
    opt_out: str = ""
    """`stop`, `start` or `help` where the text was such a word."""
    stored: bool = True
    """Whether the API shows the message."""


class BadMedia(Exception):
    """What is attached cannot be had; the text says why."""


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
        porter: Porter,
        usual: str,
        received: Callable[[Message, Facts], None],
        marking: "Callable[[], Marking]",
    ) -> None:
        """`usual`: the webhook of numbers that have none; `received` is told of each message.

        `marking` is what weather does to webhooks, asked for where there is any.
        """
        self._tables, self._accounts, self._rules = tables, accounts, rules
        self._engine, self._outbox, self._porter = engine, outbox, porter
        known = Known(tables, engine.clock)
        self._received = received
        self._composer = Composer(tables.messages, dice)
        self._hooks = Hooks(tables, accounts, usual)
        self._consent = Consent(tables, known)
        self._places, self._profiles = Geography(dice), Profiles(tables, dice)
        self._replies = Replies(tables, known, self._composer, rules, dispatch, self._add)
        parts = tables, dice, engine.clock, rules, engine, postman, self._replies
        self._talks = Talks(*parts, marking)

    async def receive(self, text: Text) -> Received:
        """Keep a handset's message, call the webhook, carry its answer out.

        Raise `BadMedia` before anything has happened, and `Stopped` where the sandbox ends or
        begins again meanwhile.
        """
        try:
            attachments = await self._porter.collect(text.from_.channel, text.media)
        except Unfit as unfit:
            raise BadMedia(str(unfit)) from None
        self._engine.catch_up()
        unit = Unit()
        received, talk = self._take_in(text, attachments, unit)
        await self._engine.commit(unit)
        if not _asks(talk.who):
            why = _nobody(text.to.value, talk.who)
            return replace(received, warnings=(*received.warnings, why))
        await self.hold(talk)
        return replace(
            received,
            webhook=talk.entry,
            replies=(*received.replies, *talk.replies),
            warnings=(*received.warnings, *talk.warnings),
        )

    def take(self, text: Text, unit: Unit) -> Talk | None:
        """The same in two steps, of a text without media: keep it, now.

        What comes back, if anything, is the conversation that is to be held with `hold`.
        """
        _, talk = self._take_in(text, (), unit)
        return talk if _asks(talk.who) else None

    async def hold(self, talk: Talk) -> None:
        """Call the webhook, carry its answer out; raise `Stopped` as `receive` does."""
        await self._outbox.visit(self._talks.hold(talk))

    # Keeping it

    def _take_in(
        self, text: Text, attachments: tuple[Attachment, ...], unit: Unit
    ) -> tuple[Received, Talk]:
        """What happens before the webhook is called, and the talk that may follow."""
        who = self._hooks.find(text.to, text.from_, self._rules.options)
        who = replace(who, account=self._accounts.come_into_being(who.account, unit))
        message, delivery = self._made(text, attachments, who)
        if not who.closed:
            self._keep(text, message, delivery, unit)
        media = self._attached(text, message, attachments, unit) if not who.closed else ()
        verdict, answers = self._heed(text, who, unit)
        facts = self._facts(text, media, verdict)
        if not who.closed:
            self._received(message, facts)
        received = Received(
            message,
            delivery,
            replies=answers,
            opt_out=verdict.action,
            stored=not who.closed,
            warnings=tuple(each.note for each in attachments if each.note),
        )
        return received, Talk(message, (text.from_, text.to), who, facts)

    def _made(
        self, text: Text, attachments: tuple[Attachment, ...], who: Reception
    ) -> tuple[Message, Delivery]:
        now = self._engine.clock.now()
        message = self._composer.compose(
            who.account.sid,
            "inbound",
            text.to,
            text.from_.value,
            text.body,
            tuple(each.url for each in attachments),
            now,
            messaging_service_sid=who.service_sid,
            test=who.account.test,
        )
        timeline = ("receiving", now, 0, "received", now, 0)
        return message, Delivery("received", now, timeline, sent_at=now)

    def _keep(self, text: Text, message: Message, delivery: Delivery, unit: Unit) -> None:
        if text.to.channel == "whatsapp":
            self._hear(text, message.created_at, unit)
        self._add(message, delivery, unit)

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

    def _attached(
        self, text: Text, message: Message, attachments: tuple[Attachment, ...], unit: Unit
    ) -> tuple[tuple[str, str], ...]:
        """Keep the media; content type and URL of each, as the webhook is told."""
        if not attachments:
            return ()
        kept = self._porter.attach(message, attachments, message.created_at, unit)
        account = f"{text.base or API}/2010-04-01/Accounts/{message.account_sid}"
        at = f"{account}/Messages/{message.sid}/Media"
        return tuple((media.content_type, f"{at}/{media.sid}") for media in kept)

    # Opt-outs

    def _heed(self, text: Text, who: Reception, unit: Unit) -> tuple[Verdict, tuple[Message, ...]]:
        """What a keyword does, and Twilio's own answer to it."""
        verdict = self._consent.hear(
            from_=text.from_.value,
            to=text.to.value,
            body=text.body,
            service=who.service,
            stand_in_service_sid="" if who.service else who.service_sid,
            unit=unit,
        )
        if not verdict.reply:
            return verdict, ()
        letter = Letter(text.from_, text.to, verdict.reply, automatic=True)
        answer, _ = self._replies.send(letter, who, self._engine.clock.now(), unit)
        return verdict, (answer,)

    # The webhook

    def _facts(self, text: Text, media: tuple[tuple[str, str], ...], verdict: Verdict) -> Facts:
        return Facts(
            from_place=self._places.of(text.from_.number or text.from_.value),
            to_place=self._places.of(text.to.number or text.to.value),
            media=media,
            profile_name=self._profiles.of(text.from_),
            opt_out_type=verdict.opt_out_type,
            extras=text.extras,
        )


def _asks(who: Reception) -> bool:
    """Whether there is somebody to be asked about a message to this number."""
    return not who.closed and bool(who.hook.url) and not who.account.test


def _nobody(to: str, who: Reception) -> str:
    """Why no webhook is called."""
    if who.closed:
        return f"nobody gets this message: {who.closed}"
    if who.account.test:
        return "no webhook was called: an account in test mode makes no callbacks"
    lacks = "is not set up" if who.number is None else "has no sms_url"
    fix = f'"numbers": [{{"phone_number": "{to}", "sms_url": "http://…"}}]'
    return (
        f"no webhook was called: the number {to} {lacks}; MockTwilio.given() or POST /_mock/seed "
        f"with {fix} sets it up, and `--inbound-url http://…` is for every number that has none"
    )
