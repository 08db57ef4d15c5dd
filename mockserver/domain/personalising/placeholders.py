"""The `{{1}}` of content templates: replaced literally, with nothing of Liquid about it.

Source: Content API, using variables; that an unknown one stays as it is, is our choice.
"""

import re
from collections.abc import Mapping
from typing import Final

from mockserver.domain.personalising.template import (
    TEXT,
    Constant,
    Kind,
    Pieces,
    Template,
    Variables,
)

KEY: Final = r"[A-Za-z0-9_]+"
PLACEHOLDER: Final = rf"\{{\{{\s*{KEY}\s*\}}\}}"
_WITH_KEY: Final = rf"(\{{\{{\s*({KEY})\s*\}}\}})"


class _Filled(Pieces, frozen=True):
    """A text with places for values."""

    def __call__(self, variables: Variables) -> str:
        parts = []
        for text, key, otherwise in self.pieces:
            parts.append(text)
            parts.append(variables.get(key, otherwise))
        parts.append(self.tail)
        return "".join(parts)


def keys_of(source: str) -> tuple[str, ...]:
    """The keys of all placeholders in a string, in order of appearance."""
    return tuple(key for _, key in re.findall(_WITH_KEY, source))


def compile_placeholders(
    source: str, context: str, defaults: Mapping[str, str], kind: Kind = TEXT
) -> Template:
    """A string of a content template, with `defaults` for keys that a recipient lacks.

    A key without either stays as it is written. Values are not read again.
    """
    *cut, tail = re.split(_WITH_KEY, source)
    if not cut:
        return Template(context, kind, Constant(source))
    texts, written, keys = cut[::3], cut[1::3], cut[2::3]
    otherwise = (defaults.get(key, whole) for key, whole in zip(keys, written, strict=True))
    pieces = tuple(zip(texts, keys, otherwise, strict=True))
    return Template(context, kind, _Filled(pieces, tail))
