"""The map of a sandbox: where numbers of the US and Canada are at home."""

import re
from math import hypot

import pytest

from mockserver.domain.regions import by_area
from mockserver.world.dice import Dice
from mockserver.world.towns import Towns, area_of


@pytest.mark.parametrize("area", sorted(by_area()))
def test_a_town_of_every_area_code(area: str) -> None:
    """It has a name, and a postal code of its region."""
    town, region = Towns(Dice(7)).of(f"+1{area}2345678"), by_area()[area]
    assert town.name
    assert town.region == region.code
    assert region.has_postal(town.postal_code)
    form = r"[0-9]{5}" if region.country == "US" else r"[A-Z][0-9][A-Z] [0-9][A-Z][0-9]"
    assert re.fullmatch(form, town.postal_code)
    assert town.lata.isdigit()


def test_an_exchange_is_in_one_town() -> None:
    """Whatever the line; the next exchange is in another one, nearby."""
    towns = Towns(Dice(7))
    here, there = towns.of("+14152340000"), towns.of("+14152350000")
    assert here == towns.of("+14152349999") == Towns(Dice(7)).of("+14152340000") != there
    assert hypot(here.latitude - there.latitude, here.longitude - there.longitude) < 0.36
    assert here != Towns(Dice(8)).of("+14152340000")


def test_what_a_text_means() -> None:
    """Itself, or a fact of where the number is that it holds."""
    towns = Towns(Dice(7))
    home = towns.of("+14152345678")
    assert towns.meant("+14152345678", lambda town: town.region) == "CA"
    assert towns.meant("(415) 234-5678", lambda town: town.name) == home.name
    for text in ("Hilo", "94612", "+442071838750", "+19995550123", ""):
        assert towns.meant(text, lambda town: town.name) == text


def test_the_area_code_of_a_text() -> None:
    """Of a number behind +1 only."""
    assert area_of("415-234-5678") == "415"
    assert area_of("+442071838750") == area_of("nonsense") == area_of("12345") == ""
