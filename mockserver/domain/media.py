"""The media of a message: the record, what is accepted, and whether the bytes are what they claim.

Source: Twilio's page of accepted content types, several ages merged; error 12300, "the content type
does not match". Which types are one family is ours.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from email.message import Message as Headers
from typing import Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import msgspec

SMALL: Final = 5 * 1024 * 1024
"""Bytes of all media of one MMS; more is 11751. Source: accepted content types, "5 MB"."""

LARGE: Final = 16 * 1024 * 1024
"""The same on WhatsApp and RCS ("16 MB"), and here on Messenger."""

SMALL_CHANNELS: Final = frozenset({"sms", "mms"})


class Media(msgspec.Struct, frozen=True, gc=False):
    """One attachment of a message; its content is kept apart, once for each digest."""

    sid: str
    message_sid: str
    account_sid: str
    content_type: str
    """Lower case, without parameters."""
    created_at: int
    updated_at: int
    url: str
    """Where it was fetched."""
    size: int = 0
    """Bytes."""
    digest: str = ""
    """SHA-256 of the content; "" for a stand-in, which has none."""
    filename: str = ""
    note: str = ""
    """Why it was not fetched."""

    @property
    def fetched(self) -> bool:
        return bool(self.digest)


def size_limit(channel: str) -> int:
    """Bytes that all media of one message may have."""
    return SMALL if channel in SMALL_CHANNELS else LARGE


def failure_code(channel: str) -> int:
    """What a message ends with whose media cannot be had; WhatsApp has a code of its own."""
    return 63019 if channel == "whatsapp" else 11200


TOO_LARGE: Final = 11751
WRONG_TYPE: Final = 12300

# Content types

ACCEPTED: Final = frozenset(
    {
        *("image/jpeg", "image/jpg", "image/gif", "image/png"),
        *("image/bmp", "image/tiff", "image/heic", "image/heif"),
        *("audio/basic", "audio/l24", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/vorbis"),
        *("audio/vnd.rn-realaudio", "audio/vnd.wave", "audio/3gpp", "audio/3gpp2", "audio/ac3"),
        *("audio/webm", "audio/amr-nb", "audio/amr"),
        *("video/mpeg", "video/mpeg4", "video/mp4", "video/quicktime", "video/webm"),
        *("video/3gpp", "video/3gpp2", "video/3gpp-tt", "video/h261", "video/h263"),
        *("video/h263-1998", "video/h263-2000", "video/h264"),
        *("text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/richtext"),
        *("text/calendar", "text/directory"),
        *("application/pdf", "application/vcard", "application/vnd.apple.pkpass"),
    }
)
"""On every channel, in lower case."""

_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"

WHATSAPP_ALSO: Final = frozenset(
    {
        *("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"),
        f"{_OPEN_XML}.wordprocessingml.document",
        f"{_OPEN_XML}.spreadsheetml.sheet",
        f"{_OPEN_XML}.presentationml.presentation",
        *("audio/aac", "image/webp"),
    }
)

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "JPEG": frozenset({"image/jpeg", "image/jpg", "image/pjpeg"}),
    "PNG": frozenset({"image/png", "image/apng", "image/x-png"}),
    "BMP": frozenset({"image/bmp", "image/x-ms-bmp"}),
    "TIFF": frozenset({"image/tiff", "image/x-canon-cr2"}),
    "HEIF": frozenset({"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"}),
    "MPEG-4": frozenset(
        {
            *("video/mp4", "video/mpeg4", "video/x-m4v", "video/quicktime"),
            *("video/3gpp", "video/3gpp2", "video/3gpp-tt", "video/h263", "video/h264"),
            *("audio/mp4", "audio/x-m4a", "audio/m4a", "audio/3gpp", "audio/3gpp2"),
        }
    ),
    "Ogg": frozenset({"audio/ogg", "audio/vorbis", "audio/opus", "video/ogg", "application/ogg"}),
    "MP3": frozenset({"audio/mpeg", "audio/mp3", "audio/mpeg3"}),
    "AAC": frozenset({"audio/aac", "audio/aacp", "audio/x-aac"}),
    "WAVE": frozenset({"audio/vnd.wave", "audio/wav", "audio/wave", "audio/x-wav"}),
    "AMR": frozenset({"audio/amr", "audio/amr-nb", "audio/amr-wb"}),
    "Matroska": frozenset({"audio/webm", "video/webm", "video/x-matroska"}),
    "RTF": frozenset({"text/rtf", "text/richtext", "application/rtf"}),
    "ZIP": frozenset(
        {
            *("application/zip", "application/vnd.apple.pkpass", "application/epub+zip"),
            f"{_OPEN_XML}.wordprocessingml.document",
            f"{_OPEN_XML}.spreadsheetml.sheet",
            f"{_OPEN_XML}.presentationml.presentation",
        }
    ),
    "Office": frozenset(
        {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}
    ),
}
"""Types that are told apart by name only, or that programs confuse: no mismatch."""

_FAMILY: Final[Mapping[str, str]] = {
    each: family for family, types in FAMILIES.items() for each in types
}

_TEXTUAL: Final = frozenset({"application/vcard"})
_LOOKED_AT: Final = 1_024
_HTML: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|script)\b",
    re.IGNORECASE | re.DOTALL,
).match


def plain_type(header: str) -> str:
    """A `Content-Type` in lower case, without parameters."""
    return header.partition(";")[0].strip().lower()


def accepted(content_type: str, channel: str) -> bool:
    """Whether Twilio takes this type on this channel."""
    return content_type in ACCEPTED or (channel == "whatsapp" and content_type in WHATSAPP_ALSO)


def actual_type(declared: str, body: bytes, guess: str) -> str:
    """What the bytes are; "" where nothing is known of them.

    `guess` is what their beginning looks like to a library, which takes a text that begins with BM
    for a picture.
    """
    head = body[:_LOOKED_AT]
    if _HTML(head):
        return "text/html"
    textual = declared.startswith("text/") or declared in _TEXTUAL
    if guess == "application/octet-stream" or (textual and _is_text(head)):
        return ""
    return guess


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 27 for byte in head)


def agree(declared: str, actual: str) -> bool:
    """Whether bytes of the type `actual` may be declared so; unknown bytes may be anything."""
    return not actual or _FAMILY.get(declared, declared) == _FAMILY.get(actual, actual)


def complaint(declared: str, actual: str, channel: str) -> str:
    """What is wrong with the content type of a file; "" for nothing."""
    if not declared:
        return "it was sent without a Content-Type"
    if not agree(declared, actual):
        return f"declared {declared}, is {actual}"
    if not accepted(declared, channel):
        return f"{declared} is not among the types that are accepted on this channel"
    return ""


ENDINGS: Final[Mapping[str, str]] = {
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "amr": "audio/amr",
    "au": "audio/basic",
    "bmp": "image/bmp",
    "csv": "text/csv",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "pdf": "application/pdf",
    "pkpass": "application/vnd.apple.pkpass",
    "png": "image/png",
    "rtf": "text/rtf",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "vcf": "text/vcard",
    "wav": "audio/vnd.wave",
    "webm": "video/webm",
    "webp": "image/webp",
    "3gp": "video/3gpp",
}
"""Types that the ending of a path stands for."""


def type_by_ending(url: str, channel: str) -> str:
    """What a file that was not fetched counts as: by its path's ending, else `image/jpeg`."""
    ending = _last_segment(url).rpartition(".")[2].lower()
    guess = ENDINGS.get(ending, "")
    return guess if accepted(guess, channel) else "image/jpeg"


