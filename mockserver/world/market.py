"""Numbers to buy: found by what somebody asks for, the same ones each time until they are bought.

Numbers, places and postal codes are made up, from the sandbox's seed. What is asked of a place
makes it: who looks for numbers in `Hilo` finds some there, whether Twilio has any or not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.addresses import country
from mockserver.domain.market import (
    NEAR,
    Capabilities,
    Country,
    Offer,
    Pattern,
    capabilities,
    countries,
)
from mockserver.domain.rates import TOLL_FREE
from mockserver.domain.regions import Region, by_area, regions
from mockserver.world.dice import Dice
from mockserver.world.tables import Tables
from mockserver.world.towns import Town, Towns, area_of

ATTEMPTS: Final = 3_000
"""Numbers tried for one search behind +1; ours: a dozen milliseconds at the most."""

ATTEMPTS_ABROAD: Final = 800
"""The same elsewhere, where asking whether a number can exist takes longer."""

PLACE: Final = (
    "AreaCode",
    "Contains",
    "InLata",
    "InLocality",
    "InPostalCode",
    "InRateCenter",
    "InRegion",
    "NearLatLong",
    "NearNumber",
)
"""Filters that say which numbers there are; the others leave some of them out."""

Asked = Mapping[str, Any]
"""Filters, as a schema reads them."""


class Market:
    """What a sandbox's accounts can buy."""

    __slots__ = ("_dice", "_tables", "_towns")

    def __init__(self, tables: Tables, dice: Dice) -> None:
        self._tables, self._dice = tables, dice
        self._towns = Towns(dice)

    def search(self, where: Country, kind: str, asked: Asked, most: int) -> list[Offer]:
        """Up to `most` numbers that nobody owns; none where what is asked for cannot be."""
        able = capabilities(where.code, kind)
        if not _wanted(where, able, asked):
            return []
        asked = {name: asked[name] for name in PLACE if name in asked}
        if where.code in NEAR:
            numbers = self._near(where.code, kind, asked)
        else:
            numbers = self._abroad(where.code, kind, asked)
        found = islice(self._unowned(numbers), most)
        return [self._offer(where, kind, able, number, asked) for number in found]

    def first_in(self, area: str) -> str:
        """Some number of an area code of the US or Canada; "" where there is no such code."""
        region = by_area().get(area)
        if region is None:
            return ""
        found = self.search(countries()[region.country], "Local", {"AreaCode": area}, 1)
        return found[0].phone_number if found else ""

    # Which numbers

    def _unowned(self, numbers: Iterable[str]) -> Iterator[str]:
        """Each once."""
        seen = set(self._tables.numbers)
        for number in numbers:
            if number not in seen:
                seen.add(number)
                yield number

    def _near(self, code: str, kind: str, asked: Asked) -> Iterator[str]:
        areas = _toll_free(asked) if kind == "TollFree" else self._areas(code, asked)
        if not areas:
            return
        pattern, known = _pattern(asked), frozenset(areas)
        for chance in self._chances(f"{code}/{kind}", asked, ATTEMPTS):
            area = areas[int.from_bytes(chance[:2]) % len(areas)]
            line = int.from_bytes(chance[2:6]) % 8_000_000 + 2_000_000
            digits = pattern.laid_on(f"1{area}{line}", chance[6:])
            if digits[:1] == "1" and digits[1:4] in known and _is_line(digits[4:], pattern):
                yield f"+{digits}"

    def _abroad(self, code: str, kind: str, asked: Asked) -> Iterator[str]:
        from mockserver.domain import plans  # it takes its time to load

        example = plans.example(code, kind)
        if not example:
            return
        pattern, fixed = _pattern(asked), max(len(example) - 7, 3)
        span = 10 ** (len(example) - fixed)
        for chance in self._chances(f"{code}/{kind}", asked, ATTEMPTS_ABROAD):
            tail = int.from_bytes(chance[:5]) % span
            laid = f"{example[:fixed]}{tail:0{len(example) - fixed}d}"
            digits = pattern.laid_on(laid, chance[6:])
            if digits and plans.is_kind(f"+{digits}", kind) and country(f"+{digits}") == code:
                yield f"+{digits}"

    def _chances(self, what: str, asked: Asked, most: int) -> Iterator[bytes]:
        key = "/".join([what, *(f"{name}={asked[name]}" for name in sorted(asked))])
        return (self._dice.of("market", f"{key}/{number}") for number in range(most))

    def _areas(self, code: str, asked: Asked) -> tuple[str, ...]:
        """Area codes of a country in which a place may be that is asked for."""
        tests: list[Callable[[Region], bool]] = [lambda region: region.country == code]
        if text := asked.get("InRegion"):
            wanted = self._towns.meant(text, lambda town: town.region).upper()
            tests.append(lambda region: region.code == wanted)
        if text := asked.get("InPostalCode"):
            postal = self._towns.meant(text, lambda town: town.postal_code)
            tests.append(lambda region: region.has_postal(postal))
        if text := asked.get("NearLatLong"):
            nearest = _nearest(text, code)
            tests.append(lambda region: region is nearest)
        found = [region for region in regions() if all(test(region) for test in tests)]
        areas = {area for region in found for area in region.areas}
        if "AreaCode" in asked:
            areas &= {str(asked["AreaCode"])}
        if text := asked.get("NearNumber"):
            areas &= {area_of(text)}
        return tuple(sorted(areas))

    # Where they are

    def _offer(
        self, where: Country, kind: str, able: Capabilities, number: str, asked: Asked
    ) -> Offer:
        offer = Offer(number, where, able)
        if kind != "Local":
            return offer
        if where.code not in NEAR:
            return self._place_abroad(offer, asked)
        town = self._towns.of(number)
        name = self._asked(asked, "InLocality", lambda town: town.name) or town.name
        center = self._asked(asked, "InRateCenter", lambda town: town.name) or name
        latitude, longitude = town.latitude, town.longitude
        if text := asked.get("NearLatLong"):
            latitude, longitude = map(float, text.split(","))
        return replace(
            offer,
            locality=name,
            region=town.region,
            postal_code=self._asked(asked, "InPostalCode", lambda town: town.postal_code)
            or town.postal_code,
            rate_center=center.upper()[:10].rstrip(),
            lata=self._asked(asked, "InLata", lambda town: town.lata) or town.lata,
            latitude=f"{latitude:.6f}",
            longitude=f"{longitude:.6f}",
        )

    def _place_abroad(self, offer: Offer, asked: Asked) -> Offer:
        """Some large place of the country: which one a number is in is not known there."""
        place = self._towns.fake(offer.phone_number[:-4]).local_latlng(offer.country.code)
        if text := asked.get("InLocality"):
            return replace(offer, locality=text)
        if place is None:
            return offer
        latitude, longitude, name = map(str, place[:3])
        return replace(
            offer,
            locality=name,
            latitude=f"{float(latitude):.6f}",
            longitude=f"{float(longitude):.6f}",
        )

    def _asked(self, asked: Asked, name: str, fact: Callable[[Town], str]) -> str:
        """What a filter says of a place; "" where it was not given."""
        return self._towns.meant(asked[name], fact) if name in asked else ""


