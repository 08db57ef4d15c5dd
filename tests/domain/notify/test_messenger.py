"""What a Message on Messenger has of what its Send API would get."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.notify.messenger import messenger_form

TEXT = {"message": {"text": "Ahoy"}}


def attached(**payload: Any) -> dict[str, Any]:
    return {"message": {"attachment": {"type": "template", "payload": payload}}}


@pytest.mark.parametrize(
    ("document", "form"),
    [
        (TEXT, {"Body": "Ahoy"}),
        ({**TEXT, "notification_type": "REGULAR"}, {"Body": "Ahoy"}),
        (attached(template_type="button", text="Which?", buttons=[]), {"Body": "Which?"}),
        (attached(elements=[{"title": "Hat"}, {"title": 1}, 2, {"title": "Cap"}]), "Hat\nCap"),
        (attached(url="https://example.com/1.png"), {"MediaUrl": ["https://example.com/1.png"]}),
        (attached(url="u", text="t"), {"Body": "t", "MediaUrl": ["u"]}),
        ({"sender_action": "typing_on"}, {}),
        ({}, {}),
    ],
)
def test_what_a_message_has(document: dict[str, Any], form: Any) -> None:
    """The text, else that of a template, and the URL of a file; it comes from the page."""
    wanted = {"Body": form} if isinstance(form, str) else form
    assert messenger_form(document, "4") == {"From": "messenger:4", **wanted}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["message", "attachment", "payload", "text", "url", "elements"]), inner
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["message", "text"]), VALUES))
def test_any_document(document: dict[str, Any]) -> None:
    """Makes parameters that are texts and not empty."""
    form = messenger_form(document, "4")
    assert isinstance(form.get("Body", "x"), str)
    assert form.get("Body", "x")
    assert all(isinstance(each, str) and each for each in form.get("MediaUrl", ["x"]))
