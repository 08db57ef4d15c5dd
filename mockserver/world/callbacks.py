"""What to post to the user's application, how one attempt ends, and when the next one is due."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.errors import masked
from mockserver.domain.forms import add_query
from mockserver.domain.lifecycle import RECEIPT_CHANNELS
from mockserver.domain.message import Message
from mockserver.domain.overrides import Overrides, retryable
from mockserver.domain.overrides import parse as parse_overrides
from mockserver.domain.sids import mint
from mockserver.domain.signature import sign, signed_url
from mockserver.domain.titles import TITLES
from mockserver.world.clock import Clock, stopwatch
from mockserver.world.dice import Dice
from mockserver.world.journal import BODY_KEPT, Alert, CallbackEntry, Exchange, Journal
from mockserver.world.ports import Answer, Courier, Limits, Parcel, Posting, Unreachable

RETRY_DELAY: Final = 1_000_000
"""Microseconds between two attempts. Ours: Twilio publishes none."""

API_VERSION: Final = "2010-04-01"

REDIRECT_NOTES: Final[Mapping[int, str]] = {
    11215: ", one redirect more than are followed",
    11216: "; Twilio follows 301, 302, 303 and 307, to the http address in their `Location`",
}
"""What is said besides, by alert code."""

GIVEN_UP: Final[Mapping[str, int]] = {"notify": 52311}
"""By kind, the one alert that is raised, once nobody tries again, in place of each attempt's.

Source: error dictionary, on delivery callbacks of Notify.
"""

TIME_IS_UP: Final = 11203
"""The alert code where the time for all attempts is over: no other follows, whatever `rp` says."""

log: Final = logging.getLogger("mockserver")


Params = list[tuple[str, str]]

RECEIPTS: Final = frozenset({"delivered", "undelivered"})
"""What a carrier reports, with a date of its own; channels' receipts have none."""

CHANNEL_EVENTS: Final = frozenset({"delivered", "undelivered", "read"})
"""What a channel reports, as `EventType` in capitals. Source: docs (READ), captured callbacks."""


