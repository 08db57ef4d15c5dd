"""A conversation with the application: its webhook is asked, what it answers is carried out.

One talk is about one inbound message. Documents lead to others (`<Redirect>`); one that cannot be
had, or cannot be carried out, leads once to the fallback URL.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockserver.domain.addresses import Address
from mockserver.domain.cookies import Jar, after
from mockserver.domain.forms import add_query
from mockserver.domain.inbound import Facts, params
from mockserver.domain.message import Message
from mockserver.domain.signature import sign, signed_url
from mockserver.domain.twiml import Complaint, Script, TwimlError, parse
from mockserver.world.callbacks import Attempt, Postman
from mockserver.world.clock import Clock
from mockserver.world.dice import Dice
from mockserver.world.engine import Engine
from mockserver.world.hooks import Reception
from mockserver.world.journal import CallbackEntry
from mockserver.world.ports import Answer, Kind, Parcel, Posting
from mockserver.world.replying import Replies, joined
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:  # loaded with the first weather rule
    from mockserver.world.weather.marking import Marking

MOST_DOCUMENTS: Final = 50
"""Documents for one message. Source: error 14106."""

MOST_REPLIES: Final = 10
"""Replies to one message; the others are not sent. Source: error 14109."""

MOST_TOLD: Final = 20
"""Slips of one kind that are told one by one; ours."""

MOST_LOGGED: Final = 1_000
"""Different complaints that one sandbox logs; ours."""

Problem = tuple[int, str]
"""An alert's code, and a sentence."""

log: Final = logging.getLogger("mockserver")


@dataclass(slots=True)
class Talk:
    """One that is under way, and what came of it."""

    message: Message
    ends: tuple[Address, Address]
    """Handset and number."""
    who: Reception
    facts: Facts
    """What the webhook is told besides."""
    posting: Posting | None = None
    """The request whose answer is being carried out."""
    answer: Answer | None = None
    entry: CallbackEntry | None = None
    """The last attempt, as it is in the journal."""
    asked: int = 0
    copies: int = 0
    """How often the first request is made again."""
    fell_back: bool = False
    replies: list[Message] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def jar(self) -> str:
        """The key of its cookies: one for a number and a handset."""
        return f"{self.message.to} {self.message.from_}"


