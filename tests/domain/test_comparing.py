"""Expressions: Python's, but none may stand still."""

import pytest

from mockserver.domain.comparing import TooSlow, expression, searching
from mockserver.domain.faults import TOO_SLOW, DeliveryRule, When, decide
from mockserver.domain.matching import TEXT_FIELDS, Matcher

NESTED = r"(x+x+)+y"
LONG = "x" * 2_000


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (r"code (\d+)", "Your code 123"),
        (r"(?i)YES\b", "oh yes"),
        (r"(?P<word>\w+) (?P=word)", "no no"),
        (r"(?<=\$)\d+(?!\d)", "it costs $12"),
        (r"^\s*[[:]", " [a"),
        (r"é", "café"),
    ],
)
def test_expressions_of_python(text: str, body: str) -> None:
    """Groups, names, what stands before and behind, and flags are as in `re`."""
    assert searching(text)(body) is not None
    assert searching(text)("") is None


@pytest.mark.parametrize("text", ["[", "(", "(?P<a>", "*", r"\1", "(?i"])
def test_what_is_no_expression(text: str) -> None:
    """Is refused when it is read."""
    with pytest.raises(ValueError, match="is not a regular expression"):
        expression(text)


def test_one_that_goes_back_and_forth_is_given_up() -> None:
    """With the fix; and it is not tried a second time, whatever the text."""
    search = searching(NESTED)
    assert search("xxy") is not None
    for body in (LONG, "xxy"):
        with pytest.raises(TooSlow, match="without a repetition inside another"):
            search(body)


def test_a_rule_with_one_matches_nothing() -> None:
    """It is counted, and the next rule decides."""
    slow = When(Matcher.compile({"body_regex": NESTED}, fields=TEXT_FIELDS))
    rules = (DeliveryRule("slow", slow, "failed"), DeliveryRule("rest", When(), "sent"))
    decided, changes = decide(rules, {"body": LONG}, lambda: 0.5, {})
    assert decided is rules[1]
    assert changes == {f"slow.{TOO_SLOW}": 1, "rest.matched": 1, "rest.fired": 1}
