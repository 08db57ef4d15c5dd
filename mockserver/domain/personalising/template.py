"""A compiled text, what it is for, and what can be wrong with it. No Liquid library in here."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from mockserver.domain.errors import BODY_TOO_LONG, INVALID_MEDIA_URL, Problem
from mockserver.domain.json_faults import Fault
from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.text import length_utf16

Variables = Mapping[str, str]

INVALID: Final = 20001
"""What a template that is not Liquid is refused with: the API's general "invalid parameter"."""

SOURCE_LIMIT: Final = 8_000
"""Characters in a text with Liquid: five times what may come out of it. Ours."""

_TAG: Final = r"[a-zA-Z0-9._~-]{1,256}"
"""A tag's value, after rendering. Source: sender pool resource."""
_URL: Final = r"(?i:https?)://[^\s/?#]+[^\s]*"


class Unreadable(Exception):
    """A template that is not Liquid, or of a size that nobody should parse."""


class Unrenderable(Exception):
    """A template that cannot be carried out with these variables: a filter refuses its input."""


class Overlong(Unrenderable):
    """What comes out, or what is made on the way, is larger than any message."""


class Kind(msgspec.Struct, frozen=True):
    """What a text is for: what must hold after rendering, and what its breach answers."""

    holds: Callable[[str], bool]
    breach: Problem


def _fits(text: str) -> bool:
    """Short of the limit for sure where even pairs of surrogates would fit."""
    return len(text) <= BODY_LIMIT // 2 or length_utf16(text) <= BODY_LIMIT


def _is_url(text: str) -> bool:
    return re.fullmatch(_URL, text) is not None


def _is_tag(text: str) -> bool:
    return re.fullmatch(_TAG, text) is not None


TEXT: Final = Kind(_fits, BODY_TOO_LONG)
MEDIA_URL: Final = Kind(_is_url, INVALID_MEDIA_URL)
TAG: Final = Kind(
    _is_tag,
    Problem(
        INVALID,
        400,
        "Invalid parameter: a tag's value must be 1 to 256 characters of a-z, A-Z, 0-9, '.', '_', "
        "'~' and '-'.",
    ),
)


class Template(msgspec.Struct, frozen=True):
    """A compiled text; the same for all recipients."""

    context: str
    """JSON path of the field that it came from; faults name it."""
    kind: Kind
    write: Callable[[Variables], str]
    """Fills in the variables; raises `Unrenderable`."""
    bare: tuple[str, ...] = ()
    """Variables that are put out somewhere without a `default` filter, in order of appearance."""

    @property
    def constant(self) -> bool:
        """Whether it is the same text for everybody."""
        return isinstance(self.write, Constant)

    def render(self, variables: Variables) -> str | Fault:
        """The text for one recipient, or why there is none. Never raises."""
        try:
            text = self.write(variables)
        except Overlong:
            return self._breach()
        except Unrenderable as reason:
            return Fault(INVALID, f"Invalid parameter: Liquid: {reason}", self.context)
        return text if self.kind.holds(text) else self._breach()

    def _breach(self) -> Fault:
        return Fault(self.kind.breach.code, self.kind.breach.text, self.context)


class Joined(msgspec.Struct, frozen=True):
    """A template of literal text and plain variables, filled in without the library."""

    pieces: tuple[tuple[str, str, str], ...]
    """Text, the variable behind it, and what stands for the variable when it is absent or empty."""
    tail: str

    def __call__(self, variables: Variables) -> str:
        parts = []
        for text, name, otherwise in self.pieces:
            parts.append(text)
            parts.append(variables.get(name) or otherwise)
        parts.append(self.tail)
        return "".join(parts)


class Constant(msgspec.Struct, frozen=True):
    """A text in which nothing is to be filled in."""

    text: str

    def __call__(self, variables: Variables) -> str:
        return self.text


def line_of(source: str, index: int) -> int:
    """The number of the line, from 1."""
    return source.count("\n", 0, max(0, index)) + 1
