"""May this message be made? The checks of the create call that a schema cannot make.

`Draft` is what a check looks at: the form, the account, and what the sandbox knows. `EARLY` checks
compete with the schema's breaches, by `errors.rank`; the `LATE` ones come after, in their order,
which is that of `errors.VALIDATION_ORDER`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import msgspec

from mockserver.domain import errors
from mockserver.domain.accounts import Account
from mockserver.domain.addresses import (
    Address,
    BadAddress,
    is_us_or_canada,
    parse_from,
    parse_to,
)
from mockserver.domain.errors import Problem, TwilioError, masked, rank
from mockserver.domain.limits import BODY_LIMIT, SEND_AT_MAX, SEND_AT_MIN
from mockserver.domain.message import SECOND
from mockserver.domain.numbers import Number, Service
from mockserver.domain.sids import is_sid
from mockserver.domain.text import length_utf16

PREMIUM: Final = ("+1900", "+44871")
"""Prefixes of premium and information numbers; examples of error 21268."""

MAGIC_FROM: Final[Mapping[str, Problem]] = {
    "+15005550001": errors.INVALID_FROM,
    "+15005550007": errors.FROM_NOT_OWNED,
    "+15005550008": errors.QUEUE_FULL,
}
MAGIC_TO: Final[Mapping[str, Problem]] = {
    "+15005550001": errors.INVALID_TO,
    "+15005550002": errors.NO_ROUTE,
    "+15005550003": errors.GEO_PERMISSION,
    "+15005550004": errors.UNSUBSCRIBED,
    "+15005550009": errors.NOT_MOBILE,
}
MAGIC_SENDER: Final = "+15005550006"
"""The one `From` that test credentials may use. Source: Twilio's page on test credentials."""


class Known(Protocol):
    """What the sandbox has been told about senders and recipients."""

    def number(self, phone_number: str) -> Number | None:
        """The number, or short code, that was set up."""

    def service(self, sid: str) -> Service | None:
        """The Messaging Service that was set up."""

    def verified(self, to: str) -> bool:
        """Whether a trial account may write to it."""

    def opted_out(self, from_: str, to: str) -> bool:
        """Whether the recipient wrote STOP to this sender."""


class Strictness(msgspec.Struct, frozen=True):
    """How a sandbox refuses, where INTERFACE leaves a choice."""

    senders: str = "any"
    trial_unverified_code: int = 21219


class Draft(msgspec.Struct):
    """A message that somebody wants to make; checks fill in what they parse."""

    form: Mapping[str, Any]
    account: Account
    known: Known
    strictness: Strictness
    now: int
    to: Address = Address("")
    sender: Address = Address("", "service")
    service_sid: str = ""
    """The service that either parameter names."""
    send_at: int = 0

    def refuse(self, problem: Problem) -> TwilioError:
        """The refusal, with what texts may name."""
        values = {
            **self.form,
            "To": self.to.value or self.form.get("To", ""),
            "From": self.sender.value or self.form.get("From", ""),
            "AccountSid": self.account.sid,
            "sid": self.service_sid,
            "url": self.form.get("StatusCallback", ""),
            "via": "MMS" if self.form.get("MediaUrl") else "SMS",
            "min_seconds": SEND_AT_MIN,
            "max_seconds": SEND_AT_MAX,
            "max_days": SEND_AT_MAX // 86_400,
        }
        values["To_masked"] = masked(values["To"])
        return TwilioError(problem, **values)


Check = Callable[[Draft], Problem | None]


def examine(draft: Draft, breaches: Iterable[Problem]) -> None:
    """Pass, or raise the `TwilioError` that wins over all others that apply."""
    early = [problem for check in EARLY if (problem := check(draft)) is not None]
    early += breaches
    if early:
        raise draft.refuse(min(early, key=lambda problem: rank(problem.code)))
    for check in LATE:
        if (problem := check(draft)) is not None:
            raise draft.refuse(problem)


# Early: what is missing, and formats


def _sender_given(draft: Draft) -> Problem | None:
    form = draft.form
    return None if "From" in form or "MessagingServiceSid" in form else errors.MISSING_SENDER


def _content_given(draft: Draft) -> Problem | None:
    form = draft.form
    if "Body" in form or "MediaUrl" in form or "ContentSid" in form:
        return None
    sender = str(form.get("From", ""))
    by_sms = "MessagingServiceSid" not in form and ":" not in sender and not is_sid(sender, "MG")
    return errors.MISSING_BODY if by_sms else errors.MISSING_CONTENT


def _body_fits(draft: Draft) -> Problem | None:
    body = draft.form.get("Body", "")
    if len(body) <= BODY_LIMIT // 2 or length_utf16(body) <= BODY_LIMIT:
        return None
    return errors.BODY_TOO_LONG


def _variables_fit(draft: Draft) -> Problem | None:
    """A JSON object of texts, none empty, none with a line break or a tab."""
    text = draft.form.get("ContentVariables")
    if text is None:
        return None
    if "ContentSid" not in draft.form:
        return errors.MISSING_CONTENT_SID
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return errors.INVALID_CONTENT_VARIABLES
    fits = isinstance(values, dict) and all(map(_is_variable, values.values()))
    return None if fits else errors.INVALID_CONTENT_VARIABLES


