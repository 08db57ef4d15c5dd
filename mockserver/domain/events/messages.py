"""Events of classic messages: a status that was reached, a message that came in.

Source: the documents `Messaging.MessageStatus/4` and `Messaging.InboundMessageV1/6`, Twilio's pages
about the two, live tests of March 2026. Members that do not apply are left out, not null.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from mockserver.domain.events.catalogue import INBOUND, MESSAGE, MESSAGE_STATUSES
from mockserver.domain.events.envelope import Event, timestamp
from mockserver.domain.inbound import API_VERSION, Facts, Place
from mockserver.domain.message import SECOND, Message

STATUS_TYPES: Final[Mapping[str, str]] = {
    status: f"{MESSAGE}.{status}" for status in MESSAGE_STATUSES
}
"""The event of each status that has one. `queued` is documented, but of messages made by the API it
never came in live tests."""

UNDELIVERED: Final = frozenset({"failed", "undelivered"})
"""Statuses whose events carry an error code."""

RECEIPTS: Final = frozenset({"delivered", "undelivered"})
CARRIED: Final = frozenset({"sms", "mms"})
"""Statuses that a carrier reports, and the channels that have carriers."""

REFERRAL: Final = "ReferralCtwaClid"
"""The parameter of an inbound webhook that names an advertisement's click."""


class Network(msgspec.Struct, frozen=True):
    """The mobile network of a sender; "" where it has none, or none that is known."""

    mcc: str = ""
    """Country code, three digits."""
    mnc: str = ""
    """Network code, two or three digits."""


NO_NETWORK: Final = Network()


def reached(
    id_: str,
    message: Message,
    status: str,
    at: int,
    error_code: int = 0,
    network: Network = NO_NETWORK,
) -> Event:
    """A message came to a status, one of `STATUS_TYPES`, at a time in microseconds."""
    type_ = STATUS_TYPES[status]
    data = {
        **_common(message, type_, at),
        "apiVersion": API_VERSION,
        "messageStatus": status.upper(),
        **_given(
            messagingServiceSid=message.messaging_service_sid,
            errorCode=error_code if status in UNDELIVERED else 0,
            body=message.body,
            statusCallBackUrl=message.status_callback,
            tags=_tags(message.tags),
            mnc=network.mnc,
            mcc=network.mcc,
            rawDlrDoneDate=_receipt(message, status, at),
        ),
        "numberOfSegments": message.num_segments,
        "dateUpdated": timestamp(at),
    }
    return Event(id_, type_, _source(message), at, data)


def received(
    id_: str,
    message: Message,
    facts: Facts,
    network: Network = NO_NETWORK,
    recipients: Sequence[str] = (),
) -> Event:
    """A handset's message was taken in; `recipients` are the others of a group."""
    data = {
        **_common(message, INBOUND, message.created_at),
        "body": message.body,
        "numMedia": message.num_media,
        "numSegments": message.num_segments,
        **_located("to", facts.to_place),
        **_located("from", facts.from_place),
        **_given(
            mnc=network.mnc,
            mcc=network.mcc,
            messagingServiceSid=message.messaging_service_sid,
            referralCtwaClid=dict(facts.extras).get(REFERRAL, ""),
            recipients=list(recipients),
            optOutType=facts.opt_out_type,
        ),
    }
    return Event(id_, INBOUND, _source(message), message.created_at, data)


def _common(message: Message, type_: str, at: int) -> dict[str, Any]:
    return {
        "messageSid": message.sid,
        "accountSid": message.account_sid,
        "timestamp": timestamp(at),
        "eventName": type_,
        "from": message.from_,
        "to": message.to,
    }


def _source(message: Message) -> str:
    return f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}.json"


def _given(**members: object) -> dict[str, object]:
    """Those that have a value."""
    return {name: value for name, value in members.items() if value}


def _located(end: str, place: Place) -> dict[str, object]:
    names = ("Country", "State", "City", "Zip")
    values = (place.country, place.state, place.city, place.zip)
    return {f"{end}{name}": value for name, value in zip(names, values, strict=True) if value}


def _receipt(message: Message, status: str, at: int) -> str:
    """`YYMMDDhhmm` of the carrier's receipt; UTC here, which carriers do not promise."""
    if status not in RECEIPTS or message.channel not in CARRIED:
        return ""
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%y%m%d%H%M}"


def _tags(text: str) -> dict[str, str]:
    """A message keeps its tags as they were sent; {} for what is no JSON object of texts."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, str])
    except (msgspec.DecodeError, RecursionError):
        return {}
