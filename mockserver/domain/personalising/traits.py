"""References to a profile's traits in the values of variables: `${Twilio.Profile.firstName}`.

Source: Communications API, personalization guide. Where a trait is missing, and what a reference
inside of a longer value does, is our choice.
"""

import re
from collections.abc import Mapping
from typing import Final

from mockserver.domain.personalising.template import Variables

Traits = Mapping[str, object]
"""Traits by name, or groups of traits by theirs, such as `contact`."""

MARK: Final = "${Twilio.Profile."
"""Without it, there is no reference in a text."""
_REFERENCE: Final = r"\$\{Twilio\.Profile\.([^${}]+)\}"
WHOLE: Final = re.compile(_REFERENCE).fullmatch
"""A text that is a reference and nothing else; its group is the trait."""


def resolved(variables: Variables, traits: Traits) -> Variables:
    """`variables` with references replaced by `traits`, which are text afterwards.

    A variable that refers to a trait that is not there is absent, so that Liquid's default stands
    in. What a trait holds is not looked at again. Without references it is the same mapping.
    """
    if not any(MARK in value for value in variables.values()):
        return variables
    values = ((name, replaced(value, traits)) for name, value in variables.items())
    return {name: value for name, value in values if value is not None}


def replaced(value: str, traits: Traits) -> str | None:
    """The value with every reference replaced; None when one of them leads nowhere."""
    if MARK not in value:
        return value
    parts = re.split(_REFERENCE, value)
    found = [trait(name, traits) for name in parts[1::2]]
    if None in found:
        return None
    parts[1::2] = map(str, found)
    return "".join(parts)


def trait(name: str, traits: Traits) -> str | None:
    """The trait by its path, else by its name in the first group that has it."""
    groups = [group for group in traits.values() if isinstance(group, Mapping)]
    found = (_text(_at(name.split("."), place)) for place in (traits, *groups))
    return next((text for text in found if text is not None), None)


def _at(path: list[str], traits: object) -> object:
    for step in path:
        traits = traits.get(step) if isinstance(traits, Mapping) else None
    return traits


def _text(value: object) -> str | None:
    """A trait as text; None for what is none: null, groups, lists."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None
