"""Near misses: the likest first."""

import pytest

from mockserver.domain.likeness import LOOKED_AT, distance
from mockserver.domain.matching import Difference


@pytest.mark.parametrize(
    ("expected", "nearer", "farther"),
    [
        ("Your cod is", "Your code is 123456", "Your order has shipped"),
        ("your code", "YOUR CODE", "Your order"),
        ("+14155552670", "+14155552671", "+4915112345678"),
        (["+1999", "+14155552670"], "+14155552671", "+4915112345678"),
        ("shipped", f"{'x' * 500} shipped", "ship"),
        ("ab", "AB", "ba"),
    ],
)
def test_what_has_more_of_it_is_nearer(expected: object, nearer: str, farther: str) -> None:
    """In whatever case, and however long the rest is; of a list, the likest counts."""
    assert distance({"body": Difference(expected, nearer)}) < distance(
        {"body": Difference(expected, farther)}
    )


def test_fewer_differences_are_nearer_than_like_ones() -> None:
    """One that has nothing of it, before two that nearly fit."""
    one = {"body": Difference("abcdef", "xyz")}
    two = {"body": Difference("abcdef", "abcde"), "to": Difference("+14155", "+14156")}
    assert distance(one) < distance(two)


@pytest.mark.parametrize(
    "difference",
    [Difference(30003, None), Difference("delivered", ["queued"]), Difference([30003], 30004)],
)
def test_what_is_no_text_is_as_far_as_can_be(difference: Difference) -> None:
    """Numbers are the same, or they are not."""
    assert distance({"x": difference}) == (1, 1)


def test_a_long_text_is_looked_at_to_some_length() -> None:
    """A search for near misses goes through many."""
    assert distance({"body": Difference("abc", "x" * LOOKED_AT + "abc")}) == (1, 1)
    assert distance({"body": Difference("", "abc")}) == (1, 1)
