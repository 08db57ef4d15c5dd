"""What a handset writes back, and to whom it can."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import HANDSET_FIELDS, HandsetRule, When
from mockserver.domain.handset_answers import HandsetAnswer, answer_text, check_answer
from mockserver.domain.matching import Matcher

HANDSET, NUMBER = "+14155552671", "+15017122661"


def rule(reply: str, **filters: object) -> HandsetRule:
    return HandsetRule("one", When(Matcher.compile(filters, fields=HANDSET_FIELDS)), reply)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("yes", "yes"),
        (r"\1", "1234"),
        (r"it was \g<code>.", "it was 1234."),
        (r"\0!", "code 1234!"),
        (r"\g<0>", "code 1234"),
        (r"C:\temp \n", r"C:\temp \n"),
        (r"[\2]", "[]"),
    ],
)
def test_a_reply_has_the_groups_of_what_was_found(reply: str, answer: str) -> None:
    """By number or name, 0 being all of it; empty where one had no part; no other escapes."""
    pattern = r"code (?P<code>\d+)(x)?"
    assert answer_text(reply, (pattern,), "Your code 1234 is here") == answer
    assert rule(reply, body_regex=pattern).answer("Your code 1234 is here") == answer


def test_the_first_expression_that_is_found_has_the_groups() -> None:
    """In the order of the list, not in that of the text."""
    either = rule(r"\1", body_regex=[r"pin (\d+)", r"code (\d+)"])
    assert either.answer("code 12") == "12"
    assert either.answer("code 12, pin 34") == "34"


@pytest.mark.parametrize(
    ("reply", "patterns", "sentence"),
    [
        (r"\1", (), r"`\1` stands for a group of `body_regex`: add one to `when`"),
        (r"\2", (r"(a)",), r"`\2` is in the reply, but '(a)' has no such group"),
        (r"\g<n>", (r"(?P<n>a)", r"(b)"), r"`\g<n>` is in the reply, but '(b)' has no such group"),
    ],
)
def test_a_group_that_there_is_not(reply: str, patterns: tuple[str, ...], sentence: str) -> None:
    """Is refused when the rule is made, whichever expression lacks it."""
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        check_answer(reply, patterns)


def test_a_rule_with_such_a_reply_is_refused() -> None:
    """By the record itself."""
    with pytest.raises(ValueError, match="has no such group"):
        rule(r"\1", body_regex="a")


@given(st.text(), st.text())
def test_any_text_is_written_as_it_is(reply: str, body: str) -> None:
    """Where no group is named, whatever was written to the handset."""
    check_answer(reply.replace("\\", ""), ())
    assert answer_text(reply.replace("\\", ""), (), body) == reply.replace("\\", "")


@pytest.mark.parametrize(
    ("handset", "number", "possible"),
    [
        (HANDSET, NUMBER, True),
        (HANDSET, "12345", True),
        (f"whatsapp:{HANDSET}", f"whatsapp:{NUMBER}", True),
        (f"rcs:{HANDSET}", "rcs:agent", True),
        ("messenger:someone", "messenger:page", True),
        (HANDSET, "ACME", False),
        (HANDSET, "MG" + "a" * 32, False),
        (HANDSET, "", False),
        (HANDSET, f"whatsapp:{NUMBER}", False),
        ("nobody", NUMBER, False),
    ],
)
def test_who_can_be_written_to(handset: str, number: str, *, possible: bool) -> None:
    """A number or a channel's sender, on the handset's channel; no name, no service, nothing."""
    assert HandsetAnswer(0, handset, number, "").possible is possible