_DATA: Final = re.compile(r"data:(?P<kind>[^,]*?)(?P<base64>;base64)?,(?P<content>.*)", re.I | re.S)


def read_data_url(url: str) -> tuple[str, bytes]:
    """Content type and bytes of a `data:` URL; raise ValueError where it is none (RFC 2397)."""
    parts = _DATA.fullmatch(url)
    if parts is None:
        raise ValueError("a data URL is `data:<type>;base64,<content>`")
    content = unquote_to_bytes(parts["content"])
    try:
        body = b64decode(content, validate=True) if parts["base64"] else content
    except ValueError as bad:
        raise ValueError(f"its content is not base64: {bad}") from None
    return parts["kind"] or "text/plain", body


# File names

FILENAME_LIMIT: Final = 100
"""Characters of a file name that are kept; ours. Twilio advises 20."""

_UNSUITED: Final = re.compile(r"[^A-Za-z0-9._-]+")


def file_name(disposition: str, url: str) -> str:
    """The name for the receiver: of the `Content-Disposition`, else the last part of the path.

    Letters, digits, dots, dashes and underscores only, since it goes into a header again.
    """
    headers = Headers()
    headers["Content-Disposition"] = _printable(disposition)
    named = headers.get_filename() or _last_segment(url)
    return _UNSUITED.sub("_", named.rpartition("/")[2]).strip("_")[-FILENAME_LIMIT:]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _last_segment(url: str) -> str:
    """The end of the URL's path; "" where there is none, or the URL is broken."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path).rpartition("/")[2]
