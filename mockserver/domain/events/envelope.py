"""What a sink is sent: CloudEvents 1.0 in JSON.

Source: live tests of Event Streams, March 2026; Twilio's pages, whose samples have slips of their
generator in `source`, `id` and `datacontenttype`.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from mockserver.domain.events import catalogue
from mockserver.domain.events.schemas import HOST, SCHEMAS
from mockserver.domain.message import MILLISECOND, SECOND

EVENT: Final = "EZ"
"""Prefix of an event's id. Test events have the account's SID, error logs that of the entry."""

_SUFFIXES: Final = {catalogue.TEST: ".json"}
"""Behind the version in `dataschema`, by type. Source: captured test events."""

_SCHEMA_IDS: Final = {
    **{each.name: each.schema_id for each in catalogue.TYPES.values()},
    catalogue.TEST: "EventStreams.TestSink",
}


class Event(msgspec.Struct, frozen=True):
    """Something that happened, before it is cut to the version that somebody subscribed to."""

    id: str
    """By which a receiver knows what comes again."""
    type: str
    source: str
    """Path of the thing that it happened to."""
    at: int
    """Microseconds."""
    data: dict[str, Any]
    """With every member that the latest version has and that applies."""


def timestamp(at: int) -> str:
    """`2026-01-02T03:04:05.678Z`, from microseconds."""
    second, rest = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{rest // MILLISECOND:03d}Z"


def envelope(event: Event, version: int) -> dict[str, Any]:
    """The CloudEvent for who subscribed to this version of its schema.

    What that version does not know is left out, since its document allows nothing else.
    """
    schema_id = _SCHEMA_IDS[event.type]
    known = _names(schema_id, version)
    return {
        "specversion": "1.0",
        "type": event.type,
        "source": event.source,
        "id": event.id,
        "dataschema": f"{HOST}/{schema_id}/{version}{_SUFFIXES.get(event.type, '')}",
        "datacontenttype": "application/json",
        "time": timestamp(event.at),
        "data": {name: value for name, value in event.data.items() if name in known},
    }


@lru_cache(64)
def _names(schema_id: str, version: int) -> frozenset[str]:
    return SCHEMAS[schema_id].names(version)


def encoded(event: Event, version: int) -> bytes:
    """The same as it is posted."""
    return msgspec.json.encode(envelope(event, version))
