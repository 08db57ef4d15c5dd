"""What a message costs."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.prices import price


@pytest.mark.parametrize(
    ("to", "segments", "dollars"),
    [
        ("+14155552671", 1, "-0.00790"),
        ("+14155552671", 2, "-0.01580"),
        ("+447700900123", 1, "-0.04000"),
        ("+447700900123", 26, "-1.04000"),
    ],
)
def test_price(to: str, segments: int, dollars: str) -> None:
    """A rate per segment, lower behind +1; negative, in dollars, with five decimals."""
    assert price(to, segments) == dollars
    assert price(to, segments, {}) == dollars


@pytest.mark.parametrize(
    ("to", "dollars"),
    [
        ("+4915112345678", "-0.09000"),
        ("+493012345678", "-0.08000"),
        ("+447700900123", "-0.05000"),
        ("+14155552671", "-0.00790"),
        ("+18765550123", "-0.20000"),
    ],
)
def test_the_longest_beginning_decides(to: str, dollars: str) -> None:
    """A list of one's own goes before the usual rates, of which +1's goes before "any other"."""
    prices = {"+49": 8_000, "+49151": 9_000, "+1876": 20_000, "": 5_000}
    assert price(to, 1, prices) == dollars


@given(st.integers(0, 10**9), st.integers(1, 30))
def test_a_price_is_exact(rate: int, segments: int) -> None:
    """Whatever the rate, segments times it, to the hundred-thousandth of a dollar."""
    text = price("+999", segments, {"+999": rate})
    assert re.fullmatch(r"-[0-9]+\.[0-9]{5}", text)
    assert Decimal(text) * -100_000 == rate * segments
