"""What a handset sends, as keyword arguments. PYTEST_DONT_REWRITE"""

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Final, NotRequired, TypedDict


class File(TypedDict):
    """A file without a file."""

    content_type: str
    content: bytes
    filename: NotRequired[str]


class Button(TypedDict):
    """A quick reply that is pressed."""

    text: str
    payload: NotRequired[str]
    """Without it, as in the template of the message that it is on, else the text."""


class ListItem(TypedDict):
    """What is picked from a list."""

    id: str
    title: str
    description: NotRequired[str]


class Location(TypedDict):
    """A place; degrees."""

    latitude: float
    longitude: float
    address: NotRequired[str]
    label: NotRequired[str]


class Referral(TypedDict, total=False):
    """An advertisement through which a message came."""

    body: str
    headline: str
    source_id: str
    source_type: str
    source_url: str
    media_id: str
    media_content_type: str
    media_url: str
    ctwa_clid: str


class Texting(TypedDict, total=False):
    """What a text may have besides its ends and its body."""

    media_urls: Sequence[str]
    """Where what is attached is."""
    media: Sequence[File | str | os.PathLike[str]]
    """Files, or their paths."""
    channel: str
    """`whatsapp`, `rcs` or `messenger`: put before addresses that name none."""
    profile_name: str
    """Of the handset's owner. This and what follows is for WhatsApp, some of it for RCS too."""
    button: Button
    list_: ListItem
    location: Location
    forwarded: bool
    frequently_forwarded: bool
    replied_to: str
    """SID of the message that it answers."""
    referral: Referral
    params: Mapping[str, str]
    """Further parameters of the webhook; one that is there already is replaced."""


def document(from_: str, to: str, body: str, more: Texting) -> dict[str, object]:
    """The body of `POST /_mock/inbound`; raise `OSError` for a file that cannot be read."""
    found: dict[str, object] = {"from": from_, "to": to, **({"body": body} if body else {})}
    found |= {name.rstrip("_"): value for name, value in more.items() if value not in ("", (), [])}
    if "media_urls" in found:
        found["media_urls"] = list(more["media_urls"])
    if "media" in found:
        found["media"] = list(map(attached, more["media"]))
    return found


def attached(file: File | str | os.PathLike[str]) -> dict[str, str]:
    """A file as the control API takes it."""
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        file = File(content_type=_type(path), content=path.read_bytes(), filename=path.name)
    named = {"filename": file["filename"]} if "filename" in file else {}
    content = b64encode(file["content"]).decode()
    return {"content_type": file["content_type"], "content": content, **named}


TYPES: Final = {".amr": "audio/amr", ".heic": "image/heic", ".vcf": "text/vcard"}
"""Content types by ending that Python knows otherwise, or not at all."""


def _type(path: Path) -> str:
    known = TYPES.get(path.suffix.lower()) or guess_type(path.name)[0]
    return known or "application/octet-stream"
