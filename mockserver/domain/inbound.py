"""The form that an application is posted when a handset writes to one of its numbers.

Names and values are those of captured webhooks; `map_order` has their order. On WhatsApp there is
no geography; on RCS and Messenger there is neither geography nor a profile.
"""

import json
from typing import Final

import msgspec

from mockserver.domain.map_order import place
from mockserver.domain.message import Message

Params = tuple[tuple[str, str], ...]

API_VERSION: Final = "2010-04-01"


class Place(msgspec.Struct, frozen=True):
    """Where a number is at home; "" where that is not known."""

    city: str = ""
    """In capitals."""
    state: str = ""
    """Two letters, or a province's."""
    zip: str = ""
    country: str = ""
    """ISO 3166."""


class Facts(msgspec.Struct, frozen=True):
    """What a webhook is told besides the message."""

    from_place: Place = Place()
    to_place: Place = Place()
    media: tuple[tuple[str, str], ...] = ()
    """Content type and URL of each."""
    profile_name: str = ""
    """Of the handset's owner, on WhatsApp."""
    opt_out_type: str = ""
    """`STOP`, `START` or `HELP` where Advanced Opt-Out took the text for that."""
    extras: Params = ()
    """Further parameters; one of a name that is there already replaces it."""
    error: tuple[str, str] | None = None
    """Code and URL of what failed, for the fallback."""


def params(message: Message, facts: Facts) -> Params:
    """The parameters for an inbound message, in Twilio's order."""
    extras = dict(facts.extras)
    form = _common(message, facts)
    if message.channel in ("sms", "mms"):
        form |= {**_located("From", facts.from_place), **_located("To", facts.to_place)}
    if message.channel == "whatsapp":
        name = extras.get("ProfileName", facts.profile_name)
        form |= _whatsapp(message, name, _message_type(facts, extras))
    form |= extras
    return tuple(sorted(form.items(), key=lambda pair: place(pair[0])))


def _common(message: Message, facts: Facts) -> dict[str, str]:
    form = {
        "SmsMessageSid": message.sid,
        "NumMedia": str(message.num_media),
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "Body": message.body,
        "To": message.to,
        "NumSegments": str(message.num_segments),
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.from_,
        "ApiVersion": API_VERSION,
    }
    for number, (content_type, url) in enumerate(facts.media):
        form |= {f"MediaContentType{number}": content_type, f"MediaUrl{number}": url}
    if message.messaging_service_sid:
        form["MessagingServiceSid"] = message.messaging_service_sid
    if facts.opt_out_type:
        form["OptOutType"] = facts.opt_out_type
    if facts.error is not None:
        form["ErrorCode"], form["ErrorUrl"] = facts.error
    return form


def _located(end: str, where: Place) -> dict[str, str]:
    """What is not known is sent empty."""
    return {
        f"{end}City": where.city,
        f"{end}State": where.state,
        f"{end}Zip": where.zip,
        f"{end}Country": where.country,
    }


def _whatsapp(message: Message, profile_name: str, kind: str) -> dict[str, str]:
    wa_id = message.from_.partition(":")[2].removeprefix("+")
    context = {"ProfileName": profile_name, "WaId": wa_id}
    metadata = {"type": "whatsapp", "data": {"context": context}}
    return {
        "ProfileName": profile_name,
        "MessageType": kind,
        "WaId": wa_id,
        "ReferralNumMedia": "0",
        "ChannelMetadata": json.dumps(metadata, ensure_ascii=False, separators=(",", ":")),
    }


TOLD_BY: Final = {
    "Latitude": "location",
    "ButtonText": "button",
    "ButtonPayload": "button",
    "ListId": "interactive",
}
"""Parameters that say what kind of WhatsApp message they come with. Source: captures."""

_KINDS: Final = {
    "image/webp": "sticker",
    "text/vcard": "contacts",
    "text/x-vcard": "contacts",
    "application/vcard": "contacts",
    "text/directory": "contacts",
}
"""Kinds of message by the type of the file; vCards are captured, stickers are ours."""


def _message_type(facts: Facts, extras: dict[str, str]) -> str:
    """By what comes with it, else by its first file."""
    told = [kind for name, kind in TOLD_BY.items() if name in extras]
    if told or not facts.media:
        return told[0] if told else "text"
    content_type = facts.media[0][0]
    family = content_type.partition("/")[0]
    usual = family if family in ("image", "audio", "video") else "document"
    return _KINDS.get(content_type, usual)
