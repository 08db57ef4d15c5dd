"""What a handset sends, read from the body of `POST /_mock/inbound`."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from mockserver.domain.addresses import Address, BadAddress, parse_from, parse_to
from mockserver.edge.control.refusals import Refusal
from mockserver.world.inbound import Text
from mockserver.world.sandbox import Sandbox

Body = Mapping[str, Any]

MOST_MEDIA: Final = 10
"""Files of one message. Source: `NumMedia`, "0" to "10"."""

PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = {
    "button": {"text": "ButtonText", "payload": "ButtonPayload"},
    "list": {"id": "ListId", "title": "ListTitle", "description": "ListDescription"},
    "location": {
        "latitude": "Latitude",
        "longitude": "Longitude",
        "address": "Address",
        "label": "Label",
    },
    "referral": {
        "body": "ReferralBody",
        "headline": "ReferralHeadline",
        "source_id": "ReferralSourceId",
        "source_type": "ReferralSourceType",
        "source_url": "ReferralSourceUrl",
        "media_id": "ReferralMediaId",
        "media_content_type": "ReferralMediaContentType",
        "media_url": "ReferralMediaUrl",
        "ctwa_clid": "ReferralCtwaClid",
    },
}
"""Parameters of the webhook by the keys that they are given under.

Source: docs and captures; ours: `ListDescription`.
"""

ONLY_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "profile_name": ("whatsapp",),
    "button": ("whatsapp", "rcs", "messenger"),
    "list": ("whatsapp",),
    "location": ("whatsapp", "rcs"),
    "forwarded": ("whatsapp",),
    "frequently_forwarded": ("whatsapp",),
    "replied_to": ("whatsapp",),
    "referral": ("whatsapp",),
}
"""Channels that know of a thing; all know what is not listed."""


def read(body: Body, sandbox: Sandbox, base: str) -> Text:
    """The text, checked; refuse what no handset could send.

    `base` is the scheme and authority under which the media will be found.
    """
    channel = body.get("channel", "sms")
    from_ = _address("from", body["from"], channel, parse_to)
    to = _address("to", body["to"], channel, parse_from)
    if to.kind in ("alphanumeric", "service"):
        raise Refusal("bad_body", f"to: {to.value} is no number that a handset can write to")
    if from_.channel != to.channel:
        text = f"from is on {from_.channel}, to is on {to.channel}; name the channel with both"
        raise Refusal("bad_body", f"{text}, or once as `channel`")
    _check_channel(body, to)
    found = dict(_extras(body, sandbox, (from_.value, to.value)))
    extras = tuple({**found, **body.get("params", {})}.items())
    return Text(from_, to, _said(body), _media(body), extras, base)


def _address(name: str, text: str, channel: str, parse: Callable[[str], Address]) -> Address:
    """The address on the channel, which it may or may not name itself."""
    if channel != "sms" and ":" not in text:
        text = f"{channel}:{text}"
    try:
        return parse(text)
    except BadAddress as bad:
        raise Refusal("bad_body", f"{name}: {bad}") from None


def _check_channel(body: Body, to: Address) -> None:
    for name, channels in ONLY_ON.items():
        if name in body and to.channel not in channels:
            known = " and ".join(channels)
            text = f"{name}: only {known} can have it, and {to.value} is on {to.channel}"
            raise Refusal("bad_body", text)


def _said(body: Body) -> str:
    """The text of a button or of a list's item is the message's, too. Source: captures."""
    usual = body.get("button", {}).get("text") or body.get("list", {}).get("title") or ""
    return str(body.get("body", usual))


# Further parameters


def _extras(body: Body, sandbox: Sandbox, ends: tuple[str, str]) -> Iterator[tuple[str, str]]:
    if "profile_name" in body:
        yield "ProfileName", body["profile_name"]
    for key, names in PARAMETERS.items():
        given = body.get(key, {})
        yield from ((names[name], _written(value)) for name, value in given.items())
    if "button" in body and "payload" not in body["button"]:
        yield "ButtonPayload", _payload(body, sandbox, ends)
    if "media_url" in body.get("referral", {}):
        yield "ReferralNumMedia", "1"
    yield from _context(body, sandbox)


def _payload(body: Body, sandbox: Sandbox, ends: tuple[str, str]) -> str:
    """What a quick reply tells: that of the message it is on, or of the last one that has it.

    What it says, where there is none such; refused where the message that is named has others.
    """
    title: str = body["button"]["text"]
    if not (sandbox.tables.shown or sandbox.tables.operations):
        return title
    from mockserver.world.showing import shown_of, with_button  # few messages are from templates

    if "replied_to" not in body:
        found = with_button(sandbox.tables, ends[1], ends[0], title)
        return found[1] if found is not None else title
    answered = sandbox.tables.messages.get(body["replied_to"])
    shown = shown_of(sandbox.tables, answered) if answered is not None else None
    if shown is not None and title not in shown.buttons:
        there = ", ".join(shown.buttons) or "none"
        text = f"button: {body['replied_to']} has no quick reply {title!r}; it has {there}"
        raise Refusal("bad_body", text)
    return shown.buttons[title] if shown is not None else title


def _context(body: Body, sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    """What a message hangs on to. The flags come with any of it, true or not. Source: captures."""
    flags = ("forwarded", "frequently_forwarded")
    if any(name in body for name in (*flags, "replied_to")):
        yield "Forwarded", str(body.get("forwarded", False)).lower()
        yield "FrequentlyForwarded", str(body.get("frequently_forwarded", False)).lower()
    if "replied_to" in body:
        answered = sandbox.tables.messages.get(body["replied_to"])
        if answered is None:
            text = f"replied_to: there is no message {body['replied_to']} in this sandbox"
            raise Refusal("bad_body", text)
        yield "OriginalRepliedMessageSid", answered.sid
        yield "OriginalRepliedMessageSender", answered.from_


def _written(value: str | float) -> str:
    """Degrees with as many decimals as they need, twelve at the most, as WhatsApp has them."""
    if isinstance(value, str):
        return value
    return f"{value:.12f}".rstrip("0").rstrip(".")


# Media


def _media(body: Body) -> tuple[str, ...]:
    """The URLs of all that is attached, files as `data:`."""
    found = (*body.get("media_urls", ()), *_files(body))
    if len(found) > MOST_MEDIA:
        text = f"media: {len(found)} files in all, a message has {MOST_MEDIA} at the most"
        raise Refusal("bad_body", text)
    return found


def _files(body: Body) -> Iterator[str]:
    for place, file in enumerate(body.get("media", ())):
        try:
            b64decode(file["content"], validate=True)
        except (NotBase64, ValueError) as bad:
            text = f"media[{place}].content: is not base64 ({bad})"
            raise Refusal("bad_body", text) from None
        named = f";name={quote(file['filename'])}" if "filename" in file else ""
        yield f"data:{file['content_type']}{named};base64,{file['content']}"
