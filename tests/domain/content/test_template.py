"""Content templates: which of their types goes where, and what a message has of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.content import APPROVALS, CHANNELS, IN_SESSION, ContentTemplate

SID, ACCOUNT = "HX" + "a" * 32, "AC" + "a" * 32

TEXT = {"body": "Hi {{1}}"}
MEDIA = {"body": "Look", "media": ["https://example.com/{{2}}.png"]}
CARD = {"title": "Hats", "body": "For {{1}}", "media": ["https://example.com/hat.png"]}


def template(**types: Any) -> ContentTemplate:
    """One with types by the second half of their names, `whatsapp_card` by its whole one."""
    named = {
        name.replace("_", "/", 1) if name.startswith("whatsapp") else f"twilio/{name}": value
        for name, value in types.items()
    }
    return ContentTemplate(SID, ACCOUNT, {k.replace("_", "-"): v for k, v in named.items()})


def test_the_richest_type_that_a_channel_can_show() -> None:
    """In the documents' order of complexity, whatever the order in the template."""
    many = template(card=CARD, media=MEDIA, text=TEXT, quick_reply={"body": "?"})
    found = {name: many.type_for(name) for name in ("sms", "rcs", "whatsapp", "messenger")}
    assert found == {
        "sms": "twilio/media",
        "rcs": "twilio/card",
        "whatsapp": "twilio/card",
        "messenger": "twilio/card",
    }


def test_a_channel_that_can_show_nothing_of_it() -> None:
    """Has no type; nobody can be sent such a message there."""
    place = template(location={"latitude": 1, "longitude": 2})
    assert place.type_for("whatsapp") == "twilio/location"
    assert place.type_for("sms") == place.type_for("fax") == ""


def test_text_goes_everywhere_and_whatsapp_shows_everything() -> None:
    """As the table of the content types overview has it."""
    assert CHANNELS["twilio/text"] == {"sms", "rcs", "whatsapp", "messenger"}
    assert all("whatsapp" in places for places in CHANNELS.values())
    assert [name for name, places in CHANNELS.items() if "sms" in places] == [
        "twilio/text",
        "twilio/media",
    ]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (template(text=TEXT), "Hi {{1}}"),
        (template(card=CARD), "Hats\n\nFor {{1}}"),
        (template(card={"title": "Hats", "subtitle": "new"}), "Hats"),
        (template(location={"latitude": 1, "longitude": 2, "label": "Here"}), "Here"),
        (template(schedule={"title": "When?"}), "When?"),
        (template(whatsapp_authentication={"actions": [{"copy_code_text": "Copy"}]}), "{{1}}"),
        (template(media={"media": []}), ""),
        (template(text={"body": 7}), ""),
    ],
)
def test_the_words_of_a_type(made: ContentTemplate, words: str) -> None:
    """Its body; of a card the title before it; of an authentication the code."""
    assert made.words(next(iter(made.types))) == words


def test_the_media_of_a_type() -> None:
    """Those of a carousel are its cards'; what is no URL is nothing."""
    assert template(media=MEDIA).media("twilio/media") == ("https://example.com/{{2}}.png",)
    cards = [{"media": "https://example.com/1"}, {"media": ["https://example.com/2"]}, {}, 7]
    carousel = template(carousel={"body": "", "cards": cards})
    assert carousel.media("twilio/carousel") == ("https://example.com/1", "https://example.com/2")
    assert template(card={"media": [7, ""], "cards": 7}).media("twilio/card") == ()


def test_what_nobody_fills_in() -> None:
    """Keys of all texts of a type, buttons included, for which the template has no value."""
    buttons = [{"title": "{{3}}", "url": "https://example.com/{{name}}"}]
    types: dict[str, Any] = {
        "twilio/card": {**CARD, "actions": buttons},
        "twilio/text": {"body": "{{9}}"},
    }
    made = ContentTemplate(SID, ACCOUNT, types, variables={"3": "x"})
    assert made.unfilled("twilio/card") == ("1", "name")
    assert made.unfilled("twilio/text") == ("9",)


@pytest.mark.parametrize("approval", APPROVALS)
def test_what_whatsapp_did_not_approve_is_free_text(approval: Any) -> None:
    """And so is what it never approves."""
    made = {"twilio/text": TEXT}
    assert ContentTemplate(SID, ACCOUNT, made, approval=approval).free == (approval != "approved")
    for kind in IN_SESSION:
        assert ContentTemplate(SID, ACCOUNT, {kind: {}}, approval="approved").free


anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["body", "title", "media", "cards", "x"]), inside, max_size=4
        )
    ),
)


@given(st.sampled_from([*CHANNELS]), st.dictionaries(st.text(max_size=5), anything, max_size=5))
def test_whatever_a_template_holds_can_be_read(kind: str, attributes: dict[str, Any]) -> None:
    """A snapshot or an import may bring attributes that no check has seen."""
    made = ContentTemplate(SID, ACCOUNT, {kind: attributes})
    assert isinstance(made.words(kind), str)
    assert all(isinstance(url, str) for url in made.media(kind))
    assert all(isinstance(key, str) for key in made.unfilled(kind))


def test_attributes_of_any_depth_can_be_read() -> None:
    """Without exhausting the stack."""
    deep: Any = "{{1}}"
    for _ in range(5_000):
        deep = [deep]
    assert template(text={"body": "", "x": deep}).unfilled("twilio/text") == ("1",)


@pytest.mark.parametrize(
    ("types", "sound"),
    [
        ({"twilio/text": TEXT}, True),
        ({"twilio/card": {"a": [{"b": [{"c": [1]}]}]}}, True),
        ({}, False),
        ({"twilio/texts": TEXT}, False),
    ],
)
def test_types_that_are_sound(types: dict[str, dict[str, Any]], sound: bool) -> None:
    """There are some, and all are known."""
    assert ContentTemplate(SID, ACCOUNT, types).is_sound is sound


def test_how_deep_attributes_may_be() -> None:
    """So that they can be written and read as JSON."""
    deep: Any = "x"
    for _ in range(31):
        deep = [deep]
    assert template(text={"body": deep}).is_sound is False
    assert template(text={"body": deep[0]}).is_sound
