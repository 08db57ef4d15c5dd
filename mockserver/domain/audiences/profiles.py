"""A profile: somebody's traits, of which their addresses are some.

The phone is the trait `phone` of the group `contact`, else the trait `phone` itself; WhatsApp's
address is `whatsapp` in the same places: a number, or `true` for that of the phone.
"""

from typing import Any, Final

import msgspec

from mockserver.domain.addresses import BadAddress, is_phone_number, parse_to
from mockserver.domain.type_ids import is_type_id

PROFILE: Final = "mem_profile"

LONGEST: Final = 65_536
"""Bytes of one profile's traits, as JSON; ours."""

_NONE: Final = (None, False, "", "none", "false")
_SAME: Final = (True, "true")


class BadProfile(ValueError):
    """It cannot be kept; the text says which field is at fault, and why."""


class Profile(msgspec.Struct, frozen=True, gc=False):
    """One person, checked."""

    traits: bytes
    """A JSON object."""
    phone: str = ""
    """In E.164; "" for nobody knows."""
    whatsapp: str = ""
    """The number of their WhatsApp account; "" for none."""
    id: str = ""
    """`mem_profile_…`; "" for the one that place and store give."""


def read(row: object) -> Profile:
    """A profile from its traits, or from `{"id"?, "traits"}`; raise `BadProfile`.

    Traits on their own may have an `id` among them, which is then the profile's.
    """
    if not isinstance(row, dict):
        raise BadProfile("must be an object of traits")
    traits = row.get("traits")
    if not isinstance(traits, dict):
        traits = {name: value for name, value in row.items() if name != "id"}
    elif len(row) > 1 + ("id" in row):
        stray = min(row.keys() - {"id", "traits"})
        raise BadProfile(f"{stray}: stands beside `traits`, not in it")
    phone = addressed(traits, "phone")
    if not (isinstance(phone, str) and is_phone_number(phone)):
        phone = _number("phone", phone)
    whatsapp = addressed(traits, "whatsapp")
    if whatsapp is not None:
        whatsapp = _whatsapp(whatsapp, phone)
    id_ = row.get("id")
    return Profile(_encoded(traits), phone, whatsapp or "", _id(id_) if id_ else "")


def addressed(traits: dict[str, Any], name: str) -> object:
    """The trait of the group `contact`, else the one on its own."""
    contact = traits.get("contact")
    found = contact.get(name) if isinstance(contact, dict) else None
    return traits.get(name) if found is None else found


def _number(name: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise BadProfile(f"{name}: must be text")
    try:
        number = parse_to(value).number
    except BadAddress:
        number = ""
    if not number:
        raise BadProfile(f"{name}: {value[:40]!r} is not a phone number")
    return number


def _whatsapp(value: object, phone: str) -> str:
    if value in _NONE:
        return ""
    if value not in _SAME:
        return _number("whatsapp", value)
    if not phone:
        raise BadProfile("whatsapp: is that of the phone, but there is no phone")
    return phone


def _id(value: object) -> str:
    if not isinstance(value, str) or not is_type_id(value, PROFILE):
        raise BadProfile(f"id: must be {PROFILE}_ and 26 letters and digits")
    return value


def _encoded(traits: dict[str, Any]) -> bytes:
    try:
        written = msgspec.json.encode(traits)
    except RecursionError:
        raise BadProfile("is nested too deeply") from None
    except UnicodeEncodeError:
        raise BadProfile("holds half a character") from None
    if len(written) > LONGEST:
        raise BadProfile(f"has more than {LONGEST} bytes of traits")
    return written
