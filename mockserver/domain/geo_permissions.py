"""Messaging geo permissions: to which countries an account may write.

Source: the GeoPermissions resource of accounts.twilio.com, and the page of error 30649.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any, Final

REFUSED: Final = 30649
"""Of a country whose permission could not be set: "Failed to Update Geo Permissions"."""

HIGH_RISK: Final = frozenset(["AZ", "BD", "DZ", "IL", "LK", "NG", "OM", "PK", "PS", "TJ", "TN"])
"""Countries whose permission only the Console changes."""

UNSUPPORTED: Final = frozenset(["CU", "IR", "SY"])
"""Countries to which Twilio does not deliver."""


@lru_cache(1)
def countries() -> frozenset[str]:
    """ISO 3166 codes of all countries that have telephone numbers, by Google's metadata."""
    import phonenumbers  # seldom needed, and it takes its time to load

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def permission(code: str, *, enabled: bool, complaint: str = "") -> dict[str, Any]:
    """One country as the API shows it."""
    return {
        "country_code": code,
        "type": "country",
        "enabled": enabled,
        "error_code": REFUSED if complaint else 0,
        "error_messages": [complaint] if complaint else [],
    }


def permissions(asked: Sequence[str], closed: Set[str]) -> list[dict[str, Any]]:
    """Those of the countries asked for, in their order, else of all; unknown ones are left out."""
    known = countries()
    wanted = [code for code in dict.fromkeys(asked) if code in known] if asked else sorted(known)
    return [permission(code, enabled=code not in closed) for code in wanted]


def decide(
    wishes: Iterable[Mapping[str, Any]], own: Set[str], inherited: Set[str]
) -> tuple[frozenset[str], list[dict[str, Any]]]:
    """The countries closed afterwards, and what became of each wish.

    `own` are those that the account has closed, `inherited` those that its parent has.
    """
    closed, results = set(own), []
    for wish in wishes:
        code = str(wish.get("country_code", "")).upper()
        complaint = _complaint(wish, code, inherited)
        if not complaint:
            (closed.discard if wish["enabled"] else closed.add)(code)
        enabled = code in countries() and code not in closed | inherited
        results.append(permission(code, enabled=enabled, complaint=complaint))
    return frozenset(closed), results


def _complaint(wish: Mapping[str, Any], code: str, inherited: Set[str]) -> str:
    """Why a permission is not set; "" where it is."""
    if code not in countries():
        return f"{code!r} is not the code of a country"
    if wish.get("type", "country") != "country" or not isinstance(wish.get("enabled"), bool):
        return "type must be 'country', and enabled true or false"
    if code in HIGH_RISK:
        return "High risk country permission cannot be updated"
    if code in UNSUPPORTED:
        return "Non-supported country permission cannot be updated"
    if wish["enabled"] and code in inherited:
        return "The parent account's permission for this country is not enabled"
    return ""
