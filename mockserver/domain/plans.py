"""Numbering plans of countries beyond +1, by Google's metadata; imported where they are asked."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

TYPES: Final[Mapping[str, int]] = {
    "Local": PhoneNumberType.FIXED_LINE,
    "TollFree": PhoneNumberType.TOLL_FREE,
    "Mobile": PhoneNumberType.MOBILE,
    "National": PhoneNumberType.UAN,
    "SharedCost": PhoneNumberType.SHARED_COST,
    "Voip": PhoneNumberType.VOIP,
}
"""What a plan calls the kinds that Twilio sells."""

_KINDS: Final = {type_: kind for kind, type_ in TYPES.items()}


def kind_of(number: str) -> str:
    """The kind of an E.164 number; `Local` where its plan does not tell."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "Local"
    return _KINDS.get(phonenumbers.number_type(parsed), "Local")


def is_kind(number: str, kind: str) -> bool:
    """Whether an E.164 number can exist and is of a kind; raise nothing for what is none."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == TYPES[kind]


@lru_cache(256)
def example(country: str, kind: str) -> str:
    """Digits, calling code first, of some number of a kind; "" where a country has none."""
    found = phonenumbers.example_number_for_type(country, TYPES[kind])
    if found is None:
        return ""
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)[1:]
