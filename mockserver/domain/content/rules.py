"""What a template must be like that its schema cannot say, or says with another code.

Sources: error dictionary, 92001 to 92009; ISO 639-1. Which of several faults is told is ours, and
that a language is written as in `en`, `en_US` or `fil`.
"""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain import errors
from mockserver.domain.content.template import CHANNELS, is_deep
from mockserver.domain.errors import Problem, TwilioError

MOST_VARIABLES: Final = 100
"""Of one template. Source: error 92002."""

NO_LONGER: Final = "twilio/button"
"""A type that can no longer be made. Source: error 92008."""

_SECOND: Final[Mapping[str, str]] = {
    "a": "abefkmnrsvyz",
    "b": "aeghimnors",
    "c": "aehorsuvy",
    "d": "aevz",
    "e": "elnostu",
    "f": "afijory",
    "g": "adlnuv",
    "h": "aeiortuyz",
    "i": "adegikostu",
    "j": "av",
    "k": "agijklmnorsuvwy",
    "l": "abginotuv",
    "m": "ghiklnrsty",
    "n": "abdeglnorvy",
    "o": "cjmrs",
    "p": "ailst",
    "q": "u",
    "r": "mnouw",
    "s": "acdegiklmnoqrstuvw",
    "t": "aeghiklnorstwy",
    "u": "gkrz",
    "v": "eio",
    "w": "ao",
    "x": "h",
    "y": "io",
    "z": "ahu",
}
"""Second letters of the codes of ISO 639-1, by the first."""

LANGUAGES: Final = frozenset(
    {"fil", *(first + each for first, letters in _SECOND.items() for each in letters)}
)
"""ISO 639-1, and the one longer code that WhatsApp has."""

NULLS_WITHIN: Final = 8
"""Levels of a body down to which nulls count as absent: deeper, no type has members."""


def without_nulls(value: Any, levels: int = NULLS_WITHIN) -> Any:
    """A body without members that are null, as older libraries send them."""
    if not levels:
        return value
    if isinstance(value, list):
        return [without_nulls(each, levels - 1) for each in value]
    if not isinstance(value, dict):
        return value
    members = value.items()
    return {name: without_nulls(each, levels - 1) for name, each in members if each is not None}


def check(asked: Mapping[str, Any], *, new: bool) -> None:
    """Raise the `TwilioError` that comes first; a `new` template needs a language."""
    if problem := _missing(asked, new=new) or _unfit(asked):
        raise TwilioError(problem, parameter="types")


def _missing(asked: Mapping[str, Any], *, new: bool) -> Problem | None:
    if asked.get("types") in (None, {}):
        return errors.TYPES_REQUIRED
    return errors.LANGUAGE_REQUIRED if new and not asked.get("language") else None


def _unfit(asked: Mapping[str, Any]) -> Problem | None:
    if "language" in asked and not is_language(asked["language"]):
        return errors.INVALID_LANGUAGE
    variables, types = asked.get("variables"), asked["types"]
    if isinstance(variables, dict) and len(variables) > MOST_VARIABLES:
        return errors.TOO_MANY_VARIABLES
    if isinstance(types, dict) and NO_LONGER in types:
        return errors.UNSUPPORTED_TYPE
    known = isinstance(types, dict) and types.keys() <= CHANNELS.keys()
    return None if known and not is_deep(types) else errors.INVALID_CONTENT


def is_language(code: object) -> bool:
    """`en`, `en_US`, `pt_BR`."""
    if not isinstance(code, str):
        return False
    language, line, region = code.partition("_")
    fits = len(region) == 2 and region.isascii() and region.isalpha() and region.isupper()
    return language in LANGUAGES and (fits or not line)
