"""A template filled in for one message: its text, its files, and all that the handset shows.

Source: Content API, using variables. The order of the steps is ours.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mockserver.domain.content.template import ContentTemplate, texts
from mockserver.domain.personalising.placeholders import KEY, PLACEHOLDER

_FILLED: Final = re.compile(rf"\{{\{{\s*({KEY})\s*\}}\}}").sub
_WELL_FORMED: Final = re.compile(PLACEHOLDER).sub


class Shown(msgspec.Struct, frozen=True, gc=False):
    """What a handset shows of a message that was made from a template."""

    content_sid: str
    type: str
    attributes: str
    """The type's, filled in, as JSON."""
    variables: str = "{}"
    """What the message said, as JSON."""

    @property
    def is_sound(self) -> bool:
        """Whether both texts are JSON objects."""
        try:
            found = (msgspec.json.decode(self.attributes), msgspec.json.decode(self.variables))
        except (msgspec.DecodeError, RecursionError):
            return False
        return all(isinstance(each, dict) for each in found)

    @property
    def document(self) -> dict[str, Any]:
        """The attributes, read."""
        found: dict[str, Any] = msgspec.json.decode(self.attributes)
        return found

    @property
    def buttons(self) -> dict[str, str]:
        """What a tap on each quick reply tells the application, by what the button says.

        A button without an id tells what it says.
        """
        owners = [self.document, *_objects(self.document.get("cards"))]
        actions = (each for owner in owners for each in _objects(owner.get("actions")))
        kind = "QUICK_REPLY"
        return {
            str(each["title"]): str(each.get("id") or each["title"])
            for each in actions
            if each.get("type", kind) == kind and each.get("title")
        }


def _objects(value: object) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [each for each in items if isinstance(each, dict)]


class Rendering(msgspec.Struct, frozen=True):
    """What a message has of a template."""

    body: str
    media: tuple[str, ...]
    shown: Shown
    missing: tuple[str, ...]
    """Keys for which there is no value; their placeholders stay as they are written."""
    free: bool
    """Whether WhatsApp takes it for free text."""


def render(template: ContentTemplate, kind: str, variables: Mapping[str, str]) -> Rendering:
    """One of a template's types; its own values stand in for those that are not given."""
    values = {**template.variables, **variables}
    attributes = msgspec.json.encode(template.types[kind]).decode()
    quoted = {key: msgspec.json.encode(value).decode()[1:-1] for key, value in values.items()}
    missing = tuple(key for key in template.unfilled(kind) if key not in variables)
    return Rendering(
        _fill(template.words(kind), values),
        tuple(_fill(url, values) for url in template.media(kind)),
        Shown(
            template.sid, kind, _fill(attributes, quoted), msgspec.json.encode(variables).decode()
        ),
        missing,
        template.free,
    )


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _FILLED(lambda found: values.get(found[1], found[0]), text)


def is_malformed(template: ContentTemplate, kind: str) -> bool:
    """Whether something in a type begins like a placeholder, but is none: `{{x}`, `{{}}`."""
    return any("{{" in _WELL_FORMED("", text) for text in texts(template.types[kind]))
