"""States and provinces: their area codes and postal codes."""

import pytest

from mockserver.domain.addresses import country
from mockserver.domain.rates import TOLL_FREE
from mockserver.domain.regions import by_area, regions


def test_all_states_and_provinces() -> None:
    """Fifty states and the capital; what Twilio sells of Canada."""
    codes = [region.code for region in regions()]
    assert len(set(codes)) == len(codes)
    assert sum(region.country == "US" for region in regions()) == 51
    assert sum(region.country == "CA" for region in regions()) == 10


def test_area_codes_are_in_one_region_and_the_right_country() -> None:
    """As the addresses of messages have it."""
    areas = [area for region in regions() for area in region.areas]
    assert len(set(areas)) == len(areas) == len(by_area())
    for area, region in by_area().items():
        assert country(f"+1{area}2345678") == region.country
        assert f"+1{area}" not in TOLL_FREE


@pytest.mark.parametrize(
    ("postal", "code"),
    [("94612", "CA"), ("96720", "HI"), ("02139", "MA"), ("V6B 1A1", "BC"), ("h2x 1y4", "QC")],
)
def test_a_postal_code_is_in_one_region(postal: str, code: str) -> None:
    """By how it begins."""
    found = [region.code for region in regions() if region.has_postal(postal)]
    assert found == [code]


def test_middles_are_in_north_america() -> None:
    """Hawaii and Alaska included."""
    for region in regions():
        assert 18 < region.latitude < 66
        assert -160 < region.longitude < -50
