"""Sinks: where events go, and what the configuration of each kind must hold.

Source: Twilio's page about the resource, the published description's samples, live tests of March
2026 for a webhook's defaults.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.batches import BATCHED, SINGLE, Bounds
from mockserver.domain.events.problems import BAD_SINK, NO_TEST, WRONG_TEST

WEBHOOK: Final = "webhook"

ACTIVE: Final = "active"
INITIALIZED: Final = "initialized"
VALIDATING: Final = "validating"
FAILED: Final = "failed"

STATUSES: Final = (INITIALIZED, VALIDATING, ACTIVE, FAILED)

MOST: Final = 100
"""Sinks of an account; more are refused with 91003. Source: error dictionary, 91003."""


class Sink(msgspec.Struct, frozen=True):
    """One sink."""

    sid: str
    account_sid: str
    description: str
    type: str
    """One of `KINDS`."""
    configuration: dict[str, Any]
    status: str
    test_id: str = ""
    """What the last test event was sent with; "" for none."""
    tests: int = 0
    """How many there were."""
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0

    @property
    def bounds(self) -> Bounds:
        """How its events wait for each other."""
        return BATCHED if self.configuration.get("batch_events") else SINGLE


Check = Callable[[object], bool]


def _matches(pattern: str) -> Check:
    full = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and full(value) is not None


_SOME_TEXT: Final = _matches(r"(?s).+")
_LIKE_URL: Final = _matches(r"(?i:https?)://(?:[^/?#\s@]*@)?[^/?#\s@]+(?:[/?#]\S*)?")


_ROLE: Final = _matches(r"arn:aws[a-z-]*:iam::[0-9]+:role/\S+")


def _url(value: object) -> bool:
    """Whether somebody can be at it: its port, where it names one, is a port."""
    if not isinstance(value, str) or not _LIKE_URL(value):
        return False
    try:
        split = urlsplit(value)
        return bool(split.hostname) and split.port != 0
    except ValueError:
        return False


def _flag(value: object) -> bool:
    return isinstance(value, bool)


KINDS: Final[Mapping[str, Mapping[str, Check]]] = {
    WEBHOOK: {"destination": _url, "method": _matches("POST|GET"), "batch_events": _flag},
    "kinesis": {
        "arn": _matches(r"arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]+:stream/[A-Za-z0-9_.-]+"),
        "role_arn": _ROLE,
        "external_id": _SOME_TEXT,
    },
    "segment": {"write_key": _SOME_TEXT},
    "eventbridge": {
        "arn": _matches(r"arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]+:event-bus/[A-Za-z0-9/_.-]+"),
        "role_arn": _ROLE,
        "external_id": _SOME_TEXT,
    },
    "email": {},
}
"""What each kind is told. Of `email`, nothing is published: any text is kept.

That of `eventbridge` is ours, after that of `kinesis`: no description of Twilio's has it.
"""

DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    WEBHOOK: {"method": "POST", "batch_events": False}
}
"""What is stored where nothing is said."""


def configured(kind: str, text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The configuration that a JSON text is for a kind of sink, and the members that it ignores.

    Raise `TwilioError` 91000 where it is none.
    """
    given = _object(text)
    known = KINDS[kind] or dict.fromkeys(given, _SOME_TEXT)
    kept = {**DEFAULTS.get(kind, {}), **{name: given[name] for name in given if name in known}}
    if not fits(kind, kept):
        raise TwilioError(BAD_SINK)
    return kept, tuple(name for name in given if name not in known)


def fits(kind: str, configuration: Mapping[str, Any]) -> bool:
    """Whether it has what its kind needs, and nothing besides."""
    if kind not in KINDS:
        return False
    checks = KINDS[kind] or dict.fromkeys(configuration, _SOME_TEXT)
    if configuration.keys() != checks.keys():
        return False
    return all(check(configuration[name]) for name, check in checks.items())


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise TwilioError(BAD_SINK) from None


def first_status(kind: str) -> str:
    """A webhook is active at once; others when they were validated."""
    return ACTIVE if kind == WEBHOOK else INITIALIZED


def under_test(sink: Sink, test_id: str, at: int) -> Sink:
    """The sink after a test event was sent; an earlier one no longer counts.

    One that is not active yet is being validated. That an active one stays so is ours.
    """
    status = ACTIVE if sink.status == ACTIVE else VALIDATING
    return msgspec.structs.replace(
        sink, test_id=test_id, tests=sink.tests + 1, status=status, updated_at=at
    )


def validated(sink: Sink, test_id: str, at: int) -> Sink:
    """The sink after somebody has told what the test event said.

    Raise `TwilioError` 91004 where there was none, 91005 where it said something else.
    """
    if not sink.test_id:
        raise TwilioError(NO_TEST)
    if test_id != sink.test_id:
        raise TwilioError(WRONG_TEST)
    return msgspec.structs.replace(sink, status=ACTIVE, updated_at=at)