def status_params(message: Message, status: str, at: int, code: int, *, told: bool) -> Params:
    """The form of a status callback of SMS and MMS, in Twilio's order; `told` adds `ErrorMessage`.

    Source: captured callbacks, 2023.
    """
    params = []
    if status in RECEIPTS:
        params.append(("RawDlrDoneDate", _receipt_date(at // 60_000_000)))
    if code:
        params += _error(code, told=told)
    params += [
        ("SmsSid", message.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", message.to),
    ]
    if message.messaging_service_sid:
        params.append(("MessagingServiceSid", message.messaging_service_sid))
    params += [
        ("MessageSid", message.sid),
        ("AccountSid", message.account_sid),
        ("From", message.from_),
        ("ApiVersion", API_VERSION),
    ]
    return params


def channel_params(message: Message, status: str, code: int, install: str, *, told: bool) -> Params:
    """The form of a status callback of WhatsApp, RCS and Messenger; `install` is the sender's XE….

    Source: captured callbacks of WhatsApp, 2021; where the errors stand, which no capture shows, is
    taken from SMS. `ChannelStatusMessage` is the title of the code: the channels' own texts are
    not known.
    """
    params = [("EventType", status.upper())] if status in CHANNEL_EVENTS else []
    if code:
        params += _error(code, told=told)
        params.append(("ChannelStatusMessage", TITLES.get(code, "")))
    params += [
        ("SmsSid", message.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("ChannelToAddress", masked(message.to.removeprefix(f"{message.channel}:"))),
        ("To", message.to),
        ("ChannelPrefix", message.channel),
    ]
    if message.messaging_service_sid:
        params.append(("MessagingServiceSid", message.messaging_service_sid))
    params += [("MessageSid", message.sid), ("AccountSid", message.account_sid)]
    if status == "sent":
        params.append(("StructuredMessage", "false"))
    params += [("From", message.from_), ("ApiVersion", API_VERSION)]
    return [*params, ("ChannelInstallSid", install)] if install else params


def _error(code: int, *, told: bool) -> Params:
    text = TITLES.get(code, "") if told else ""
    return [("ErrorCode", str(code)), *([("ErrorMessage", text)] if text else [])]


def channel_install(message: Message, dice: Dice) -> str:
    """The SID of a channel sender's installation, always the same; "" before there is a sender."""
    return mint("XE", dice.of("channel-install", message.from_)) if message.from_ else ""


def status_posting(
    message: Message,
    account: Account,
    dice: Dice,
    status: str,
    at: int,
    code: int,
    *,
    told: bool = False,
    get: bool = False,
) -> Posting:
    """The signed callback that announces a message's status; `told` names an error in words.

    `get` makes it a GET, whose parameters are in the URL, which is what is signed.
    """
    if message.channel in RECEIPT_CHANNELS:
        install = channel_install(message, dice)
        params = tuple(channel_params(message, status, code, install, told=told))
    else:
        params = tuple(status_params(message, status, at, code, told=told))
    url = message.status_callback
    signed, posted = (add_query(url, params), ()) if get else (url, params)
    parcel = Parcel(
        kind="status",
        url=url,
        method="GET" if get else "POST",
        params=params,
        signature=sign(signed, posted, account.signing_token),
        idempotency_token=dice.uuid("idempotency", f"{message.sid}/{status}"),
        account_sid=message.account_sid,
        message_sid=message.sid,
    )
    return Posting(parcel, due=at, status=status)


class Outcome(msgspec.Struct, frozen=True):
    """How one attempt ended."""

    answer: Answer
    error: str = ""
    retry: bool = False
    strained: bool = False
    """There was no connection, or no answer in time."""


class Attempt(msgspec.Struct, frozen=True):
    """One attempt that was made."""

    outcome: Outcome
    entry: CallbackEntry
    """As it is in the journal."""
    again: Posting | None = None
    """The next one, where there is to be one."""


class Postman:
    """Makes one attempt at a posting, and writes it into the journal."""

    def __init__(self, clock: Clock, courier: Courier, dice: Dice, journal: Journal) -> None:
        self._clock, self._courier, self._dice, self._journal = clock, courier, dice, journal
        self.routes: dict[str, tuple[str, str]] = {}
        """The sandbox's webhook map, by id; of two that fit alike, the newer one counts."""

    async def make(self, posting: Posting) -> Attempt:
        """Post it once."""
        overrides = parse_overrides(posting.parcel.url)
        if posting.attempt == 1:
            for code, text in overrides.problems:
                self.alert(posting, code, text)
        started, at = stopwatch(), max(self._clock.now(), posting.due)
        outcome = await self._carry(posting, overrides)
        duration = stopwatch() - started
        entry = self._entry(posting, outcome, at, duration)
        self._journal.record_callback(entry)
        if outcome.error:
            self._complain(posting, outcome)
        spent = posting.spent + duration
        if not outcome.retry or posting.attempt > overrides.retries or spent >= overrides.total:
            if outcome.error and (last := GIVEN_UP.get(posting.parcel.kind)):
                self.alert(posting, last, outcome.error, outcome.answer)
            return Attempt(outcome, entry)
        due = self._again(posting)
        again = replace(posting, attempt=posting.attempt + 1, spent=spent, due=due)
        return Attempt(outcome, entry, again)

    def _again(self, posting: Posting) -> int:
        """When the next attempt is due.

        Counted from the answer; where the clock stands still meanwhile, from this one's due time,
        so that wall time leaves no trace.
        """
        return (self._clock.now() if self._clock.mode.rate else posting.due) + RETRY_DELAY

    async def _carry(self, posting: Posting, overrides: Overrides) -> Outcome:
        left, parcel = overrides.total - posting.spent, posting.parcel
        limits = Limits(overrides.connect, overrides.read, left)
        if self.routes:
            parcel = replace(parcel, routes=tuple(reversed(self.routes.values())))
        try:
            answer = await self._courier.deliver(parcel, limits)
        except Unreachable as failure:
            nobody = Answer(0, sent_headers=failure.sent_headers, error_code=failure.code)
            if failure.phase == "refused":
                return Outcome(nobody, failure.reason)
            in_time = failure.code != TIME_IS_UP
            retry = in_time and retryable(overrides, failure.phase)
            return Outcome(nobody, failure.reason, retry, strained=True)
        except Exception as bug:
            log.exception(
                "a callback of %s broke the mock: please report", posting.parcel.message_sid
            )
            return Outcome(Answer(0), f"the mock itself failed here, please report it: {bug!r}")
        if answer.error_code:
            note = REDIRECT_NOTES.get(answer.error_code, "")
            reason = f"the webhook answered HTTP {answer.status}{note}"
            return Outcome(answer, reason, retryable(overrides, answer.status))
        return Outcome(answer)

    def drop(self, posting: Posting, reason: str) -> None:
        """Write into the journal that it is not posted, and why."""
        at = max(self._clock.now(), posting.due)
        entry = self._entry(posting, Outcome(Answer(0), reason), at, 0.0)
        self._journal.record_callback(entry)

    def _entry(self, posting: Posting, outcome: Outcome, at: int, duration: float) -> CallbackEntry:
        parcel, answer = posting.parcel, outcome.answer
        return CallbackEntry(
            id=self._journal.next_callback(),
            at=at,
            due=posting.due,
            url=parcel.url,
            method=parcel.method,
            params=list(parcel.params),
            headers=list(answer.sent_headers),
            signature=parcel.signature,
            response_status=answer.status,
            duration=duration,
            error=outcome.error,
            error_code=answer.error_code,
            attempt=posting.attempt,
            message_sid=parcel.message_sid,
            account_sid=parcel.account_sid,
            kind=parcel.kind,
            status=posting.status,
            idempotency_token=parcel.idempotency_token,
            body=parcel.body,
            weather=posting.weather,
        )

    def _complain(self, posting: Posting, outcome: Outcome) -> None:
        """Tell the log, and Monitor, that an attempt failed."""
        parcel, answer = posting.parcel, outcome.answer
        where = signed_url(parcel.url)  # without a password
        log.warning("%s of %s: %s", posting.status or parcel.kind, where, outcome.error)
        if answer.error_code and parcel.kind not in GIVEN_UP:
            self.alert(posting, answer.error_code, outcome.error, answer)

    def failed_at(self, posting: Posting) -> int:
        """When an attempt went wrong; where the clock stands still meanwhile, when it was due."""
        return posting.due if self._clock.mode.frozen else max(self._clock.now(), posting.due)

    def alert(
        self,
        posting: Posting,
        code: int,
        text: str,
        answer: Answer | None = None,
        resource_sid: str = "",
    ) -> None:
        """Have Monitor show what is wrong with a webhook, or with its answer.

        It is about the resource, of which there is one such alert at a time; or else about the
        message.
        """
        parcel, told, at = posting.parcel, answer or Answer(0), self.failed_at(posting)
        attempt = f"{parcel.idempotency_token}/{posting.attempt}"
        key = f"{resource_sid}/{at}/{code}" if resource_sid else f"{attempt}/{code}"
        exchange = Exchange(
            parcel.method,
            list(parcel.params),
            list(told.sent_headers),
            told.status,
            [(str(name), value) for name, value in told.headers],  # of a subclass, some are
            told.body[:BODY_KEPT],
        )
        self._journal.alerts.append(
            Alert(
                sid=mint("NO", self._dice.of("alert", key)),
                at=at,
                code=code,
                text=text,
                resource_sid=resource_sid or parcel.message_sid,
                url=signed_url(parcel.url),
                account_sid=parcel.account_sid,
                exchange=exchange,
            )
        )


@lru_cache(64)
def _receipt_date(minute: int) -> str:
    """`YYMMDDhhmm` of the carrier's receipt; UTC here, which carriers do not promise."""
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%y%m%d%H%M")
