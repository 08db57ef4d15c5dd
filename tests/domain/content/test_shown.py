"""Types as answers have them."""

from typing import Any

import pytest

from mockserver.domain.content.shown import shown

QUICK = {"type": "QUICK_REPLY", "title": "Yes", "id": "y"}
CALL = {"type": "PHONE_NUMBER", "title": "Call", "phone": "+14155550123"}
CALLED = {"type": "PHONE_NUMBER", "title": "Call", "phone_number": "+14155550123"}
SHAPES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("twilio/text", {"body": "x"}, {"body": "x"}),
    ("twilio/card", {"title": "x"}, {"title": "x", "body": None, "media": None, "subtitle": None}),
    ("twilio/call-to-action", {"body": "x", "actions": [CALL]}, {"body": "x", "actions": [CALLED]}),
    ("whatsapp/card", {"body": "x", "actions": [CALL]}, {"body": "x", "actions": [CALL]}),
    (
        "twilio/quick-reply",
        {"body": "x", "actions": [QUICK, {"title": "No"}]},
        {"body": "x", "actions": [{"id": "y", "title": "Yes"}, {"id": None, "title": "No"}]},
    ),
    (
        "twilio/carousel",
        {"body": "x", "cards": [{"body": "y", "actions": [QUICK]}]},
        {"body": "x", "cards": [{"body": "y", "actions": [{**QUICK, "index": 0}]}]},
    ),
    ("twilio/catalog", {"body": "x"}, {"body": "x", "items": None, "dynamic_items": None}),
    ("whatsapp/authentication", {"actions": []}, {"actions": [], "body": "{{1}}"}),
]


@pytest.mark.parametrize(("kind", "given", "expected"), SHAPES)
def test_a_type_comes_back(kind: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """As samples of answers show it; once more it is the same."""
    assert shown({kind: given}) == {kind: expected}
    assert shown(shown({kind: given})) == {kind: expected}


def test_quick_replies_of_a_card_are_counted() -> None:
    """Those alone; one without an id has none."""
    card = {"title": "x", "actions": [QUICK, CALL, {"type": "QUICK_REPLY", "title": "No"}]}
    assert shown({"twilio/card": card})["twilio/card"]["actions"] == [
        {**QUICK, "index": 0},
        CALLED,
        {"type": "QUICK_REPLY", "title": "No", "id": None, "index": 1},
    ]


def test_products_have_all_members() -> None:
    """Null where nothing was said."""
    catalog = {"body": "x", "items": [{"id": "1", "price": 2}]}
    [product] = shown({"twilio/catalog": catalog})["twilio/catalog"]["items"]
    lacking = dict.fromkeys(("section_title", "name", "media_url", "description"))
    assert product == {**lacking, "id": "1", "price": 2}


@pytest.mark.parametrize("kind", [kind for kind, _, _ in SHAPES])
def test_anything_can_be_shown(kind: str) -> None:
    """A snapshot may hold attributes that no schema has seen."""
    values: tuple[Any, ...] = (7, [7], [{}], None)
    for value in values:
        strange = {"actions": value, "cards": value, "items": value}
        assert shown({kind: strange})[kind].keys() >= strange.keys()
