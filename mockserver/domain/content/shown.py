"""A template's types as the Content API gives them back, which is not quite as it took them.

Source: samples of answers in Twilio's code snippets.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from mockserver.domain.content.template import CODE

Attributes = Mapping[str, Any]

QUICK_REPLY: Final = "QUICK_REPLY"
PRODUCT: Final = ("id", "section_title", "name", "media_url", "price", "description")
"""Members of a product in a catalogue."""


def shown(types: Mapping[str, Attributes]) -> dict[str, dict[str, Any]]:
    """All types of a template."""
    return {name: _SHAPES.get(name, dict)(attributes) for name, attributes in types.items()}


def _quick_reply(attributes: Attributes) -> dict[str, Any]:
    """Of a button only what it says and tells."""
    actions = [{"id": each.get("id"), "title": each.get("title")} for each in _actions(attributes)]
    return {**attributes, "actions": actions}


def _call_to_action(attributes: Attributes) -> dict[str, Any]:
    return {**attributes, "actions": [_numbered(each) for each in _actions(attributes)]}


def _card(attributes: Attributes) -> dict[str, Any]:
    """What it lacks is null; its quick replies are counted."""
    lacking = dict.fromkeys(("body", "media", "subtitle"))
    card = {**lacking, **attributes}
    if "actions" in attributes:
        card["actions"] = _counted(_numbered(each) for each in _actions(attributes))
    return card


def _carousel(attributes: Attributes) -> dict[str, Any]:
    cards = [
        {**card, "actions": _counted(_actions(card))} for card in _objects(attributes.get("cards"))
    ]
    return {**attributes, "cards": cards}


def _catalog(attributes: Attributes) -> dict[str, Any]:
    """What it, or a product, lacks is null."""
    catalog = {"items": None, "dynamic_items": None, **attributes}
    if catalog["items"] is not None:
        catalog["items"] = [
            {**dict.fromkeys(PRODUCT), **each} for each in _objects(catalog["items"])
        ]
    return catalog


def _authentication(attributes: Attributes) -> dict[str, Any]:
    return {**attributes, "body": CODE}


_SHAPES: Final[Mapping[str, Callable[[Attributes], dict[str, Any]]]] = {
    "twilio/quick-reply": _quick_reply,
    "twilio/call-to-action": _call_to_action,
    "twilio/card": _card,
    "twilio/carousel": _carousel,
    "twilio/catalog": _catalog,
    "whatsapp/authentication": _authentication,
}
"""Types that change; all others come back as they were given."""


def _actions(attributes: Attributes) -> list[dict[str, Any]]:
    return _objects(attributes.get("actions"))


def _objects(value: object) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [each for each in items if isinstance(each, dict)]


def _numbered(action: Attributes) -> dict[str, Any]:
    """`phone` comes back as `phone_number`."""
    return {("phone_number" if name == "phone" else name): each for name, each in action.items()}


def _counted(actions: Iterable[Attributes]) -> list[dict[str, Any]]:
    """Quick replies with their place among those of their card, from 0."""
    found, place = [], 0
    for action in actions:
        if action.get("type") == QUICK_REPLY:
            action = {"index": place, "type": QUICK_REPLY, "id": None, "title": None, **action}
            action["index"] = place
            place += 1
        found.append(dict(action))
    return found
