"""A template filled in: its text, its files, its buttons."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.content import CHANNELS, ContentTemplate
from mockserver.domain.content.rendering import Rendering, Shown, is_malformed, render

SID, ACCOUNT = "HX" + "a" * 32, "AC" + "a" * 32


def rendering(kind: str, attributes: dict[str, Any], **variables: str) -> Rendering:
    made = ContentTemplate(SID, ACCOUNT, {kind: attributes}, variables={"own": "mine", "1": "one"})
    return render(made, kind, variables)


def test_values_stand_in_for_placeholders() -> None:
    """The message's, else the template's, else the placeholder stays; values are not read again."""
    found = rendering("twilio/text", {"body": "{{a}} {{ 1 }} {{own}} {{b}}"}, a="{{1}}")
    assert (found.body, found.missing) == ("{{1}} one mine {{b}}", ("b",))


def test_every_text_of_a_type_is_filled_in() -> None:
    """However deep; numbers stay numbers."""
    actions = [{"type": "URL", "title": "{{a}}", "url": "https://example.com/{{a}}", "n": 7}]
    card = {"title": "T {{a}}", "body": "B", "media": ["https://{{a}}/x.png"], "actions": actions}
    found = rendering("twilio/card", card, a='"q" \\ é\n')
    said = '"q" \\ é\n'
    assert (found.body, found.media) == (f"T {said}\n\nB", (f"https://{said}/x.png",))
    assert found.shown.document == {
        "title": f"T {said}",
        "body": "B",
        "media": [f"https://{said}/x.png"],
        "actions": [{**actions[0], "title": said, "url": f"https://example.com/{said}"}],
    }
    assert (found.shown.content_sid, found.shown.type) == (SID, "twilio/card")
    assert json.loads(found.shown.variables) == {"a": said}


def test_an_authentication_is_its_code() -> None:
    """Whatever else it shows."""
    attributes = {"actions": [{"type": "COPY_CODE", "copy_code_text": "Copy"}]}
    found = rendering("whatsapp/authentication", attributes, **{"1": "123456"})
    assert found.body == "123456"


def test_whatsapp_takes_what_it_did_not_approve_for_free_text() -> None:
    """As the template has it."""
    assert rendering("twilio/text", {"body": "x"}).free
    made = ContentTemplate(SID, ACCOUNT, {"twilio/text": {"body": "x"}}, approval="approved")
    assert not render(made, "twilio/text", {}).free


def shown(**attributes: Any) -> Shown:
    return Shown(SID, "twilio/card", json.dumps(attributes))


def test_what_a_tap_tells() -> None:
    """A quick reply's id, or what it says; other buttons answer nothing; cards have theirs."""
    actions = [
        {"type": "QUICK_REPLY", "title": "Yes", "id": "y"},
        {"title": "No", "id": None},
        {"type": "URL", "title": "Go", "url": "x"},
        {"type": "QUICK_REPLY"},
        7,
    ]
    assert shown(actions=actions).buttons == {"Yes": "y", "No": "No"}
    cards = [{"actions": [{"type": "QUICK_REPLY", "title": "One"}]}, {"actions": actions[:1]}, 7]
    assert shown(cards=cards).buttons == {"One": "One", "Yes": "y"}
    assert shown(actions=7, cards="x").buttons == shown().buttons == {}


@pytest.mark.parametrize("text", ["{{x}", "{{}}", "{{a b}}", "{{1 | upcase}}", "{{{{1}}}}"])
def test_a_placeholder_that_is_none(text: str) -> None:
    """In any text of the type that is sent, and in no other."""
    types: dict[str, Any] = {
        "twilio/text": {"body": "Hi"},
        "twilio/card": {"actions": [{"title": text}]},
    }
    made = ContentTemplate(SID, ACCOUNT, types)
    assert is_malformed(made, "twilio/card")
    assert not is_malformed(made, "twilio/text")


@pytest.mark.parametrize("text", ["", "{{1}}", "{{ name }}", "{x}", "}} {", "{{{1}}}"])
def test_what_is_no_placeholder_at_all(text: str) -> None:
    """Single braces are text."""
    assert not is_malformed(
        ContentTemplate(SID, ACCOUNT, {"twilio/text": {"body": text}}), "twilio/text"
    )


@pytest.mark.parametrize(
    ("attributes", "variables"),
    [("{", "{}"), ("[]", "{}"), ("{}", "7"), ("{}", ""), ("[" * 100_000, "{}")],
)
def test_what_nobody_shows(attributes: str, variables: str) -> None:
    """A snapshot may bring anything."""
    assert not Shown(SID, "twilio/text", attributes, variables).is_sound
    assert Shown(SID, "twilio/text", "{}").is_sound


texts = st.text(st.characters(codec="utf-8"), max_size=8)
bodies = st.lists(st.sampled_from(["{{1}}", "{{ own }}", "{{", "}}", "{", '"', "\\", "\n"]) | texts)


@given(st.sampled_from([*CHANNELS]), bodies.map("".join), st.dictionaries(texts, texts, max_size=3))
def test_whatever_is_filled_in(kind: str, body: str, variables: dict[str, str]) -> None:
    """The attributes stay JSON, and say what the body says."""
    found = render(ContentTemplate(SID, ACCOUNT, {kind: {"body": body}}), kind, variables)
    assert found.shown.is_sound
    assert isinstance(found.shown.document["body"], str)
    if kind == "twilio/text" and "\n" not in body:
        assert found.shown.document["body"] == found.body
    msgspec.json.encode(found)
