"""Senders and sender pools of the Communications API, and who can reach whom.

Source: Twilio's pages on Sender, SenderPool and SenderPoolOperation of Bulk Messaging.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from mockserver.domain.addresses import BadAddress, parse_from, parse_to
from mockserver.domain.numbers import Number

SENDER: Final = "comms_sender"
POOL: Final = "comms_senderpool"
OPERATION: Final = "comms_operation"

RESOLVED_MAX: Final = 10
"""Pairs that are answered at most: the best. Source: the Resolve resource."""

OPERATIONS_KEPT: Final = 7 * 86_400 * 1_000_000
"""Microseconds for which an operation is shown. Source: the lists' `startDate`, seven days."""

TAGS_MAX: Final = 10
TAG_KEY_MAX: Final = 128
TAG_VALUE_MAX: Final = 256
"""Pairs, and characters of each part. Source: the SenderPool resource."""

_TAG: Final = re.compile(r"[a-zA-Z0-9._~-]+").fullmatch

Tags = tuple[tuple[str, str], ...]

PAIRINGS: Final[Mapping[str, str]] = {"RCS": "PHONE", "SMS": "PHONE", "WHATSAPP": "WHATSAPP"}
"""Which channel of a recipient each of a sender reaches, best first."""

_PREFIXES: Final[Mapping[str, str]] = {"SMS": "", "RCS": "rcs:", "WHATSAPP": "whatsapp:"}


class Sender(msgspec.Struct, frozen=True):
    """Something that an account can send from, under the id that this API gives it."""

    id: str
    account_sid: str
    channel: str
    address: str
    """Without the prefix that the classic API writes before it."""
    display_name: str = ""
    status: str = "ACTIVATED"
    created_at: int = 0
    """Microseconds; 0 where it was set up with the sandbox."""
    updated_at: int = 0


class SenderPool(msgspec.Struct, frozen=True):
    """Senders under one id, from which the best is chosen for each recipient."""

    id: str
    account_sid: str
    name: str
    operation_id: str
    """The operation that made it."""
    senders: tuple[str, ...] = ()
    """Ids, in the order in which they joined."""
    tags: Tags = ()
    created_at: int = 0
    updated_at: int = 0


class PoolOperation(msgspec.Struct, frozen=True):
    """What came of a request that makes a pool, or adds senders to one. It is over at once."""

    id: str
    account_sid: str
    total: int
    """A pool that is made counts one; senders that are added count each."""
    created: int
    failed: int = 0
    """Senders that were in the pool before."""
    status: str = "COMPLETED"
    created_at: int = 0
    updated_at: int = 0


# Tags


def tags_fit(tags: Mapping[str, str]) -> bool:
    """Whether an object of strings may be somebody's tags."""
    return len(tags) <= TAGS_MAX and all(
        _TAG(key) and _TAG(value) and len(key) <= TAG_KEY_MAX and len(value) <= TAG_VALUE_MAX
        for key, value in tags.items()
    )


# Addresses


def classic(channel: str, address: str) -> str | None:
    """The address as the classic API has it; `None` where it is no sender of that channel."""
    if channel not in _PREFIXES:
        return None
    text = _PREFIXES[channel] + address
    try:
        found = parse_from(text)
    except BadAddress:
        return None
    fits = found.kind in (("channel",) if _PREFIXES[channel] else _ON_SMS)
    return text if fits and found.value == text else None


_ON_SMS: Final = ("phone", "short_code", "alphanumeric")


def place_of(number: Number) -> tuple[str, str] | None:
    """Channel and address of what an account owns; `None` for a channel that this API has not."""
    prefix, colon, rest = number.phone_number.partition(":")
    if not colon:
        return "SMS", prefix
    channel = prefix.upper()
    return (channel, rest) if channel in PAIRINGS else None


def is_reachable(channel: str, address: str) -> bool:
    """Whether a recipient's address has the form of its channel: E.164 on all but email."""
    if channel not in PAIRINGS.values():
        return bool(address)
    try:
        found = parse_to(address)
    except BadAddress:
        return False
    return found.kind == "phone" and found.value == address


# Who can reach whom


class Pair(msgspec.Struct, frozen=True):
    """A sender, and the recipient's address that it reaches."""

    sender: Sender
    channel: str
    address: str
    priority: int
    """Lower ones are preferred."""


def resolve(
    senders: Iterable[Sender], recipients: Sequence[Mapping[str, str]], controls: Mapping[str, Any]
) -> list[Pair]:
    """The best pairs of senders and one person's addresses, best first.

    `controls` may have `filterIn`, the only channels allowed, and `priority`, their order: what it
    does not name comes last. Without it the order is that of the addresses, and RCS before SMS.
    """
    wanted = controls.get("filterIn") or PAIRINGS
    told = {each["channel"]: each["priority"] for each in controls.get("priority", ())}
    last = max(told.values(), default=-1) + 1
    usual = {each: rank for rank, each in enumerate(PAIRINGS)}
    ranked = [
        ((told.get(sender.channel, last) if told else 0, place, usual[sender.channel]), sender, to)
        for sender in senders
        if sender.status == "ACTIVATED" and sender.channel in wanted
        for place, to in enumerate(recipients)
        if PAIRINGS.get(sender.channel) == to["channel"]
    ]
    ranked.sort(key=lambda row: row[0])
    best = ranked[:RESOLVED_MAX]
    steps = {rank: step for step, rank in enumerate(dict.fromkeys(row[0] for row in best))}
    return [
        Pair(sender, to["channel"], to["address"], rank[0] if told else steps[rank])
        for rank, sender, to in best
    ]
