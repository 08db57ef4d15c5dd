"""Whether a sender may be used: owned and able to, magic, alphanumeric, of a service's pool."""

from collections.abc import Mapping
from typing import Final

from mockserver.domain import errors
from mockserver.domain.addresses import WHATSAPP_SANDBOX, country, is_us_or_canada
from mockserver.domain.creation.draft import Draft
from mockserver.domain.creation.ends import has_magic
from mockserver.domain.errors import Problem
from mockserver.domain.numbers import Number
from mockserver.domain.rates import TOLL_FREE

MAGIC_FROM: Final[Mapping[str, Problem]] = {
    "+15005550007": errors.FROM_NOT_OWNED,
    "+15005550008": errors.QUEUE_FULL,
}
"""Besides +15005550001, whose form is wrong. Source: Twilio's page on test credentials."""

MAGIC_SENDER: Final = "+15005550006"
"""The one `From` that test credentials may use. Source: the same."""


def _strict(draft: Draft) -> bool:
    return draft.options.senders == "strict"


def on_channel(draft: Draft) -> Problem | None:
    """With strict senders, the sender of a channel must be one that was set up.

    That of the WhatsApp sandbox is there for every account.
    """
    if draft.sender.kind != "channel" or not _strict(draft):
        return None
    if draft.sender.value == WHATSAPP_SANDBOX:
        return None
    number = draft.known.number(draft.sender.value)
    known = number is not None and number.account_sid == draft.account.sid
    return None if known else errors.UNKNOWN_CHANNEL_SENDER


def owned(draft: Draft) -> Problem | None:
    """With strict senders, the sender must be the account's and able to do what is asked."""
    sender = draft.sender
    if sender.kind in ("service", "channel") or not _strict(draft):
        return None
    number = draft.known.number(sender.value)
    if sender.kind == "alphanumeric":
        return None if number else errors.INVALID_FROM
    if sender.value in MAGIC_FROM and has_magic(draft):
        return None  # in its turn
    problem = _unusable(draft, number)
    if problem is not None and draft.options.from_not_owned_code == errors.FROM_NOT_OWNED.code:
        return errors.FROM_NOT_OWNED
    if problem is None and number is not None and draft.media and not number.mms:
        return errors.MMS_NOT_ENABLED_FROM
    return problem


def _unusable(draft: Draft, number: Number | None) -> Problem | None:
    if number is None:
        return errors.FROM_NOT_TWILIO
    if number.account_sid != draft.account.sid:
        return errors.FROM_OTHER_ACCOUNT
    if not number.sms and not draft.media:
        return errors.FROM_NOT_SMS_CAPABLE
    abroad = draft.sender.kind == "short_code" and country(draft.to.value) != number.home
    return errors.FROM_NOT_TWILIO if abroad else None


def magic(draft: Draft) -> Problem | None:
    value = draft.sender.value
    if (problem := MAGIC_FROM.get(value)) and has_magic(draft):
        return None if problem is errors.QUEUE_FULL else problem
    if draft.account.test and "From" in draft.form and value != MAGIC_SENDER:
        by_service = value and draft.sender.kind == "service"
        return None if by_service else errors.FROM_NOT_OWNED
    return None


def queue(draft: Draft) -> Problem | None:
    """The magic sender whose queue is full: found out last, as any full queue is."""
    full = MAGIC_FROM.get(draft.sender.value) is errors.QUEUE_FULL and has_magic(draft)
    return errors.QUEUE_FULL if full else None


def alphanumeric(draft: Draft) -> Problem | None:
    """Not on trial, and no pictures. Source: docs on alphanumeric senders."""
    if draft.sender.kind != "alphanumeric":
        return None
    if draft.account.trial:
        return errors.TRIAL_ALPHANUMERIC
    known = country(draft.to.value) not in draft.options.no_alphanumeric
    return errors.MMS_NOT_ENABLED_FROM if draft.media and known else None


def service(draft: Draft) -> Problem | None:
    """It exists, and a `From` beside it is one of its pool, where there is one."""
    sid = draft.service_sid
    if not sid:
        return None
    found = draft.known.service(sid)
    if found is None:
        # what was never made has a stand-in, unless somebody asked for the rules
        gone = _strict(draft) or draft.account.test or draft.known.was_service(sid)
        return errors.SERVICE_NOT_FOUND if gone else None
    if found.account_sid != draft.account.sid:
        return errors.SERVICE_NOT_FOUND
    named = draft.sender.value if draft.sender.kind != "service" else ""
    if named and found.senders and named not in found.senders:
        return errors.SENDER_NOT_IN_SERVICE
    if "FallbackFrom" not in draft.form:
        return None
    rich = any(sender.startswith("rcs:") for sender in found.senders)
    return None if rich else errors.FALLBACK_FROM_NEEDS_RCS


def application(draft: Draft) -> Problem | None:
    """One of another account never; one that is not known, unless somebody asked for the rules."""
    if "ApplicationSid" not in draft.form:
        return None
    found = draft.known.application(draft.form["ApplicationSid"])
    if found is None:
        return errors.INVALID_APPLICATION_SID if _strict(draft) else None
    return None if found.account_sid == draft.account.sid else errors.INVALID_APPLICATION_SID


def pool(draft: Draft) -> Problem | None:
    """What a service finds out later, where the create is to say it at once."""
    if draft.options.service_refusals != "at_once" or not draft.service_sid:
        return None
    found = draft.known.service(draft.service_sid)
    named = draft.sender.kind != "service"
    if found is not None and not found.senders and not named:
        return errors.NO_SENDERS
    if draft.to.channel == "whatsapp":
        return None
    senders = (draft.service_sid, draft.sender.value, *(found.senders if found else ()))
    out = any(draft.known.opted_out(sender, draft.to.value) for sender in senders)
    return errors.UNSUBSCRIBED if out else None


def route(draft: Draft) -> Problem | None:
    """Whether a message gets from this sender to this country at all.

    Alphanumeric senders go to most countries, and that follows from the request alone; for numbers
    strict senders ask. Source: help articles on sending abroad, docs on MMS.
    """
    sender, to = draft.sender, draft.to.value
    if sender.kind == "alphanumeric":
        return errors.NO_ROUTE if country(to) in draft.options.no_alphanumeric else None
    if sender.kind != "phone" or not _strict(draft):
        return None
    return errors.NO_ROUTE if no_route(sender.value, to, media=draft.media) else None


def no_route(sender: str, to: str, *, media: bool) -> bool:
    """Whether two E.164 numbers are out of each other's reach."""
    near = is_us_or_canada(to)
    if near != is_us_or_canada(sender) and (near or media or sender.startswith(TOLL_FREE)):
        return True
    return media and not near
