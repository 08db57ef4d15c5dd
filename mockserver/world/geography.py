"""Where numbers are at home, as webhooks are told; an exchange's town depends on the seed."""

from typing import Final

from mockserver.domain.addresses import country
from mockserver.domain.inbound import Place
from mockserver.domain.places import by_area
from mockserver.domain.regions import by_area as regions_by_area
from mockserver.world.dice import Dice

GROUPS: Final = 6
"""Exchanges of an area code are in as many places at the most; ours."""


def group_of(number: str) -> str:
    """Which numbers of the US or Canada are in one place: area code and group of exchanges."""
    return f"{number[2:5]}/{int(number[5:8]) % GROUPS}"


class Geography:
    """A sandbox's map: the same number is always in the same place."""

    __slots__ = ("_dice",)

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def of(self, number: str) -> Place:
        """The home of a number in E.164, or of a short code; nothing for any other text.

        Of numbers outside the US and Canada only the country is known, and of those that are at
        home nowhere, such as toll-free ones, only that they are American.
        """
        if number.isdigit():
            return Place(country="US")
        region = regions_by_area().get(number[2:5]) if number.startswith("+1") else None
        if region is None:
            return Place(country=country(number))
        towns = by_area()[number[2:5]]
        chance = self._dice.fraction("town", group_of(number))
        city, code = towns[int(chance * len(towns))]
        return Place(city, region.code, code, region.country)
