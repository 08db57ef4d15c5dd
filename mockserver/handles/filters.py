"""The one matcher's filters as keyword arguments. PYTEST_DONT_REWRITE

Address fields are exact, or patterns with `*`; `body` is a substring; a list means any of. A name
that is not listed here goes to the server all the same, which knows what was probably meant.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypedDict

Texts = str | Sequence[str]
Numbers = int | Sequence[int]


class DeliveryFilters(TypedDict, total=False):
    """What a delivery rule's `when` knows."""

    to: Texts
    from_: Texts
    body: Texts
    body_regex: Texts
    account_sid: Texts
    country: Texts
    share: float
    nth: int
    every: int
    per: Texts
    channel: Texts
    origin: Texts
    messaging_service_sid: Texts
    operation_id: Texts
    tags: Texts


class MessageFilters(TypedDict, total=False):
    """What messages are filtered by."""

    to: Texts
    from_: Texts
    body: Texts
    body_regex: Texts
    status: Texts
    """The present status; in `wait_for_message` and `assert_sent`, one that was reached."""
    reached: Texts
    direction: Texts
    channel: Texts
    origin: Texts
    messaging_service_sid: Texts
    operation_id: Texts
    since: str | datetime
    account_sid: Texts
    sid: Texts
    error_code: Numbers
    tags: Texts


class OperationFilters(TypedDict, total=False):
    """What operations of the Communications API are filtered by."""

    id: Texts
    status: Texts
    account_sid: Texts
    since: str | datetime


class CloudEventFilters(TypedDict, total=False):
    """What events are filtered by."""

    type: Texts
    """`message.delivered`, or in full; `*` is a pattern."""
    operation_id: Texts
    message_id: Texts
    account_sid: Texts
    since: str | datetime


class NotificationFilters(TypedDict, total=False):
    """What notifications are filtered by; an identity, a tag or a segment is one of several."""

    sid: Texts
    account_sid: Texts
    service_sid: Texts
    identity: Texts
    tag: Texts
    segment: Texts
    to: Texts
    """An address of a `ToBinding`."""
    body: Texts
    body_regex: Texts
    title: Texts
    since: str | datetime


class PushFilters(TypedDict, total=False):
    """What Notify's deliveries to other channels than text messages are filtered by."""

    channel: Texts
    to: Texts
    """The device token, or what the channel has instead."""
    identity: Texts
    body: Texts
    body_regex: Texts
    title: Texts
    payload: Texts
    """Text in the payload's JSON, which has no blanks."""
    status: Texts
    """`SENT` or `FAILED`."""
    error_code: Numbers
    sid: Texts
    notification_sid: Texts
    service_sid: Texts
    binding_sid: Texts
    credential_sid: Texts
    account_sid: Texts
    since: str | datetime


class RequestFilters(TypedDict, total=False):
    """What API calls are filtered by: `status` is the answer's, `to` and `body` are parameters."""

    to: Texts
    from_: Texts
    body: Texts
    body_regex: Texts
    operation: Texts
    method: Texts
    host: Texts
    path: Texts
    account_sid: Texts
    status: Numbers
    error: Numbers


class OptOutFilters(TypedDict, total=False):
    """What opt-outs are filtered by."""

    to: Texts
    from_: Texts


class CallbackFilters(TypedDict, total=False):
    """What webhook attempts are filtered by."""

    kind: Texts
    url: Texts
    message_sid: Texts
    account_sid: Texts
    response_status: Numbers
    status: Texts


Moment = str | datetime | timedelta | float
"""ISO 8601 or a `datetime`; or how long after the sandbox began: `60s`, a `timedelta`, seconds."""

Length = str | timedelta | float
"""`60s`, a `timedelta`, or seconds."""

Dollars = str | float | Decimal


class CheckKeys(TypedDict, total=False):
    """What a check may say; the key that names its kind comes with `where` and `within`."""

    where: Mapping[str, Any]
    """Filters of the messages that it is about."""
    within: Mapping[str, Any]
    """`from` and `to`, in which they were made: times, or filters of a message."""
    count: Mapping[str, Any]
    """`exactly`, `at_least`, `at_most`; `at_most` also with `per` and `by`."""
    order: Sequence[Mapping[str, Any]]
    strict: bool
    never_after: Mapping[str, Any] | Moment
    final: bool
    scheduled: bool
    acknowledged: bool
    no_duplicates: bool | Mapping[str, Any]
    opt_outs_heeded: bool
    cost: Mapping[str, Any]


class Invariants(TypedDict, total=False):
    """Switches of `invariants`, and its limits."""

    final: bool
    """Every message reached a final status."""
    scheduled: bool
    """Also those that wait for their `SendAt`; usually they may."""
    acknowledged: bool
    """The callback that told how a message ended was answered 2xx."""
    duplicates: bool | Length
    """Nobody got the same message twice within 60 s, or within this time."""
    opt_outs: bool
    """Nothing went to who had opted out."""
    max_segments: int | None
    """In all."""
    max_price: Dollars | None
    """In all, in dollars."""
    max_segments_each: int | None
    """Of one message."""
    max_price_each: Dollars | None
    within: Mapping[str, Any] | None
    """`from` and `to`: only messages made then are looked at."""


NUMBERS: Final = frozenset({"error_code", "error", "response_status"})
"""Filters for which nothing is a value: `error_code=None` asks for messages without an error."""


def wire(filters: Mapping[str, object]) -> dict[str, object]:
    """As the control API spells them: `from` for `from_`, lists, ISO 8601.

    Raise `TypeError` for `None` where it can mean nothing: it is a mistake of the test's, and
    ignoring it would let the test pass.
    """
    return {name.rstrip("_"): _value(name, value) for name, value in filters.items()}


def _value(name: str, value: object) -> object:
    if value is None and name in NUMBERS:
        return 0
    if value is None:
        raise TypeError(f"{name}=None is no filter; leave it out to match any")
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def documented(value: Any, name: str = "") -> Any:
    """A check, or a part of one, as the control API spells it: also what is in it."""
    if isinstance(value, Mapping):
        return {key.rstrip("_"): documented(each, key) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [documented(each, name) for each in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value) if isinstance(value, Decimal) else _value(name, value)