def _is_variable(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not set(value) & set("\n\r\t")


EARLY: Final[tuple[Check, ...]] = (_sender_given, _content_given, _body_fits, _variables_fit)


# Late: schedule, addresses, the account


def _schedule(draft: Draft) -> Problem | None:
    if draft.form.get("ScheduleType") != "fixed":
        return None
    if not (text := draft.form.get("SendAt")):
        return errors.SEND_AT_MISSING
    if "MessagingServiceSid" not in draft.form and not is_sid(draft.form.get("From", ""), "MG"):
        return errors.SCHEDULE_NEEDS_SERVICE
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return errors.SEND_AT_OUTSIDE_WINDOW
    draft.send_at = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()) * SECOND
    ahead = (draft.send_at - draft.now) / SECOND
    fits = SEND_AT_MIN <= ahead <= SEND_AT_MAX
    return None if fits else errors.SEND_AT_OUTSIDE_WINDOW


def _sender_form(draft: Draft) -> Problem | None:
    draft.service_sid = draft.form.get("MessagingServiceSid", "")
    text = draft.form.get("From")
    if text is None:
        return None
    try:
        draft.sender = parse_from(text)
    except BadAddress as bad:
        if draft.account.test and bad.channel == "sms" and not any(map(str.isalpha, text)):
            return None  # test credentials answer 21606 for it, in its turn
        return errors.INVALID_FROM if bad.channel == "sms" else errors.UNKNOWN_CHANNEL_SENDER
    if draft.sender.kind == "service" and not draft.service_sid:
        draft.service_sid = draft.sender.value
    return errors.INVALID_FROM if draft.sender.value == "+15005550001" else None


def _recipient_form(draft: Draft) -> Problem | None:
    try:
        draft.to = parse_to(draft.form["To"])
    except BadAddress:
        return errors.INVALID_TO
    return None


def _same_channel(draft: Draft) -> Problem | None:
    if draft.service_sid or not draft.sender.value:
        return None
    to = draft.form["To"].partition(":")
    channel = to[0] if to[1] else "sms"
    return None if channel == draft.sender.channel else errors.CHANNEL_MISMATCH


def _magic_recipient(draft: Draft) -> Problem | None:
    problem = MAGIC_TO.get(draft.to.value)
    if problem is errors.UNSUBSCRIBED and draft.account.test:
        return errors.UNSUBSCRIBED_TEST
    return problem


def _recipient_kind(draft: Draft) -> Problem | None:
    if draft.to.kind == "short_code":
        return errors.TO_SHORT_CODE
    if draft.to.value == draft.sender.value:
        return errors.SAME_TO_AND_FROM
    return errors.PREMIUM_NUMBER if draft.to.value.startswith(PREMIUM) else None


def _magic_sender(draft: Draft) -> Problem | None:
    if problem := MAGIC_FROM.get(draft.sender.value):
        return problem
    if draft.account.test and "From" in draft.form and draft.sender.value != MAGIC_SENDER:
        return errors.FROM_NOT_OWNED
    return None


def _sender_owned(draft: Draft) -> Problem | None:
    if draft.strictness.senders != "strict" or draft.sender.kind == "service":
        return None
    number = draft.known.number(draft.sender.value)
    if draft.sender.kind == "alphanumeric":
        return None if number else errors.INVALID_FROM
    if number is None:
        on_channel = draft.sender.kind == "channel"
        return errors.UNKNOWN_CHANNEL_SENDER if on_channel else errors.FROM_NOT_TWILIO
    if number.account_sid != draft.account.sid:
        return errors.FROM_OTHER_ACCOUNT
    if not number.sms:
        return errors.FROM_NOT_SMS_CAPABLE
    return errors.MMS_NOT_ENABLED_FROM if draft.form.get("MediaUrl") and not number.mms else None


def _alphanumeric(draft: Draft) -> Problem | None:
    if draft.sender.kind != "alphanumeric":
        return None
    if draft.account.trial:
        return errors.TRIAL_ALPHANUMERIC
    return errors.NO_ROUTE if is_us_or_canada(draft.to.value) else None


def _service_exists(draft: Draft) -> Problem | None:
    sid = draft.service_sid
    if not sid:
        return None
    service = draft.known.service(sid)
    if service is None:
        return errors.SERVICE_NOT_FOUND if draft.strictness.senders == "strict" else None
    named = draft.sender.value if draft.sender.kind != "service" else ""
    outside = named and service.senders and named not in service.senders
    return errors.SENDER_NOT_IN_SERVICE if outside else None


def _trial(draft: Draft) -> Problem | None:
    """Channel addresses are not checked: there the sandbox's join list decides, at Twilio."""
    if not draft.account.trial or draft.to.kind != "phone" or draft.known.verified(draft.to.value):
        return None
    hosted = draft.strictness.trial_unverified_code == errors.UNVERIFIED_TO_HOSTED.code
    return errors.UNVERIFIED_TO_HOSTED if hosted else errors.UNVERIFIED_TO


def _opted_out(draft: Draft) -> Problem | None:
    """Through a service it is found out later: the message fails with 21610."""
    if draft.service_sid or not draft.known.opted_out(draft.sender.value, draft.to.value):
        return None
    return errors.UNSUBSCRIBED


LATE: Final[tuple[Check, ...]] = (
    _schedule,
    _sender_form,
    _same_channel,
    _recipient_form,
    _magic_recipient,
    _recipient_kind,
    _sender_owned,
    _magic_sender,
    _alphanumeric,
    _service_exists,
    _trial,
    _opted_out,
)
