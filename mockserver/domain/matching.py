"""The one matcher: filters over messages, requests and callbacks, wherever they are asked for.

It serves listings, `wait`, `verify`, the `when` of rules, assertions and reports. "Matches" is "no
differences", so that an answer can always say why not.

A *subject* is anything with `get(name)`, under the names of the control API; it may compute what it
is asked for. `created_at` is microseconds, `timeline` flat as in `Delivery`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final, Protocol, TypeVar

import msgspec

from mockserver.domain.comparing import COMPILE, Kind, Test, shown
from mockserver.domain.lifecycle import STATUSES


class Subject(Protocol):
    """What filters are applied to; every mapping is one."""

    def get(self, name: str, /) -> object:
        """The value under `name`, or nothing."""


S = TypeVar("S", bound=Subject)


class BadFilter(ValueError):
    """A filter cannot be used; `hint` is what was probably meant, "" where nothing comes near."""

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{name}: {reason}" + (f"; did you mean {hint!r}?" if hint else ""))
        self.field = name
        self.reason = reason
        self.hint = hint


class Difference(msgspec.Struct, frozen=True):
    """What a filter asks for, and what the subject has instead."""

    expected: object
    actual: object


class FieldKind(msgspec.Struct, frozen=True):
    """How a filter of one name compares."""

    kind: Kind
    source: str = ""
    """Where the subject has the value, if not under the filter's own name."""
    choices: tuple[str, ...] = ()
    """All there are; another one is refused, since it could never match."""


class _Check(msgspec.Struct, frozen=True):
    """One compiled filter."""

    field: str
    kind: Kind
    source: str
    expected: object
    test: Test

    def difference(self, subject: Subject) -> Difference:
        return Difference(self.expected, shown(self.kind, subject.get(self.source)))


