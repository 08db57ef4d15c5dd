"""Where a message comes from and goes to: the form of both, and what the two say together."""

from collections.abc import Mapping
from typing import Final

from mockserver.domain import errors
from mockserver.domain.addresses import Address, BadAddress, parse_from, parse_to
from mockserver.domain.creation.draft import Draft
from mockserver.domain.errors import Problem
from mockserver.domain.numbering import is_premium, is_valid

MAGIC_INVALID: Final = "+15005550001"
"""The magic number that is invalid as sender and as recipient alike."""

MAGIC_TO: Final[Mapping[str, Problem]] = {
    MAGIC_INVALID: errors.INVALID_TO,
    "+15005550002": errors.NO_ROUTE,
    "+15005550003": errors.GEO_PERMISSION,
    "+15005550004": errors.UNSUBSCRIBED,
    "+15005550009": errors.NOT_MOBILE,
}
"""Source: Twilio's page on test credentials."""


def sender_form(draft: Draft) -> Problem | None:
    draft.service_sid = draft.form.get("MessagingServiceSid", "")
    text = draft.form.get("From")
    if text is None:
        return None
    try:
        sender = draft.sender = parse_from(text)
    except BadAddress as bad:
        if draft.account.test and bad.channel == "sms" and not any(map(str.isalpha, text)):
            return None  # test credentials answer 21606 for it, in its turn
        return errors.INVALID_FROM if bad.channel == "sms" else errors.UNKNOWN_CHANNEL_SENDER
    if sender.kind == "service" and not draft.service_sid:
        draft.service_sid = sender.value
    if sender.value == MAGIC_INVALID and has_magic(draft):
        return errors.INVALID_FROM
    strict = draft.options.numbers == "strict"
    return errors.INVALID_FROM if strict and _impossible(draft, sender) else None


def has_magic(draft: Draft) -> bool:
    """Whether +1500555000x have their meaning."""
    return draft.options.magic_numbers or draft.account.test


def _impossible(draft: Draft, address: Address) -> bool:
    """Whether strict numbers refuse it; a number that was set up is there, whatever its form."""
    known = address.kind != "phone" or is_valid(address.value)
    return not known and draft.known.number(address.value) is None


def recipient_form(draft: Draft) -> Problem | None:
    try:
        draft.to = parse_to(draft.form["To"])
    except BadAddress:
        return errors.INVALID_TO
    strict = draft.options.numbers == "strict"
    return errors.INVALID_TO if strict and _impossible(draft, draft.to) else None


def same_channel(draft: Draft) -> Problem | None:
    """Through a service, a number may be written to from an RCS sender of its pool."""
    sender, to = draft.sender, draft.form["To"]
    if sender.kind == "service":
        return None
    channel = to.partition(":")[0] if ":" in to else "sms"
    rich = draft.service_sid and (channel, sender.channel) == ("sms", "rcs")
    return None if channel == sender.channel or rich else errors.CHANNEL_MISMATCH


def magic_recipient(draft: Draft) -> Problem | None:
    problem = MAGIC_TO.get(draft.to.value)
    if problem is None or not has_magic(draft):
        return None
    if problem is errors.UNSUBSCRIBED and draft.account.test:
        return errors.UNSUBSCRIBED_TEST
    return problem


def recipient_kind(draft: Draft) -> Problem | None:
    to = draft.to
    if to.kind == "short_code":
        return errors.TO_SHORT_CODE
    if to.value == draft.sender.value:
        return errors.SAME_ON_CHANNEL if to.kind == "channel" else errors.SAME_TO_AND_FROM
    strict = draft.options.numbers == "strict"
    return errors.PREMIUM_NUMBER if to.kind == "phone" and is_premium(to.value, strict) else None
