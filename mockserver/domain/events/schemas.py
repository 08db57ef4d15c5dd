"""The schemas of events' data, each in all its versions.

Names, kinds and what is required are Twilio's, the descriptions ours. Which version brought a
member is known of versions 4, 6 and 7 of `Messaging.MessageStatus` alone: elsewhere all have all.
Sources: the schema documents and event type pages of 2025 and 2026; for the Communications API the
page about its events and a client's types.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from mockserver.domain.events.catalogue import place

HOST: Final = "https://events-schemas.twilio.com"
"""Where Twilio publishes the documents; what events name, wherever they come from."""

VOCABULARY: Final = f"{HOST}/vocabulary/twilio"

CREATED: Final = "2020-07-30T20:00:00Z"
"""Of every version. Source: the published description's sample of a latest version."""

TEXT: Final = "text"

_SIMPLE: Final[dict[str, Any]] = {"type": "string"}


def _object(*names: str) -> dict[str, Any]:
    properties = dict.fromkeys(names, _SIMPLE)
    return {"type": "object", "properties": properties, "additionalProperties": False}


KINDS: Final[Mapping[str, dict[str, Any]]] = {
    TEXT: _SIMPLE,
    "whole": {"type": "integer"},
    "texts": {"type": "array", "items": _SIMPLE},
    "tags": {"type": "object", "additionalProperties": _SIMPLE},
    "address": _object("id", "address", "channel"),
    "delivery": _object("id", "address", "type", "status"),
    "template": _object(
        *("sid", "friendlyName", "externalTemplateName"),
        *("language", "previousValue", "currentValue"),
    ),
}
"""What a member can be, as JSON Schema has it."""


class Member(msgspec.Struct, frozen=True):
    """One member of an event's data."""

    name: str
    said: str
    kind: str = TEXT
    """One of `KINDS`."""
    required: bool = False
    since: int = 1
    """The version that brought it."""


class Schema(msgspec.Struct, frozen=True):
    """One schema, whose versions are 1 to `latest`."""

    id: str
    latest: int
    said: str
    members: tuple[Member, ...]

    @property
    def versions(self) -> tuple["Version", ...]:
        return tuple(Version(self.id, number) for number in range(1, self.latest + 1))

    def names(self, version: int) -> frozenset[str]:
        """What data of a version may have; the documents allow nothing else."""
        return frozenset(each.name for each in self.members if each.since <= version)


class Version(msgspec.Struct, frozen=True):
    """One version of a schema."""

    schema_id: str
    number: int

    @property
    def sid(self) -> str:
        """Stands for it in page tokens."""
        return place(f"{self.schema_id}/{self.number}")

    @property
    def raw(self) -> str:
        """Where Twilio has its document."""
        return f"{HOST}/{self.schema_id}/{self.number}"


def _needed(name: str, said: str, kind: str = TEXT) -> Member:
    return Member(name, said, kind, required=True)


_MESSAGE: Final = (
    _needed("messageSid", "SID of the message"),
    _needed("timestamp", "When it happened"),
    _needed("accountSid", "Account that the message belongs to"),
    _needed("eventName", "The type of the event"),
    _needed("from", "Who sent it"),
    _needed("to", "Whom it is for"),
)
_OPERATION: Final = (Member("operation_id", "Id of the operation"),)
_OUTBOUND: Final = (
    *_OPERATION,
    Member("message_id", "Id of the message"),
    Member("account_sid", "Account that the message belongs to"),
    Member("downstream_id", "SID of the message that this attempt made"),
    Member("attempt", "Number of the attempt, from 1"),
    Member("error_code", "Why it failed"),
    Member("from", "Who sent it", "address"),
    Member("to", "Whom it is for", "address"),
    Member("tags", "Tags of the message", "tags"),
)