class Talks:
    """Holds them."""

    def __init__(
        self,
        tables: Tables,
        dice: Dice,
        clock: Clock,
        rules: Rulebook,
        engine: Engine,
        postman: Postman,
        replies: Replies,
        marking: "Callable[[], Marking]",
    ) -> None:
        """`marking` is what weather does, asked for where there is any."""
        self._marking = marking
        self._tables, self._dice, self._clock, self._rules = tables, dice, clock, rules
        self._engine, self._postman, self._replies = engine, postman, replies
        self._logged: set[tuple[str, int]] = set()
        """What was said of which URL: a bad answer comes back with every message."""

    async def hold(self, talk: Talk) -> None:
        """Ask the webhook, carry out what it answers, follow where it leads.

        All of that again for each copy that weather makes of the first request.
        """
        hook = talk.who.hook
        first = self._request(talk, "inbound", hook.url, hook.method)
        for _ in range(1 + talk.copies):
            talk.posting, talk.fell_back = first, False
            await self._go_on(talk)

    async def _go_on(self, talk: Talk) -> None:
        while talk.posting is not None:
            await self._ask(talk, talk.posting)
            script, problem = self._read(talk)
            onward = await self._carry_out(talk, talk.posting, script)
            talk.posting = self._fall_back(talk, talk.posting, problem) if problem else onward

    # Asking

    def _request(
        self, talk: Talk, kind: Kind, url: str, method: str, problem: Problem | None = None
    ) -> Posting:
        """The signed request; a GET's parameters are in its URL, which is what is signed."""
        message, account = talk.message, talk.who.account
        if problem is not None and talk.posting is not None:
            failed = signed_url(talk.posting.parcel.url)
            talk.facts = replace(talk.facts, error=(str(problem[0]), failed))
        form = params(message, talk.facts)
        at = self._clock.now()
        jar = self._tables.cookies.get(talk.jar)
        parcel = Parcel(
            kind=kind,
            url=url,
            method=method,
            params=form,
            signature=_signature(url, method, form, account.signing_token),
            idempotency_token=self._dice.uuid("idempotency", f"{message.sid}/{kind}/{talk.asked}"),
            account_sid=account.sid,
            message_sid=message.sid,
            cookie=jar.header(url, at) if jar is not None else "",
        )
        talk.asked += 1
        posting = Posting(parcel, due=at)
        if self._rules.weather:
            posting, copies = self._marking().asked(posting)
            talk.copies = copies if kind == "inbound" and talk.asked == 1 else talk.copies
        return posting

    async def _ask(self, talk: Talk, posting: Posting) -> None:
        """Try as often as the URL's overrides want, one attempt right after the other."""
        attempt = await self._postman.make(posting)
        while attempt.again is not None:
            attempt = await self._postman.make(replace(attempt.again, due=self._clock.now()))
        talk.entry, talk.answer = attempt.entry, attempt.outcome.answer
        _note_failure(talk, attempt)
        await self._keep_cookies(talk, posting.parcel.url)

    async def _keep_cookies(self, talk: Talk, url: str) -> None:
        before, at = self._tables.cookies.get(talk.jar), self._clock.now()
        headers = talk.answer.headers if talk.answer else ()
        jar: Jar | None = after(before, url, headers, at)
        if jar == before:
            return
        unit = Unit()
        unit.put("cookies", talk.jar, jar)
        if jar is None:
            del self._tables.cookies[talk.jar]
        else:
            self._tables.cookies[talk.jar] = jar
        await self._engine.commit(unit)

    # Reading

    def _read(self, talk: Talk) -> tuple[Script, Problem | None]:
        """What the answer says, or why it says nothing that could be carried out."""
        answer, entry = talk.answer, talk.entry
        if answer is None or entry is None or entry.error:
            code = (entry.error_code if entry else 0) or 11200
            return Script(), (code, entry.error if entry else "")
        kinds = [value for name, value in answer.headers if name.lower() == "content-type"]
        try:
            script = parse(answer.body, kinds[0] if kinds else "")
        except TwimlError as bad:
            self._complain(talk, [(bad.code, bad.reason)])
            return Script(), (bad.code, bad.reason)
        if not answer.body.strip() and self._rules.options.empty_answers == "alert":
            self._complain(talk, [(11770, "the webhook answered nothing")])
        return script, None

    def _complain(self, talk: Talk, complaints: list[Complaint]) -> None:
        """An alert for each code, a warning for each sentence."""
        for code in dict.fromkeys(code for code, _ in complaints):
            texts = _told([text for each, text in complaints if each == code])
            if talk.posting is not None:
                self._postman.alert(talk.posting, code, "; ".join(texts), talk.answer)
                self._log(signed_url(talk.posting.parcel.url), code, texts[0])
            talk.warnings += [f"{text} ({code})" for text in texts]

    def _log(self, url: str, code: int, text: str) -> None:
        """Say once what is wrong with what a URL answers: its status alone looks fine."""
        if (url, code) not in self._logged and len(self._logged) < MOST_LOGGED:
            self._logged.add((url, code))
            log.warning("webhook %s: %s (%d)", url, text, code)

    # Carrying out

    async def _carry_out(self, talk: Talk, posting: Posting, script: Script) -> Posting | None:
        """Send the replies; the request for the next document, where there is one."""
        unit, complaints = Unit(), list(script.warnings)
        url, now = posting.parcel.url, self._clock.now()
        for reply in script.replies:
            try:
                letter = self._replies.read(reply, talk.ends, url, talk.who)
            except TwimlError as bad:
                complaints.append((bad.code, bad.reason))
                continue
            if len(talk.replies) == MOST_REPLIES:
                complaints.append((14109, f"more than {MOST_REPLIES} replies"))
                break
            message, said = self._replies.send(letter, talk.who, now, unit)
            talk.replies.append(message)
            complaints += said
        onward = self._onward(talk, posting, script, complaints)
        self._complain(talk, complaints)
        if unit.rows:
            await self._engine.commit(unit)
        return onward

    def _onward(
        self, talk: Talk, posting: Posting, script: Script, complaints: list[Complaint]
    ) -> Posting | None:
        if script.redirect is None:
            return None
        if talk.asked >= MOST_DOCUMENTS:
            complaints.append((14106, f"more than {MOST_DOCUMENTS} documents for one message"))
            return None
        url = joined(posting.parcel.url, script.redirect)
        return self._request(talk, posting.parcel.kind, url, script.redirect_method)

    def _fall_back(self, talk: Talk, posting: Posting, problem: Problem) -> Posting | None:
        """The request to the fallback URL, which is called once."""
        hook = talk.who.hook
        if talk.fell_back or not hook.fallback_url:
            return None
        talk.fell_back = True
        return self._request(talk, "fallback", hook.fallback_url, hook.fallback_method, problem)


def _signature(url: str, method: str, form: tuple[tuple[str, str], ...], token: str) -> str:
    if method == "GET":
        return sign(add_query(url, form), (), token)
    return sign(url, form, token)


def _told(texts: list[str]) -> list[str]:
    """The first ones, and how many more there are."""
    more = len(texts) - MOST_TOLD
    return texts if more <= 0 else [*texts[:MOST_TOLD], f"and {more} more of that kind"]


def _note_failure(talk: Talk, attempt: Attempt) -> None:
    if attempt.outcome.error:  # the postman has raised the alert
        name = "fallback URL" if talk.fell_back else "webhook"
        talk.warnings.append(f"the {name} failed: {attempt.outcome.error}")
