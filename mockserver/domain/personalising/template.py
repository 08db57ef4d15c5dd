"""A compiled text, what it is for, and what can be wrong with it. No Liquid library in here."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import inf
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

    def most(self, size: int) -> float:
        """Characters, in UTF-16, that come out at most, where all values together have `size`.

        Infinite where only rendering tells.
        """
        return _most(self.write, size)

    def _breach(self) -> Fault:
        return Fault(self.kind.breach.code, self.kind.breach.text, self.context)


def _most(write: Callable[[Variables], str], size: int) -> float:
    most: Callable[[int], float] = getattr(write, "most", _endless)
    return most(size)


def _endless(size: int) -> float:
    return inf


class Pieces(msgspec.Struct, frozen=True):
    """Literal text, and plain variables in it."""

    pieces: tuple[tuple[str, str, str], ...]
    """Text, the variable behind it, and what stands for the variable when it is absent."""
    tail: str

    def most(self, size: int) -> int:
        """As a `Template` tells it."""
        written = sum(length_utf16(text) + length_utf16(other) for text, _, other in self.pieces)
        often = max(Counter(name for _, name, _ in self.pieces).values(), default=0)
        return written + length_utf16(self.tail) + often * size


class Joined(Pieces, frozen=True):
    """Liquid without the library: what is absent is as what is empty."""

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

    def most(self, size: int) -> int:
        """As a `Template` tells it."""
        return length_utf16(self.text)


def fixed(text: Template | str, context: str, kind: Kind) -> Template:
    """A text that may be a template as one."""
    return text if isinstance(text, Template) else Template(context, kind, Constant(text))


class Lines(msgspec.Struct, frozen=True):
    """Texts with a blank line between them, without those that are empty."""

    parts: tuple[Callable[[Variables], str], ...]

    def __call__(self, variables: Variables) -> str:
        return BREAK.join(filter(None, (part(variables) for part in self.parts)))

    def most(self, size: int) -> float:
        """As a `Template` tells it."""
        return sum(_most(part, size) + len(BREAK) for part in self.parts)


BREAK: Final = "\n\n"
"""Between a card's title and its text. Source: how the Content API's cards become a body (ours)."""


def lines(parts: Iterable[Template], context: str) -> Template:
    """A text made of others; without a variable where they have none."""
    found = tuple(parts)
    write = Lines(tuple(each.write for each in found))
    if all(each.constant for each in found):
        return Template(context, TEXT, Constant(write({})))
    return Template(context, TEXT, write)


def line_of(source: str, index: int) -> int:
    """The number of the line, from 1."""
    return source.count("\n", 0, max(0, index)) + 1
