"""Numbering plans beyond +1."""

import pytest

from mockserver.domain.market import countries
from mockserver.domain.plans import TYPES, example, is_kind, kind_of


def test_every_kind_on_sale_has_examples() -> None:
    """Of its own kind, in each country outside +1."""
    for country in countries().values():
        for kind in country.kinds:
            if country.code not in ("US", "CA"):
                number = f"+{example(country.code, kind)}"
                assert is_kind(number, kind), (country.code, kind)
                assert kind_of(number) == kind


@pytest.mark.parametrize("number", ["+0", "+999123456789", "no number", ""])
def test_what_is_no_number(number: str) -> None:
    """It is of no kind; asked for one, it counts as local."""
    assert not any(is_kind(number, kind) for kind in TYPES)
    assert kind_of(number) == "Local"


def test_a_kind_that_a_country_lacks() -> None:
    """No example."""
    assert example("DK", "SharedCost") == ""
