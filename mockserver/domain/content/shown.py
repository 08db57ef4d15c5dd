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
PIX: Final = ("type", "code", "key", "key_type", "status")
"""Members of a payment by Pix."""

LACKING: Final[Mapping[str, tuple[str, ...]]] = {
    "twilio/card": ("body", "media", "subtitle"),
    "twilio/catalog": (
        *("id", "title", "body", "subtitle", "items", "dynamic_items"),
        "thumbnail_item_id",
    ),
    "twilio/flows": ("subtitle", "media_url"),
    "twilio/pay": (
        *("merchant_name", "merchant_identifier", "country_code", "currency_code", "items"),
        *("order_expiration", "order_expiration_description", "payment_id", "payment_url"),
        *("pix", "subtotal_amount", "total_amount", "total_label"),
    ),
    "whatsapp/card": ("header_text", "media", "footer"),
    "whatsapp/flows": ("subtitle", "media_url", "flow_token", "flow_first_page_id"),
}
"""Members that are null where a template says nothing of them, by type."""

FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "SHORT_TEXT": {"name": None, "required": None, "input_type": "TEXT"},
    "LONG_TEXT": {"name": None, "required": None, "input_type": None},
    "SINGLE_SELECT": {"name": None, "required": None},
    "MULTIPLE_SELECT": {"name": None, "required": None},
}
"""What a question on a page of a flow is where nothing else was said, by its type."""


def shown(types: Mapping[str, Attributes]) -> dict[str, dict[str, Any]]:
    """All types of a template."""
    return {name: _shown(name, attributes) for name, attributes in types.items()}


def _shown(name: str, attributes: Attributes) -> dict[str, Any]:
    whole = {**dict.fromkeys(LACKING.get(name, ())), **attributes}
    return _SHAPES.get(name, dict)(whole)


def _quick_reply(attributes: Attributes) -> dict[str, Any]:
    """Of a button only what it says and tells."""
    actions = [{"id": each.get("id"), "title": each.get("title")} for each in _actions(attributes)]
    return {**attributes, "actions": actions}


def _call_to_action(attributes: Attributes) -> dict[str, Any]:
    return {**attributes, "actions": [_numbered(each) for each in _actions(attributes)]}


def _card(attributes: Attributes) -> dict[str, Any]:
    """Its quick replies are counted."""
    if "actions" not in attributes:
        return {**attributes}
    return {**attributes, "actions": _counted(map(_numbered, _actions(attributes)))}


def _carousel(attributes: Attributes) -> dict[str, Any]:
    cards = [
        {**card, "actions": _counted(_actions(card))} for card in _objects(attributes.get("cards"))
    ]
    return {**attributes, "cards": cards}


def _catalog(attributes: Attributes) -> dict[str, Any]:
    """What a product lacks is null."""
    if attributes["items"] is None:
        return {**attributes}
    products = [{**dict.fromkeys(PRODUCT), **each} for each in _objects(attributes["items"])]
    return {**attributes, "items": products}


def _flow(attributes: Attributes) -> dict[str, Any]:
    """What its pages and their questions lack is null."""
    return {**attributes, "pages": [_page(each) for each in _objects(attributes.get("pages"))]}


def _page(page: Attributes) -> dict[str, Any]:
    layout = [
        {**FIELDS.get(str(each.get("type")), {}), **each} for each in _objects(page.get("layout"))
    ]
    return {"subtitle": None, "next_page_id": None, **page, "layout": layout}


def _pay(attributes: Attributes) -> dict[str, Any]:
    pix = attributes["pix"]
    return {**attributes, "pix": {**dict.fromkeys(PIX), **pix} if isinstance(pix, dict) else pix}


def _whatsapp_flow(attributes: Attributes) -> dict[str, Any]:
    return {"is_flow_first_page_endpoint": False, **attributes}


def _authentication(attributes: Attributes) -> dict[str, Any]:
    """With its text; minutes that were given as text are a number."""
    minutes = attributes.get("code_expiration_minutes")
    if isinstance(minutes, str) and minutes.isascii() and minutes.isdecimal():
        attributes = {**attributes, "code_expiration_minutes": int(minutes)}
    return {**attributes, "body": CODE}


_SHAPES: Final[Mapping[str, Callable[[Attributes], dict[str, Any]]]] = {
    "twilio/quick-reply": _quick_reply,
    "twilio/call-to-action": _call_to_action,
    "twilio/card": _card,
    "twilio/carousel": _carousel,
    "twilio/catalog": _catalog,
    "twilio/flows": _flow,
    "twilio/pay": _pay,
    "whatsapp/flows": _whatsapp_flow,
    "whatsapp/authentication": _authentication,
}
"""Types that change beyond that; all others come back as they were given."""


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
