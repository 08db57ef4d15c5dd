"""Expressions that strangers write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.expressions import LARGEST, expression

LETTERS = "a" * 1_600 + "!"


@pytest.mark.parametrize(
    ("text", "fitting"),
    [("der", True), ("^der", False), ("(?i)ORDER", True), (r"\bOr\w+ \d{2}$", True), ("", True)],
)
def test_it_may_fit_anywhere(text: str, fitting: bool) -> None:
    """Unless it says where."""
    assert expression(text)("An Order 42") is fitting


@pytest.mark.parametrize("text", ["(a+)+$", "(a|aa)+$", "a*" * 200 + "b", "(.*a){20}$"])
def test_none_takes_long(text: str) -> None:
    """What Python's engine would not answer in a lifetime."""
    assert not expression(text)(LETTERS)


@pytest.mark.parametrize("text", ["(", "[z-a]", r"(a)\1", "(?=a)", "(" * 5_000, "a{99999999999}"])
def test_what_is_none(text: str) -> None:
    """Is refused: also what looks around or back, and what nests without end."""
    with pytest.raises(ValueError, match="is no regular expression"):
        expression(text)


def test_how_large_one_may_be() -> None:
    """So large that it is compiled, and looks at a text, within milliseconds."""
    assert not expression("a{1000}")("b")
    with pytest.raises(ValueError, match="is no regular expression"):
        expression(f"a{{{LARGEST}}}")


@given(st.text(max_size=40), st.text(max_size=40))
def test_anything_is_read_or_refused(text: str, other: str) -> None:
    """With no other error."""
    try:
        looks = expression(text)
    except ValueError:
        return
    assert looks(other) in (True, False)
