"""The search for numbers to buy: repeatable, realistic, and as asked."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.addresses import country, parse_to
from mockserver.domain.market import KINDS, MOST_OFFERS, Offer, Pattern, countries, kind_of
from mockserver.domain.numbers import Number
from mockserver.domain.regions import by_area, regions
from mockserver.world.dice import Dice
from mockserver.world.market import Market
from mockserver.world.tables import Tables

SOLD = [(code, kind) for code, each in countries().items() for kind in each.kinds]


def search(
    code: str = "US", kind: str = "Local", most: int = MOST_OFFERS, seed: int = 7, **asked: Any
) -> list[Offer]:
    return Market(Tables(), Dice(seed)).search(countries()[code], kind, asked, most)


def numbers(offers: list[Offer]) -> list[str]:
    return [offer.phone_number for offer in offers]


@pytest.mark.parametrize(("code", "kind"), SOLD)
def test_every_kind_of_every_country(code: str, kind: str) -> None:
    """Numbers that can exist, of that kind, of that country, none twice."""
    found = numbers(search(code, kind))
    assert len(found) >= 10
    assert len(set(found)) == len(found)
    for number in found:
        assert parse_to(number).value == number
        assert kind_of(number) == kind
        assert code == "CA" if kind == "TollFree" and code == "CA" else country(number) == code


def test_the_same_search_finds_the_same_until_one_is_bought() -> None:
    """Then the others, and one more."""
    tables, us = Tables(), countries()["US"]
    market = Market(tables, Dice(7))
    first = numbers(market.search(us, "Local", {}, 5))
    assert numbers(market.search(us, "Local", {}, 6))[:5] == first
    tables.numbers[first[1]] = Number(first[1], "AC" + "a" * 32)
    after = numbers(market.search(us, "Local", {}, 5))
    assert after[:4] == [first[0], *first[2:]]
    assert first[1] not in after


def test_the_seed_decides() -> None:
    """Which numbers there are, and where they are."""
    assert search() == search()
    assert not set(numbers(search(seed=7))) & set(numbers(search(seed=8)))


def test_a_number_is_at_home_in_one_place() -> None:
    """However it is searched for."""
    [offer] = search(most=1)
    [again] = search(Contains=offer.phone_number)
    assert again == offer


def test_what_is_known_of_a_place() -> None:
    """A town, its state, postal code, rate center and whereabouts, as Twilio writes them."""
    for offer in search(InRegion="HI"):
        assert offer.region == "HI"
        assert offer.phone_number.startswith("+1808")
        assert offer.postal_code[:3] in ("967", "968")
        assert offer.rate_center == offer.locality.upper()[:10].rstrip()
        assert 18 < float(offer.latitude) < 22
        assert -157 < float(offer.longitude) < -153
        assert offer.friendly_name == f"(808) {offer.phone_number[5:8]}-{offer.phone_number[8:]}"


def test_toll_free_numbers_are_nowhere() -> None:
    """Neither are mobiles of other countries."""
    for offer in (*search(kind="TollFree"), *search("GB", "Mobile")):
        assert (offer.locality, offer.region, offer.latitude) == ("", "", "")


def test_towns_abroad() -> None:
    """Real ones, with their whereabouts."""
    for offer in search("DE"):
        assert offer.locality
        assert 47 < float(offer.latitude) < 55.1
    assert {offer.locality for offer in search("GB", InLocality="Leeds")} == {"Leeds"}


@pytest.mark.parametrize("region", regions(), ids=lambda region: str(region.code))
def test_regions(region: Any) -> None:
    """Each has numbers, with its own area codes and postal codes."""
    for offer in search(region.country, most=3, InRegion=region.code.lower()):
        assert offer.region == region.code
        assert by_area()[offer.phone_number[2:5]] is region
        assert region.has_postal(offer.postal_code)


@pytest.mark.parametrize(
    ("asked", "field", "value"),
    [
        ({"InLocality": "Hilo", "InRegion": "HI"}, "locality", "Hilo"),
        ({"InPostalCode": "94612"}, "postal_code", "94612"),
        ({"InPostalCode": "94612"}, "region", "CA"),
        ({"InLata": "834", "InRateCenter": "HILO"}, "lata", "834"),
        ({"InLata": "834", "InRateCenter": "HILO"}, "rate_center", "HILO"),
        ({"NearLatLong": "19.72,-155.09", "Distance": 50}, "region", "HI"),
        ({"NearLatLong": "19.72,-155.09", "Distance": 50}, "latitude", "19.720000"),
        ({"NearNumber": "+18089251571"}, "region", "HI"),
        ({"AreaCode": 808}, "region", "HI"),
    ],
)
def test_what_is_asked_of_a_place_makes_it(asked: Any, field: str, value: str) -> None:
    """All numbers found are there."""
    found = search(**asked)
    assert len(found) == MOST_OFFERS
    assert {getattr(offer, field) for offer in found} == {value}


def test_a_place_may_be_that_of_a_number() -> None:
    """As the description says."""
    market = Market(Tables(), Dice(7))
    [offer] = market.search(countries()["US"], "Local", {}, 1)
    for name, field in (
        ("InRegion", "region"),
        ("InLocality", "locality"),
        ("InPostalCode", "postal_code"),
        ("InLata", "lata"),
    ):
        found = market.search(countries()["US"], "Local", {name: offer.phone_number}, 3)
        assert {getattr(each, field) for each in found} == {getattr(offer, field)}


@pytest.mark.parametrize(
    "asked",
    [
        {"AreaCode": 999},
        {"AreaCode": 415, "InRegion": "TX"},
        {"AreaCode": 604},
        {"InRegion": "XX"},
        {"InRegion": "TX", "InPostalCode": "94612"},
        {"NearNumber": "+16045550123"},
        {"NearNumber": "nobody"},
        {"Contains": "1" * 12},
        {"Contains": "+1911"},
        {"FaxEnabled": True},
        {"SmsEnabled": False},
    ],
)
def test_where_there_is_nothing(asked: Any) -> None:
    """What contradicts itself, or cannot be."""
    assert search(**asked) == []


def test_capabilities_leave_numbers_out() -> None:
    """A landline of Britain takes no texts."""
    assert search("GB", SmsEnabled=True) == []
    assert search("GB", SmsEnabled=False, VoiceEnabled=True)
    assert search("GB", "Mobile", SmsEnabled=True, MmsEnabled=False)


def test_addresses_leave_countries_out() -> None:
    """Those that want one of their own, or any."""
    assert search("GB", ExcludeLocalAddressRequired=True, ExcludeForeignAddressRequired=True)
    assert search("GB", ExcludeAllAddressRequired=True) == []
    assert search("DE", ExcludeLocalAddressRequired=True) == []
    assert search("US", ExcludeAllAddressRequired=True)


@pytest.mark.parametrize(
    "pattern", ["415555****", "+1510", "1234$", "STORM", "77%88", "99*99", "+14155550123"]
)
def test_patterns_are_found(pattern: str) -> None:
    """Whatever can be in a number is in all that are found."""
    found = numbers(search(Contains=pattern))
    assert found
    assert all(Pattern.parse(pattern).matches(number) for number in found)


def test_fiction_is_not_on_sale() -> None:
    """555 is for films, unless somebody asks for it."""
    assert not [number for number in numbers(search(AreaCode=415)) if number[5:8] == "555"]
    assert numbers(search(Contains="+1415555"))


def test_the_first_number_of_an_area_code() -> None:
    """That which a search would offer first; of an area code of no country, none."""
    market = Market(Tables(), Dice(7))
    assert market.first_in("415") == search(AreaCode="415")[0].phone_number
    assert market.first_in("604").startswith("+1604")
    assert market.first_in("999") == ""


ASKED = st.fixed_dictionaries(
    {},
    optional={
        "AreaCode": st.sampled_from([415, 808, 604, 999]),
        "Contains": st.from_regex(r"\+?[0-9A-Z*%]{2,8}\$?", fullmatch=True),
        "InRegion": st.sampled_from(["CA", "HI", "BC", "+14155550123"]) | st.text(max_size=5),
        "InLocality": st.text(max_size=9),
        "InPostalCode": st.sampled_from(["94612", "V6B 1A1"]) | st.text(max_size=9),
        "InLata": st.text(max_size=4),
        "InRateCenter": st.text(max_size=12),
        "NearNumber": st.sampled_from(["+14155550123", "+442071838750"]) | st.text(max_size=9),
        "NearLatLong": st.sampled_from(["37.8,-122.2", "0,0", "-999 , 999.9"]),
        "SmsEnabled": st.booleans(),
        "Beta": st.booleans(),
    },
)


@given(st.sampled_from(SOLD), ASKED, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_any_search(where: tuple[str, str], asked: dict[str, Any], most: int) -> None:
    """It ends, is repeatable, and finds what it was asked for."""
    code, kind = where
    found = search(code, kind, most, **asked)
    assert found == search(code, kind, most, **asked)
    assert len(found) <= most
    for offer in found:
        assert kind in KINDS
        assert kind_of(offer.phone_number) == kind
        assert Pattern.parse(asked.get("Contains", "")).matches(offer.phone_number)
