"""What a message costs."""

import pytest

from mockserver.domain.prices import price


@pytest.mark.parametrize(
    ("to", "segments", "dollars"),
    [
        ("+14155552671", 1, "-0.00790"),
        ("+14155552671", 2, "-0.01580"),
        ("+447700900123", 1, "-0.04000"),
        ("+447700900123", 26, "-1.04000"),
        ("whatsapp:+14155552671", 1, "-0.04000"),
    ],
)
def test_price(to: str, segments: int, dollars: str) -> None:
    """A rate per segment, lower behind +1; negative, in dollars, with five decimals."""
    assert price(to, segments) == dollars
