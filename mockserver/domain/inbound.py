"""The form that an application is posted when a handset writes to one of its numbers.

Names and order are those of captured webhooks (SMS 2022 to 2024, WhatsApp). Ours: of the geography
only the countries are known, the rest is sent empty, as Twilio often does; a WhatsApp profile has
its number for a name; the media's type is told by the end of its URL.
"""

from collections.abc import Mapping
from typing import Final

from mockserver.domain.addresses import country
from mockserver.domain.message import Message

Params = tuple[tuple[str, str], ...]

API_VERSION: Final = "2010-04-01"


def params(message: Message) -> Params:
    """The parameters for an inbound message, in order."""
    return _whatsapp(message) if message.channel == "whatsapp" else _sms(message)


def _sms(message: Message) -> Params:
    sid = message.sid
    return (
        ("ToCountry", country(message.to)),
        ("ToState", ""),
        ("SmsMessageSid", sid),
        ("NumMedia", str(message.num_media)),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", sid),
        ("FromState", ""),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", message.body),
        ("FromCountry", country(message.from_)),
        ("To", message.to),
        ("ToZip", ""),
        ("NumSegments", str(message.num_segments)),
        ("MessageSid", sid),
        ("AccountSid", message.account_sid),
        ("From", message.from_),
        *_media(message),
        ("ApiVersion", API_VERSION),
    )


def _whatsapp(message: Message) -> Params:
    number = message.from_.partition(":")[2]
    return (
        ("SmsMessageSid", message.sid),
        ("NumMedia", str(message.num_media)),
        ("ProfileName", number),
        ("MessageType", _message_type(message)),
        ("SmsSid", message.sid),
        ("WaId", number.removeprefix("+")),
        ("SmsStatus", "received"),
        ("Body", message.body),
        ("To", message.to),
        ("NumSegments", str(message.num_segments)),
        ("ReferralNumMedia", "0"),
        ("MessageSid", message.sid),
        ("AccountSid", message.account_sid),
        ("From", message.from_),
        *_media(message),
        ("ApiVersion", API_VERSION),
    )


def _message_type(message: Message) -> str:
    if not message.media_urls:
        return "text"
    kind = _content_type(message.media_urls[0]).partition("/")[0]
    return kind if kind in ("image", "audio", "video") else "document"


def _media(message: Message) -> Params:
    return tuple(
        pair
        for place, url in enumerate(message.media_urls)
        for pair in (
            (f"MediaContentType{place}", _content_type(url)),
            (f"MediaUrl{place}", url),
        )
    )


_CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".amr": "audio/amr",
    ".mp4": "video/mp4",
    ".3gp": "video/3gpp",
    ".pdf": "application/pdf",
    ".vcf": "text/vcard",
}


def _content_type(url: str) -> str:
    path = url.partition("#")[0].partition("?")[0]
    _, dot, ending = path.rpartition(".")
    return _CONTENT_TYPES.get(f"{dot}{ending.lower()}", "application/octet-stream")
