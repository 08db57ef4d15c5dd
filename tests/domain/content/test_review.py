"""What WhatsApp makes of a template: what it looks at, and what it says next."""

from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.domain.content import Approval, ContentTemplate, Submission
from mockserver.domain.content.review import next_word, submission_of, submittable

SID, ACCOUNT = "HX" + "a" * 32, "AC" + "a" * 32
SAMPLES = {"1": "Ada", "2": "Bob"}
BUTTONS = {"actions": [{"title": "Go {{2}}"}]}


def template(body: str = "Hi {{1}}!", kind: str = "twilio/text", **more: Any) -> ContentTemplate:
    types = {kind: {"body": body, **more.pop("attributes", {})}}
    return ContentTemplate(SID, ACCOUNT, types, **{"variables": SAMPLES, **more})


def handed_in(made: ContentTemplate, name: str = "invitation") -> ContentTemplate:
    """The same, received at 10."""
    given = Submission(name, "UTILITY", submittable(made), at=10, due=15)
    return replace(made, approval="received", submission=given)


def decided(made: ContentTemplate, name: str = "invitation", *, rejects: bool = False) -> str:
    """Why it is rejected; "" where it is approved."""
    pending = next_word(handed_in(made, name), 5, rejects=rejects)
    found = next_word(pending, 5, rejects=rejects)
    given = submission_of(found)
    assert given.due == 0
    assert (found.approval == "rejected") == bool(given.rejection_reason)
    return given.rejection_reason


def test_the_usual_way() -> None:
    """Received, pending, approved; each step with the same time before it."""
    pending = next_word(handed_in(template()), 5, rejects=False)
    assert (pending.approval, submission_of(pending).due) == ("pending", 20)
    approved = next_word(pending, 5, rejects=False)
    assert (approved.approval, submission_of(approved).due) == ("approved", 0)
    assert submission_of(approved).at == 10


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{{1}} is here!", "the body begins with a variable"),
        (" {{ 1 }} is here!", "the body begins with a variable"),
        ("It is {{1}}", "the body ends with a variable"),
        ("It is {{1}}\n", "the body ends with a variable"),
        ("Hi {{1}}{{2}}!", "two variables are next to each other"),
        ("Hi {{1}} {{2}}!", "two variables are next to each other"),
        ("Hi {{3}}, {{name}}!", "there is no sample for 3, name"),
        ("{{1}}", "the body begins with a variable; the body ends with a variable"),
    ],
)
def test_a_format_that_is_rejected(body: str, reason: str) -> None:
    """The reason says what is wrong."""
    found = decided(template(body, kind="twilio/quick-reply", attributes=BUTTONS))
    assert found == f"INVALID_FORMAT. In this template {reason}."


@pytest.mark.parametrize("body", ["Hi!", "Hi {{1}}!", "Hi {{1}}, {{2}}.", "Hi {1} {{1}} {2}"])
def test_a_format_that_is_approved(body: str) -> None:
    """Variables within the text, each with a sample."""
    assert decided(template(body)) == ""


def test_a_code_is_a_body_of_its_own() -> None:
    """That of an authentication is a variable, and nothing else."""
    types = {"whatsapp/authentication": {"actions": [{"copy_code_text": "Copy"}]}}
    assert decided(ContentTemplate(SID, ACCOUNT, types)) == ""


def test_a_button_without_a_sample() -> None:
    """Counts as the body does."""
    made = template("Hi!", "twilio/quick-reply", attributes=BUTTONS, variables={})
    assert decided(made) == "INVALID_FORMAT. In this template there is no sample for 2."


def test_a_template_that_is_to_be_rejected() -> None:
    """By its name, or because the scenario says so."""
    assert "`reject`" in decided(template(), "please_reject_this")
    assert "told to reject" in decided(template(), rejects=True)


def test_the_type_that_is_handed_in() -> None:
    """The richest of WhatsApp's, but no list picker, which is for sessions."""
    types: dict[str, dict[str, Any]] = {"twilio/list-picker": {}, "twilio/text": {}}
    assert submittable(ContentTemplate(SID, ACCOUNT, types)) == "twilio/text"
    assert submittable(ContentTemplate(SID, ACCOUNT, {"twilio/list-picker": {}})) == ""
    types["twilio/card"] = {}
    assert submittable(ContentTemplate(SID, ACCOUNT, types)) == "twilio/card"


@pytest.mark.parametrize(
    ("name", "approval", "expected"),
    [
        ("", "unsubmitted", ("", "", "")),
        ("Order, shipped!", "approved", ("order_shipped", "UTILITY", "twilio/text")),
        ("?", "pending", (SID.lower(), "UTILITY", "twilio/text")),
    ],
)
def test_an_approval_that_was_set_up(
    name: str, approval: Approval, expected: tuple[str, str, str]
) -> None:
    """Looks as if somebody had handed it in."""
    given = submission_of(template(friendly_name=name, approval=approval))
    assert (given.name, given.category, given.content_type) == expected
    assert given.due == 0
