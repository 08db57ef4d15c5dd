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
    (
        "whatsapp/card",
        {"body": "x", "actions": [CALL]},
        {"body": "x", "actions": [CALL], "header_text": None, "media": None, "footer": None},
    ),
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
    (
        "twilio/catalog",
        {"body": "x"},
        {
            **dict.fromkeys(("id", "title", "subtitle", "thumbnail_item_id")),
            "body": "x",
            "items": None,
            "dynamic_items": None,
        },
    ),
    (
        "whatsapp/flows",
        {"body": "x", "button_text": "y", "flow_id": "1"},
        {
            **dict.fromkeys(("subtitle", "media_url", "flow_token", "flow_first_page_id")),
            "body": "x",
            "button_text": "y",
            "flow_id": "1",
            "is_flow_first_page_endpoint": False,
        },
    ),
    ("whatsapp/authentication", {"actions": []}, {"actions": [], "body": "{{1}}"}),
    (
        "whatsapp/authentication",
        {"actions": [], "code_expiration_minutes": "30"},
        {"actions": [], "code_expiration_minutes": 30, "body": "{{1}}"},
    ),
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


def test_pages_of_a_flow() -> None:
    """What a page or a question lacks is null; what is typed in is text, unless it says so."""
    name, mail = {"type": "SHORT_TEXT"}, {"type": "SHORT_TEXT", "input_type": "EMAIL"}
    rest: list[dict[str, Any]] = [{"type": "LONG_TEXT"}, {"type": "SINGLE_SELECT"}, {"type": "X"}]
    pages = [{"id": "1", "title": "One", "layout": [name, mail, *rest]}]
    flow = shown({"twilio/flows": {"body": "x", "pages": pages}})["twilio/flows"]
    assert (flow["subtitle"], flow["media_url"]) == (None, None)
    lacking = {"name": None, "required": None}
    assert flow["pages"] == [
        {
            "id": "1",
            "title": "One",
            "subtitle": None,
            "next_page_id": None,
            "layout": [
                {"type": "SHORT_TEXT", **lacking, "input_type": "TEXT"},
                {"type": "SHORT_TEXT", **lacking, "input_type": "EMAIL"},
                {"type": "LONG_TEXT", **lacking, "input_type": None},
                {"type": "SINGLE_SELECT", **lacking},
                {"type": "X"},
            ],
        }
    ]


def test_a_payment() -> None:
    """Null where nothing was said, of Pix as well."""
    plain = shown({"twilio/pay": {"body": "x"}})["twilio/pay"]
    assert (plain["body"], plain["pix"], plain["payment_url"]) == ("x", None, None)
    status = {"type": "ORDER_STATUS", "status": "processing"}
    told = shown({"twilio/pay": {"body": "x", "pix": status}})["twilio/pay"]
    assert told["pix"] == {**status, "code": None, "key": None, "key_type": None}


@pytest.mark.parametrize(
    "kind", [*dict.fromkeys(kind for kind, _, _ in SHAPES), "twilio/flows", "twilio/pay"]
)
def test_anything_can_be_shown(kind: str) -> None:
    """A snapshot may hold attributes that no schema has seen."""
    values: tuple[Any, ...] = (7, [7], [{}], None)
    for value in values:
        strange = {"actions": value, "cards": value, "items": value}
        strange |= {"code_expiration_minutes": "soon", "pages": value, "pix": value}
        assert shown({kind: strange})[kind].keys() >= strange.keys()