_ALL: Final = (
    Schema(
        "Messaging.MessageStatus",
        7,
        "A message that was sent has come to a status",
        (
            *_MESSAGE,
            _needed("apiVersion", "Version of the API that the message was sent with"),
            _needed("messageStatus", "Its status, in capitals"),
            Member("messagingServiceSid", "Messaging Service that it was sent through"),
            Member("errorCode", "Why it was not delivered", "whole"),
            Member("body", "Text of the message"),
            Member("statusCallBackUrl", "Where its status callbacks go"),
            Member("tags", "Tags of the message", "tags"),
            Member("mnc", "Mobile network code of the sender", since=5),
            Member("mcc", "Mobile country code of the sender", since=5),
            Member("rawDlrDoneDate", "Date of the carrier's receipt, YYMMDDhhmm", since=5),
            Member("numberOfSegments", "Segments that it was sent in", "whole", since=5),
            Member("dateUpdated", "When its status last changed", since=6),
        ),
    ),
    Schema(
        "Messaging.InboundMessageV1",
        6,
        "A message was received",
        (
            *_MESSAGE,
            Member("body", "Text of the message"),
            Member("numMedia", "Files that came with it", "whole"),
            Member("numSegments", "Segments that it came in", "whole"),
            *(
                Member(f"{end}{part}", f"{part} of the {whose}")
                for end, whose in (("to", "recipient"), ("from", "sender"))
                for part in ("Country", "State", "City", "Zip")
            ),
            Member("mnc", "Mobile network code of the sender"),
            Member("mcc", "Mobile country code of the sender"),
            Member("messagingServiceSid", "Messaging Service that it came in through"),
            Member("referralCtwaClid", "Click of the advertisement that led to it"),
            Member("recipients", "The others of a group", "texts"),
            Member("optOutType", "STOP, START or HELP where it was taken for that"),
        ),
    ),
    Schema(
        "Messaging.ApprovalUpdated",
        1,
        "The approval of a template, or its category, has changed",
        (
            _needed("type", "status_update or category_update"),
            _needed("accountSid", "Account that the template belongs to"),
            _needed("dateUpdated", "When it happened"),
            _needed("channel", "Where the template is for"),
            _needed("template", "The template, and what has changed", "template"),
        ),
    ),
    Schema(
        "Notification.Delivered",
        2,
        "A notification was handed to the channel of a binding",
        (
            _needed("notification_sid", "SID of the notification"),
            _needed("account_sid", "Account that the notification belongs to"),
            _needed("service_sid", "Notify service of the notification"),
            _needed(
                "delivery_state", "Which binding it was for, and what became of it", "delivery"
            ),
        ),
    ),
    Schema(
        "ErrorLogs.Error",
        2,
        "Something was logged in the account's Debugger",
        (
            _needed("sid", "SID of the entry"),
            _needed("account_sid", "Account that it is about"),
            _needed("date_created", "When it was logged"),
            _needed("level", "ERROR, WARNING or INFO"),
            Member("master_account_sid", "Parent of the account, or itself"),
            Member("request_sid", "Request that it is about"),
            Member("service_sid", "Service that it is about"),
            Member("correlation_sid", "What other entries share with it"),
            Member("product_name", "Product that it is about"),
            Member("error_code", "Code of the error"),
            Member("payload", "What else is known, as JSON text"),
        ),
    ),
    Schema(
        "EventStreams.TestSink",
        1,
        "A sink is being tested",
        (_needed("test_id", "What the sink is validated with"),),
    ),
    *(
        Schema(f"CommsApi.Operation{name}", 2, "An operation has come to a status", _OPERATION)
        for name in ("Processing", "Completed", "Scheduled")
    ),
    *(
        Schema(f"CommsApi.Message{name}", latest, "A message has come to a status", _OUTBOUND)
        for name, latest in (
            *(("Queued", 3), ("Sent", 4), ("Delivered", 4)),
            *(("Undelivered", 4), ("Failed", 4), ("Read", 4)),
        )
    ),
    Schema(
        "CommsApi.MessageInbound",
        2,
        "A message was received",
        (
            *_OPERATION,
            Member("message_id", "Id of the message"),
            Member("downstream_id", "SID of the message that came in"),
            Member("session_id", "Id of the session"),
            Member("to", "Whom it is for", "address"),
            Member("tags", "Tags of the message", "tags"),
        ),
    ),
)

SCHEMAS: Final[Mapping[str, Schema]] = {each.id: each for each in _ALL}
"""By id. `latest` is what live tests of March 2026 saw, else what the pages name."""


@lru_cache(64)
def document(schema_id: str, version: int) -> dict[str, Any]:
    """A version's JSON Schema, in the form of those that Twilio publishes; raise `KeyError`."""
    schema = SCHEMAS[schema_id]
    members = [each for each in schema.members if each.since <= version]
    named = sorted(members, key=lambda each: each.name)
    return {
        "$id": f"{HOST}/{schema_id}/{version}",
        "$schema": VOCABULARY,
        "additionalProperties": False,
        "description": schema.said,
        "properties": {each.name: {"description": each.said, **KINDS[each.kind]} for each in named},
        "required": [each.name for each in members if each.required],
        "title": schema_id.partition(".")[2],
        "type": "object",
    }
