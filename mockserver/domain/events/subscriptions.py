"""Subscriptions: which types of event go to which sink, each in which version of its schema."""

from collections.abc import Sequence
from typing import Any

import msgspec

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.catalogue import TYPES
from mockserver.domain.events.problems import (
    BAD_REQUEST,
    BAD_SUBSCRIPTION,
    MISSING_TYPE,
    NO_TYPES,
    UNKNOWN_TYPE,
)
from mockserver.domain.events.schemas import SCHEMAS


class Subscription(msgspec.Struct, frozen=True):
    """What an account wants to be told, and where."""

    sid: str
    account_sid: str
    sink_sid: str
    description: str
    types: dict[str, int]
    """Versions of their schemas by the names of types."""
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0


def latest(name: str) -> int:
    """The latest version of a type's schema; raise `TwilioError` 91104 for a type there is not."""
    if name not in TYPES:
        raise TwilioError(UNKNOWN_TYPE)
    return SCHEMAS[TYPES[name].schema_id].latest


def versioned(name: str, version: object) -> int:
    """A version of a type's schema, the latest for `None`; raise `TwilioError` 91104, 91201."""
    most = latest(name)
    if version is None:
        return most
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= most:
        raise TwilioError(BAD_REQUEST)
    return version


def read_types(texts: Sequence[str]) -> dict[str, int]:
    """What `Types` asks for, each a JSON object such as `{"type": "…", "schema_version": 2}`.

    Raise `TwilioError` 91103 for nothing, 20001 for what names no type, 91101 for one that is there
    twice, 91104 and 91201.
    """
    if not texts:
        raise TwilioError(NO_TYPES)
    found: dict[str, int] = {}
    for place, text in enumerate(texts):
        asked = _object(text)
        name = asked.get("type")
        if not isinstance(name, str) or not name:
            raise TwilioError(MISSING_TYPE, place=place)
        if name in found:
            raise TwilioError(BAD_SUBSCRIPTION)
        found[name] = versioned(name, asked.get("schema_version"))
    return found


def _object(text: str) -> dict[str, Any]:
    """{} for what is none."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return {}
