"""Places of the US and Canada with their numbers: which is where depends on the sandbox's seed."""

from collections.abc import Callable
from string import capwords
from typing import TYPE_CHECKING, Final

import msgspec

from mockserver.domain.addresses import BadAddress, parse_to
from mockserver.domain.regions import by_area
from mockserver.world.dice import Dice
from mockserver.world.geography import Geography, group_of

if TYPE_CHECKING:
    from faker import Faker

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

    __slots__ = ("_dice", "_fakes", "_geography", "_towns")

    def __init__(self, dice: Dice) -> None:
        self._dice, self._geography = dice, Geography(dice)
        self._fakes: dict[str, Faker] = {}
        self._towns: dict[str, Town] = {}

    def of(self, number: str) -> Town:
        """Where a number of the US or Canada is at home; all of an exchange are in one place."""
        key = group_of(number)
        if key not in self._towns:
            self._towns[key] = self._found(number, key)
        return self._towns[key]

    def _found(self, number: str, key: str) -> Town:
        place, area, dice = self._geography.of(number), number[2:5], self._dice
        region = by_area()[area]
        lata = 888 if region.country == "CA" else 120 + int(dice.fraction("lata", area) * 850)
        east = SPREAD * (2 * dice.fraction("east", area) - 1)
        north = SPREAD * (2 * dice.fraction("north", area) - 1)
        return Town(
            name=capwords(place.city),
            region=region.code,
            postal_code=place.zip or self._canadian(key, region.code),
            lata=str(lata),
            latitude=region.latitude + north + NEARBY * (2 * dice.fraction("north", key) - 1),
            longitude=region.longitude + east + NEARBY * (2 * dice.fraction("east", key) - 1),
        )

    def _canadian(self, key: str, province: str) -> str:
        """`M4C 8B5`, where webhooks give no postal code."""
        code = self.fake(key, "en_CA").postcode_in_province(province)
        return f"{code[:3]} {code[-3:]}"

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


def area_of(text: str) -> str:
    """The area code of a phone number behind +1; "" for any other text."""
    try:
        address = parse_to(text)
    except BadAddress:
        return ""
    return address.value[2:5] if address.value.startswith("+1") else ""