@dataclass(frozen=True, slots=True)
class Matcher:
    """Compiled filters, all of which must fit. Equal when made of the same filters."""

    filters: Mapping[str, object]
    _checks: tuple[_Check, ...] = field(default=(), repr=False, compare=False)
    _tests: tuple[tuple[str, Test], ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def compile(
        cls,
        filters: Mapping[str, object],
        *,
        fields: Mapping[str, FieldKind],
        status_means_reached: bool = False,
    ) -> "Matcher":
        """Make the matcher; raise `BadFilter` for a name or a value that cannot be used.

        With `status_means_reached` a status fits when it is in the timeline, present or past.
        """
        if status_means_reached and "status" in fields:
            fields = {**fields, "status": REACHED}
        checks = tuple(_check(name, value, fields) for name, value in filters.items())
        return cls(dict(filters), checks, tuple((check.source, check.test) for check in checks))

    def matches(self, subject: Subject) -> bool:
        """Whether there are no differences, found out without collecting them."""
        get = subject.get
        for source, test in self._tests:  # noqa: SIM110 - a generator doubles the time
            if not test(get(source)):
                return False
        return True

    def differences(self, subject: Subject) -> dict[str, Difference]:
        """What does not fit, by filter."""
        return {
            check.field: check.difference(subject)
            for check in self._checks
            if not check.test(subject.get(check.source))
        }

    def distance(self, subject: Subject) -> int:
        """How many filters do not fit."""
        get = subject.get
        return sum(not test(get(source)) for source, test in self._tests)


def nearest(
    matcher: Matcher, subjects: Iterable[S], limit: int = 3
) -> list[tuple[S, dict[str, Difference]]]:
    """The subjects that nearly match: fewest differences first, later ones first among equals.

    Those that do match are no near misses and are left out.
    """
    ranked = (
        (distance, -place, subject)
        for place, subject in enumerate(subjects)
        if (distance := matcher.distance(subject))
    )
    return [(subject, matcher.differences(subject)) for _, _, subject in nsmallest(limit, ranked)]


def near(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, in whatever case, or ""."""
    from difflib import get_close_matches  # seldom needed, and not at start

    words = list(known)
    folded = {each.casefold(): each for each in reversed(words)}
    alike = get_close_matches(word, words, n=1)
    alike = alike or [folded[each] for each in get_close_matches(word.casefold(), folded, n=1)]
    return next(iter(alike), "")


def _check(name: str, value: object, fields: Mapping[str, FieldKind]) -> _Check:
    if name not in fields:
        raise BadFilter(name, "there is no such filter", near(name, fields))
    how = fields[name]
    values = _values(name, value, how)
    try:
        test = COMPILE[how.kind](values)
    except ValueError as error:
        raise BadFilter(name, str(error)) from None
    return _Check(name, how.kind, how.source or name, value, test)


def _values(name: str, value: object, how: FieldKind) -> tuple[object, ...]:
    """What any of may fit, each of the right type."""
    values = tuple(value) if isinstance(value, (list, tuple, set, frozenset)) else (value,)
    if not values:
        raise BadFilter(name, "is an empty list, which nothing can match")
    for each in values:
        _refuse_misfit(name, each, how)
    return values


def _refuse_misfit(name: str, value: object, how: FieldKind) -> None:
    types = (str, int, type(None)) if how.kind == "number" else (str,)
    if not isinstance(value, types) or isinstance(value, bool):
        wanted = "a whole number" if how.kind == "number" else "text"
        raise BadFilter(name, f"must be {wanted} or a list of such, not {value!r}")
    if how.choices and value not in how.choices:
        known = ", ".join(how.choices)
        raise BadFilter(name, f"{value!r} is none of {known}", near(str(value), how.choices))


ADDRESS: Final = FieldKind("address")
SUBSTRING: Final = FieldKind("substring")
EXACT: Final = FieldKind("exact")
NUMBER: Final = FieldKind("number")
WILDCARD: Final = FieldKind("wildcard")
NAMES: Final = FieldKind("names")
STATUS: Final = FieldKind("exact", choices=STATUSES)
REACHED: Final = FieldKind("reached", "timeline", STATUSES)
METHOD: Final = FieldKind(
    "exact", choices=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
)

TEXT_FIELDS: Final[Mapping[str, FieldKind]] = {
    "to": ADDRESS,
    "from": ADDRESS,
    "body": SUBSTRING,
    "body_regex": FieldKind("regex", "body"),
}
"""What messages have in common with requests that make them."""

PUSH_CHANNELS: Final = ("apn", "fcm", "gcm", "alexa")
"""Channels of Notify whose deliveries are no Messages."""

MESSAGE_FIELDS: Final[Mapping[str, FieldKind]] = {
    **TEXT_FIELDS,
    "status": STATUS,
    "reached": REACHED,
    "direction": FieldKind(
        "exact", choices=("inbound", "outbound-api", "outbound-call", "outbound-reply")
    ),
    "channel": FieldKind(
        "exact", choices=("sms", "mms", "whatsapp", "rcs", "messenger", *PUSH_CHANNELS)
    ),
    "origin": FieldKind("exact", choices=("messages", "notify", "comms", "inbound", "reply")),
    "messaging_service_sid": EXACT,
    "operation_id": EXACT,
    "since": FieldKind("since", "created_at"),
    "account_sid": EXACT,
    "sid": EXACT,
    "error_code": NUMBER,
    "tags": SUBSTRING,
}

REQUEST_FIELDS: Final[Mapping[str, FieldKind]] = {
    **TEXT_FIELDS,
    "operation": WILDCARD,
    "method": METHOD,
    "host": NAMES,
    "path": NAMES,
    "account_sid": EXACT,
    "status": NUMBER,
    "error": NUMBER,
}
"""`to`, `from` and `body` are the request's parameters; `status` is the answer's, of HTTP.

`host` and `path` fit as they were sent and as Twilio has them: `/notify/v1/Services` of localhost
is `/v1/Services` of notify.twilio.com, too.
"""

CALLBACK_FIELDS: Final[Mapping[str, FieldKind]] = {
    "kind": FieldKind("exact", choices=("status", "inbound", "fallback", "event", "notify")),
    "url": WILDCARD,
    "message_sid": EXACT,
    "account_sid": EXACT,
    "response_status": NUMBER,
    "status": STATUS,
}
"""`status` is the message's, as the callback reported it."""

OPERATION_FIELDS: Final[Mapping[str, FieldKind]] = {
    "id": EXACT,
    "status": FieldKind("exact", choices=("SCHEDULED", "PROCESSING", "COMPLETED", "CANCELED")),
    "account_sid": EXACT,
    "since": FieldKind("since", "created_at"),
}
"""Of the Communications API's operations."""

NOTIFICATION_FIELDS: Final[Mapping[str, FieldKind]] = {
    "sid": EXACT,
    "account_sid": EXACT,
    "service_sid": EXACT,
    "identity": FieldKind("reached", "identities"),
    "tag": FieldKind("reached", "tags"),
    "segment": FieldKind("reached", "segments"),
    "to": FieldKind("reached", "addresses"),
    "body": SUBSTRING,
    "body_regex": FieldKind("regex", "body"),
    "title": SUBSTRING,
    "since": FieldKind("since", "created_at"),
}
"""Of what Notify was asked for; `to` is an address of a `ToBinding`."""

PUSH_FIELDS: Final[Mapping[str, FieldKind]] = {
    "sid": EXACT,
    "notification_sid": EXACT,
    "account_sid": EXACT,
    "service_sid": EXACT,
    "binding_sid": EXACT,
    "credential_sid": EXACT,
    "channel": FieldKind("exact", choices=("sms", "facebook-messenger", *PUSH_CHANNELS)),
    "to": FieldKind("wildcard", "address"),
    "identity": WILDCARD,
    "body": SUBSTRING,
    "body_regex": FieldKind("regex", "body"),
    "title": SUBSTRING,
    "payload": SUBSTRING,
    "status": FieldKind("exact", choices=("SENT", "FAILED")),
    "error_code": NUMBER,
    "since": FieldKind("since", "at"),
}
"""Of Notify's deliveries; `payload` is the JSON that the provider would have got, as text."""

CLOUD_EVENT_FIELDS: Final[Mapping[str, FieldKind]] = {
    "type": WILDCARD,
    "operation_id": EXACT,
    "message_id": EXACT,
    "account_sid": EXACT,
    "since": FieldKind("since", "at"),
}
"""Of what the Communications API tells of, and what is subscribed to; a message by either id."""
