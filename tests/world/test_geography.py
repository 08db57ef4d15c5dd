"""Where webhooks say that a number is at home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.inbound import Place
from mockserver.domain.places import by_area
from mockserver.domain.regions import by_area as regions_by_area
from mockserver.world.dice import Dice
from mockserver.world.geography import GROUPS, Geography, group_of
from mockserver.world.towns import Towns


@given(st.sampled_from(sorted(by_area())), st.integers(2_000_000, 9_999_999), st.integers(0, 99))
def test_a_number_is_where_its_area_code_is(area: str, line: int, seed: int) -> None:
    """One of the towns there, the same whenever and by whomever it is asked."""
    number = f"+1{area}{line}"
    place, region = Geography(Dice(seed)).of(number), regions_by_area()[area]
    assert (place.city, place.zip) in by_area()[area]
    assert (place.state, place.country) == (region.code, region.country)
    assert Geography(Dice(seed)).of(number) == place


def test_seeds_and_exchanges_differ() -> None:
    """Another seed is another map; an exchange is in one town, the next in another."""
    numbers = [f"+1415{exchange}5678" for exchange in range(234, 234 + GROUPS)]

    def told(seed: int) -> list[Place]:
        return [Geography(Dice(seed)).of(number) for number in numbers]

    assert len(set(told(7))) > 1
    assert len({tuple(told(seed)) for seed in range(5)}) > 1
    one = Geography(Dice(7))
    assert one.of("+14152340000") == one.of("+14152349999")
    assert group_of("+14152340000") == group_of("+14152349999") != group_of("+14152350000")


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+442071838750", "GB"),
        ("+18005550199", "US"),
        ("+15005550006", "US"),
        ("+18765550123", "JM"),
        ("+88213300000", ""),
        ("12345", "US"),
        ("", ""),
        ("rcs:agent", ""),
    ],
)
def test_of_others_only_the_country_is_known(number: str, country: str) -> None:
    """Abroad, free of charge, magic, short, at home nowhere, or no number at all."""
    assert Geography(Dice(7)).of(number) == Place(country=country)


def test_offers_of_numbers_agree() -> None:
    """Whoever buys a number of a town is told that it was that town's."""
    number = "+12125551234"
    town, place = Towns(Dice(7)).of(number), Geography(Dice(7)).of(number)
    assert (town.name.upper(), town.region, town.postal_code) == (place.city, "NY", place.zip)
    canadian = Towns(Dice(7)).of("+14165551234")
    assert canadian.postal_code[0] in "KLMNP"
