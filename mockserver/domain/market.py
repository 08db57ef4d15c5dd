"""What numbers there are to buy: in which countries, of which kinds, fit for what; and the patterns
by which they are searched for.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from mockserver.domain.addresses import country
from mockserver.domain.numbers import as_written
from mockserver.domain.rates import TOLL_FREE

KINDS: Final[Mapping[str, str]] = {
    "Local": "local",
    "TollFree": "toll_free",
    "Mobile": "mobile",
    "National": "national",
    "SharedCost": "shared_cost",
    "Voip": "voip",
    "MachineToMachine": "machine_to_machine",
}
"""Kinds of numbers as paths name them, and as `subresource_uris` does. Source: OpenAPI."""

MOST_OFFERS: Final = 30
"""Numbers in one answer, whatever `PageSize` says. Source: issue 316 of twilio-node."""


class Country(msgspec.Struct, frozen=True):
    """A country in which numbers can be bought."""

    code: str
    """ISO 3166."""
    name: str
    kinds: tuple[str, ...]
    requirement: str
    """The address that a buyer must have: `none`, `any` or `local`."""
    bundle: bool
    """Whether a buyer needs a regulatory bundle."""


class Capabilities(msgspec.Struct, frozen=True):
    """What a number can do."""

    voice: bool
    sms: bool
    mms: bool


class Offer(msgspec.Struct, frozen=True):
    """A number that can be bought, and where it is at home; "" for what is not known."""

    phone_number: str
    country: Country
    capabilities: Capabilities
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    rate_center: str = ""
    lata: str = ""
    latitude: str = ""
    """In degrees, with six decimals, as text."""
    longitude: str = ""

    @property
    def friendly_name(self) -> str:
        return as_written(self.phone_number)


_ROWS: Final = """
US none -      Local TollFree = United States
CA none -      Local TollFree = Canada
AR any  -      Local TollFree = Argentina
AT local -     Local TollFree = Austria
AU any  bundle Local Mobile TollFree SharedCost = Australia
BE any  bundle Local Mobile TollFree = Belgium
BR local -     Local TollFree = Brazil
CH local -     Local TollFree = Switzerland
CL any  -      Local TollFree = Chile
CO any  -      Local TollFree = Colombia
CZ any  -      Local Mobile TollFree National = Czech Republic
DE local bundle Local Mobile TollFree National = Germany
DK none -      Mobile TollFree = Denmark
EE none -      Local Mobile = Estonia
ES local bundle Local Mobile TollFree National = Spain
FI any  -      Local Mobile TollFree National = Finland
FR local bundle Local Mobile TollFree National = France
GB any  bundle Local Mobile TollFree National Voip = United Kingdom
HK local -     Local Mobile TollFree = Hong Kong
IE any  bundle Local Mobile TollFree National = Ireland
IL any  -      Local Mobile TollFree = Israel
IT local bundle Local Mobile TollFree = Italy
JP local bundle Local Mobile TollFree National = Japan
LT none -      Local Mobile TollFree = Lithuania
MX any  -      Local TollFree = Mexico
NL any  bundle Local Mobile TollFree = Netherlands
NO none -      Local Mobile TollFree = Norway
NZ any  -      Local TollFree = New Zealand
PL none -      Local Mobile TollFree = Poland
PT local -     Local Mobile TollFree National = Portugal
SE any  -      Local Mobile TollFree National = Sweden
SK any  -      Local Mobile TollFree = Slovakia
ZA any  -      Local Mobile TollFree = South Africa
"""
"""Country, address, bundle, kinds, name.

A choice of ours of the countries where Twilio has numbers; what a buyer needs is simplified to one
rule for all kinds of a country, after Twilio's regulatory guidelines.
"""


def _country(row: str) -> Country:
    facts, _, name = row.partition(" = ")
    code, requirement, bundle, *kinds = facts.split()
    return Country(code, name, tuple(kinds), requirement, bundle == "bundle")


@lru_cache(1)
def countries() -> Mapping[str, Country]:
    """By their ISO 3166 code."""
    rows = map(_country, _ROWS.strip().splitlines())
    return {country.code: country for country in rows}


def requirement(number: str) -> str:
    """The address that the owner of an E.164 number must have."""
    where = countries().get(country(number))
    return where.requirement if where is not None else "none"


NEAR: Final = ("US", "CA")
"""Countries of the North American plan, whose numbers can do all there is."""

TEXTING: Final = ("Mobile", "MachineToMachine")
"""Kinds that can do texts elsewhere."""


def capabilities(country: str, kind: str) -> Capabilities:
    """What numbers of a kind can do; elsewhere than in the US and Canada simplified by us."""
    near = country in NEAR
    pictures = near or (country == "AU" and kind == "Mobile")
    return Capabilities(voice=True, sms=near or kind in TEXTING, mms=pictures)


def kind_of(number: str) -> str:
    """The kind of an E.164 number; `Local` where its plan does not tell."""
    if number.startswith("+1"):
        return "TollFree" if number.startswith(TOLL_FREE) else "Local"
    from mockserver.domain import plans  # few numbers are of other plans, and it takes its time

    return plans.kind_of(number)


# Patterns

_KEYPAD: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", " -().\t"
)


class Pattern(msgspec.Struct, frozen=True):
    """Digits that are looked for in a number; `*` is any digit."""

    segments: tuple[str, ...]
    """In this order, anything between them."""
    at_start: bool = False
    at_end: bool = False

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read digits and letters (of a keypad), `*`, `%` for any sequence, `+` first, `$` last.

        Source: OpenAPI description of `Contains`.
        """
        marks = text.upper().translate(_KEYPAD)
        at_start, at_end = marks.startswith("+"), marks.endswith("$")
        parts = marks.strip("+$").split("%")
        segments = tuple(part for part in parts if part)
        return cls(segments, at_start and bool(parts[0]), at_end and bool(parts[-1]))

    def matches(self, number: str) -> bool:
        """Whether it is in a number, in E.164."""
        return _expression(self).search(number.removeprefix("+")) is not None

    def laid_on(self, digits: str, chance: Sequence[int]) -> str:
        """The digits of a number, changed so that it matches; "" where there is no room for it.

        `chance` decides where the segments lie; there must be as many as there are segments.
        """
        free = len(digits) - sum(map(len, self.segments))
        if free < 0:
            return ""
        place = 0
        for number, segment in enumerate(self.segments):
            gap = 0 if self.at_start and not number else chance[number] % (free + 1)
            if self.at_end and number == len(self.segments) - 1:
                gap = free
            place, free = place + gap, free - gap
            end = place + len(segment)
            digits = digits[:place] + _merged(digits[place:end], segment) + digits[end:]
            place = end
        return digits if self.matches(digits) else ""


def _merged(below: str, above: str) -> str:
    return "".join(low if high == "*" else high for low, high in zip(below, above, strict=True))


@lru_cache(256)
def _expression(pattern: Pattern) -> re.Pattern[str]:
    inside = "[0-9]*".join(map(_plain, pattern.segments))
    start, end = "^" * pattern.at_start, "$" * pattern.at_end
    return re.compile(start + inside + end)


def _plain(segment: str) -> str:
    return "".join("[0-9]" if mark == "*" else re.escape(mark) for mark in segment)