def _wanted(where: Country, able: Capabilities, asked: Asked) -> bool:
    """Whether numbers of this kind can what they are to, and ask of buyers what they may."""
    can = {"Sms": able.sms, "Mms": able.mms, "Voice": able.voice, "Fax": False}
    if any(asked.get(f"{name}Enabled", has) != has for name, has in can.items()):
        return False
    if where.requirement != "none" and asked.get("ExcludeAllAddressRequired"):
        return False
    return not (where.requirement == "local" and asked.get("ExcludeLocalAddressRequired"))


def _pattern(asked: Asked) -> Pattern:
    return Pattern.parse(asked.get("Contains", ""))


def _toll_free(asked: Asked) -> tuple[str, ...]:
    areas = [start[2:] for start in TOLL_FREE]
    return tuple(area for area in areas if str(asked.get("AreaCode", area)) == area)


def _is_line(line: str, pattern: Pattern) -> bool:
    """Whether seven digits may be exchange and line; 555 is for fiction, unless it is asked for."""
    if not "2" <= line[:1] <= "9" or line[1:3] == "11":
        return False
    return line[:3] != "555" or "555" in "".join(pattern.segments)


def _nearest(text: str, code: str) -> Region:
    """The region of a country whose middle is nearest to `latitude,longitude`."""
    latitude, longitude = map(float, text.split(","))

    def distance(region: Region) -> float:
        return (region.latitude - latitude) ** 2 + (region.longitude - longitude) ** 2

    return min((region for region in regions() if region.country == code), key=distance)
