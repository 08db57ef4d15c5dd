"""Reviews take their time."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.filings import (
    DECIDED,
    STAGES,
    TAKEN_UP,
    Filing,
    changed_at,
    stage,
    status,
)

AC: Final = "AC" + "a" * 32
SINCE: Final = 1_000_000_000


def filing(kind: str, **form: object) -> Filing:
    return Filing(kind + "a" * 32, AC, form, created_at=1, updated_at=SINCE)


@pytest.mark.parametrize("kind", STAGES)
@pytest.mark.parametrize(
    ("waited", "place"),
    [(0, 0), (TAKEN_UP - 1, 0), (TAKEN_UP, 1), (DECIDED - 1, 1), (DECIDED, 2), (10**15, 2)],
)
def test_stages(kind: str, waited: int, place: int) -> None:
    """Filed, taken up, decided; counted from when it was last handed in."""
    assert stage(filing(kind), SINCE + waited) == place
    assert status(filing(kind), SINCE + waited) == STAGES[kind][place]


@given(st.integers(0, 2 * DECIDED), st.sampled_from([*STAGES]))
def test_a_change_is_never_ahead(waited: int, kind: str) -> None:
    """It was changed when its review came to where it is."""
    at = changed_at(filing(kind), SINCE + waited)
    assert SINCE <= at <= SINCE + waited
    assert stage(filing(kind), at) == stage(filing(kind), SINCE + waited)


def test_mock_brands() -> None:
    """Are decided at once; nothing else is."""
    brand = filing("BN", Mock=True)
    assert (status(brand, SINCE), changed_at(brand, SINCE + DECIDED)) == ("APPROVED", SINCE)
    assert status(filing("BN", Mock=False), SINCE) == "PENDING"
    assert status(filing("QE", Mock=True), SINCE) == "PENDING"
