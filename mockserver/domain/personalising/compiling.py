"""A text with Liquid in it, compiled once and rendered for each recipient.

Substitution is a single pass: what stands in a variable is never read as Liquid. The library is
loaded with the first text that holds `{{` or `{%`.

Source: Communications API, personalization guide; that media URLs are rendered too and values are
not evaluated again was observed by users of the live API.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.template import (
    INVALID,
    SOURCE_LIMIT,
    TEXT,
    Constant,
    Kind,
    Template,
    Unreadable,
    Variables,
    line_of,
)

BLANKS_LIMIT: Final = 32
"""Blanks in a row in a text with Liquid; the library takes their square in time. Ours."""

OPEN_LIMIT: Final = 10
"""Times that `{{` stands in a text after the last `}}`, in `raw` or a comment; each takes the
library as long as the rest of the text. Ours."""


class LiquidNotInstalled(ImportError):
    """A text holds Liquid, and the library that reads it is not there."""

    def __init__(self) -> None:
        super().__init__(
            "the text holds Liquid, which needs python-liquid: "
            "pip install 'twilio-mockserver[comms]'"
        )


def is_liquid(source: str) -> bool:
    """Whether anything in `source` could be Liquid."""
    return "{{" in source or "{%" in source


def compile_text(source: str, context: str, at: datetime, kind: Kind = TEXT) -> Template | Fault:
    """The template that `source` is, or why it is none.

    `at` is the time that Liquid's `'now'` stands for. Raises `LiquidNotInstalled` for Liquid where
    the library is missing.
    """
    if not is_liquid(source):
        return Template(context, kind, Constant(source))
    try:
        parse = _parser()
        write, bare = parse(_examined(source), at)
    except Unreadable as reason:
        return Fault(INVALID, f"Invalid parameter: Liquid: {reason}", context)
    return Template(context, kind, write, bare)


def _examined(source: str) -> str:
    """`source`, of a size and form that the library parses in reasonable time."""
    if len(source) > SOURCE_LIMIT:
        raise Unreadable(f"a template has at most {SOURCE_LIMIT} characters, not {len(source)}")
    blanks = re.search(rf"\s{{{BLANKS_LIMIT}}}", source)
    if blanks:
        raise Unreadable(f"{BLANKS_LIMIT} blanks in a row (line {line_of(source, blanks.start())})")
    if source.count("{{", source.rfind("}}") + 1) > OPEN_LIMIT:
        last = source.rfind("{{")
        raise Unreadable(f"too many '{{{{' that are not closed (line {line_of(source, last)})")
    return source


Parser = Callable[[str, datetime], tuple[Callable[[Variables], str], tuple[str, ...]]]


def _parser() -> Parser:
    """What reads Liquid, loaded when it is first needed."""
    try:
        from mockserver.domain.personalising.engine import parse
    except ModuleNotFoundError as missing:
        if f"{missing.name}".split(".")[0] not in ("liquid", "dateutil"):
            raise
        raise LiquidNotInstalled from missing
    return parse
