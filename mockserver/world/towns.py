"""Places of the US and Canada with their numbers: made up, from the sandbox's seed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from mockserver.domain.addresses import BadAddress, parse_to
from mockserver.domain.regions import by_area
from mockserver.world.dice import Dice

if TYPE_CHECKING:
    from faker import Faker

TOWNS: Final = 6
"""Places of one area code; ours."""

SPREAD: Final = 1.2
"""Degrees from a region's middle to that of an area code, at the most; ours."""

NEARBY: Final = 0.12
"""Degrees from an area's middle to its places; they are within 25 miles of each other."""


class Town(msgspec.Struct, frozen=True):
    """A place with numbers."""

    name: str
    region: str
    postal_code: str
    lata: str
    latitude: float
    longitude: float


class Towns:
    """A sandbox's map."""

    __slots__ = ("_dice", "_fakes", "_towns")

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._fakes: dict[str, Faker] = {}
        self._towns: dict[str, Town] = {}

    def of(self, number: str) -> Town:
        """Where a number of the US or Canada is at home; all of an exchange are in one place."""
        area, exchange = number[2:5], int(number[5:8])
        key = f"{area}/{exchange % TOWNS}"
        if key not in self._towns:
            self._towns[key] = self._found(area, key)
        return self._towns[key]

    def _found(self, area: str, key: str) -> Town:
        region = by_area()[area]
        fake = self.fake(key, f"en_{region.country}")
        post = fake.postcode_in_state if region.country == "US" else fake.postcode_in_province
        dice = self._dice
        lata = 888 if region.country == "CA" else 120 + int(dice.fraction("lata", area) * 850)
        east = SPREAD * (2 * dice.fraction("east", area) - 1)
        north = SPREAD * (2 * dice.fraction("north", area) - 1)
        return Town(
            name=fake.city(),
            region=region.code,
            postal_code=_spaced(post(region.code)),
            lata=str(lata),
            latitude=region.latitude + north + NEARBY * (2 * dice.fraction("north", key) - 1),
            longitude=region.longitude + east + NEARBY * (2 * dice.fraction("east", key) - 1),
        )

    def fake(self, key: str, locale: str = "en_US") -> "Faker":
        """Somebody who makes up what depends on the seed and a key alone."""
        if locale not in self._fakes:
            from faker import Faker  # it takes its time to load

            self._fakes[locale] = Faker(locale)
        fake = self._fakes[locale]
        fake.seed_instance(int.from_bytes(self._dice.of("town", key)[:6]))
        return fake

    def meant(self, text: str, fact: Callable[[Town], str]) -> str:
        """What is asked of a place: the text, or a fact of where the number is that it holds."""
        if area_of(text) not in by_area():
            return text
        return fact(self.of(parse_to(text).value))


def _spaced(postal_code: str) -> str:
    """`M4C 8B5`, which comes without its space; those of the US have five digits."""
    return f"{postal_code[:3]} {postal_code[3:]}" if len(postal_code) == 6 else postal_code


def area_of(text: str) -> str:
    """The area code of a phone number behind +1; "" for any other text."""
    try:
        address = parse_to(text)
    except BadAddress:
        return ""
    return address.value[2:5] if address.value.startswith("+1") else ""
