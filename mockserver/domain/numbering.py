"""Numbering plans: whether a number can exist, and what kind it is.

Asked only where somebody wants strict numbers; form and length are `addresses`' business.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

PREMIUM: Final = ("+1900", "+44871")
"""Prefixes of premium and information numbers; examples of error 21268."""

ALWAYS: Final = ("+1500555", "+1500556")
"""Twilio's magic numbers, and this mock's numbers with an outcome: no plan has them."""


def is_valid(number: str) -> bool:
    """Whether an E.164 number is one of its country's plan, by Google's metadata."""
    if number.startswith(ALWAYS):
        return True
    import phonenumbers  # seldom needed, and it takes its time to load

    parsed = _parsed(number)
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def is_premium(number: str, strict: bool) -> bool:
    """Whether texts to an E.164 number cost whom they reach; `strict` asks the plan as well."""
    if number.startswith(PREMIUM):
        return True
    if not strict or (parsed := _parsed(number)) is None:
        return False
    import phonenumbers  # as above

    return phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE


def _parsed(number: str) -> "PhoneNumber | None":
    """Nothing where no country has the number's calling code."""
    import phonenumbers  # as above

    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
