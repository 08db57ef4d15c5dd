"""Content templates: what the Content API keeps, and what of one is sent on a channel.

Source: Content API (resource, types, variables); content types overview for which type goes where.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.content.submission import Approval, Submission
from mockserver.domain.personalising.placeholders import keys_of
from mockserver.domain.personalising.template import BREAK

_TEXTED: Final = frozenset({"sms", "rcs", "whatsapp", "messenger"})
_TAPPED: Final = frozenset({"whatsapp", "messenger"})
_CARDED: Final = frozenset({"rcs", "whatsapp", "messenger"})
_ON_WHATSAPP: Final = frozenset({"whatsapp"})

CHANNELS: Final[Mapping[str, frozenset[str]]] = {
    "twilio/text": _TEXTED,
    "twilio/media": _TEXTED,
    "twilio/location": _ON_WHATSAPP,
    "twilio/quick-reply": _TAPPED,
    "twilio/call-to-action": _TAPPED,
    "twilio/list-picker": _ON_WHATSAPP,
    "twilio/card": _CARDED,
    "twilio/carousel": frozenset({"rcs", "whatsapp"}),
    "twilio/catalog": _ON_WHATSAPP,
    "twilio/pay": _ON_WHATSAPP,
    "twilio/schedule": _ON_WHATSAPP,
    "twilio/flows": _ON_WHATSAPP,
    "whatsapp/flows": _ON_WHATSAPP,
    "whatsapp/card": _ON_WHATSAPP,
    "whatsapp/authentication": _ON_WHATSAPP,
}
"""Where each type can be sent, from the plainest to the richest. Media on SMS is MMS.

The places of `twilio/schedule` and `whatsapp/flows` are our choice.
"""

IN_SESSION: Final = frozenset({"twilio/location", "twilio/list-picker"})
"""Types that WhatsApp never approves: only who has written lately gets them."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "twilio/card": ("title", "body"),
    "twilio/location": ("label",),
    "twilio/schedule": ("title",),
}
"""Members that make the text of a message, where it is not `body`."""

CODE: Final = "{{1}}"
"""The body of an authentication: the code."""


class ContentTemplate(msgspec.Struct, frozen=True):
    """One template."""

    sid: str
    """HX…"""
    account_sid: str
    types: dict[str, dict[str, Any]]
    """Attributes by type, as they were given."""
    friendly_name: str = ""
    language: str = "en"
    variables: dict[str, str] = {}
    """What stands for a placeholder of which a message says nothing, by its key."""
    approval: Approval = "unsubmitted"
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0
    submission: Submission | None = None
    """What was handed in to WhatsApp; nothing, too, where what it says was set up."""
    legacy_template_name: str = ""
    """What it was called before there were content templates; "" for one that was not there."""
    legacy_body: str = ""

    def type_for(self, channel: str) -> str:
        """The richest of its types that a channel such as `sms` can show; "" where none is."""
        fitting = (name for name, places in CHANNELS.items() if channel in places)
        return next((name for name in reversed([*fitting]) if name in self.types), "")

    @property
    def is_sound(self) -> bool:
        """Whether its types are known, and no deeper than what messages can show."""
        known = bool(self.types) and self.types.keys() <= CHANNELS.keys()
        return known and not any(map(is_deep, self.types.values()))

    @property
    def free(self) -> bool:
        """Whether WhatsApp delivers it only to who has written lately."""
        return self.approval != "approved" or self.type_for("whatsapp") in IN_SESSION

    def words(self, type_: str) -> str:
        """The text of a message of one of its types, placeholders in it."""
        if type_ == "whatsapp/authentication":
            return CODE
        members = (self.types[type_].get(name) for name in _WORDS.get(type_, ("body",)))
        return BREAK.join(text for text in members if isinstance(text, str) and text)

    def media(self, type_: str) -> tuple[str, ...]:
        """URLs of what such a message carries, placeholders in them."""
        cards = self.types[type_].get("cards")
        owners = [self.types[type_], *(cards if isinstance(cards, list) else ())]
        found = (owner.get("media") for owner in owners if isinstance(owner, dict))
        return tuple(
            url
            for media in found
            for url in (media if isinstance(media, list) else (media,))
            if isinstance(url, str) and url
        )

    def unfilled(self, type_: str) -> tuple[str, ...]:
        """The keys of a type for which it has no value of its own, sorted."""
        found = (self.words(type_), *texts(self.types[type_]))
        keys = {key for text in found for key in keys_of(text)}
        return tuple(sorted(keys - self.variables.keys()))


DEEPEST: Final = 32
"""Levels of attributes; ours, more than any type has."""


def is_deep(attributes: object) -> bool:
    """Whether they are too deep to be kept."""
    level = [attributes]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inner(each)]
    return bool(level)


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def texts(value: object) -> Iterator[str]:
    """Every text in some attributes, in no certain order, however deep."""
    open_ = [value]
    while open_:
        one = open_.pop()
        if isinstance(one, str):
            yield one
        open_ += _inner(one)
