"""Liquid as python-liquid reads it: the one place where its exceptions become ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from liquid.exceptions import LiquidError, LocalNamespaceLimitError, OutputStreamLimitError

from mockserver.domain.personalising.bounds import Closed, Sheet, TooLarge
from mockserver.domain.personalising.reading import (
    bare_variables,
    check_filters,
    guard_ranges,
    simple,
)
from mockserver.domain.personalising.template import (
    Overlong,
    Unreadable,
    Unrenderable,
    Variables,
    line_of,
)

FAILURES: Final = (
    LiquidError,
    *(ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError),
)
"""What the library's parser and filters raise: not all of their mistakes are its own errors."""

SAID_LIMIT: Final = 200
"""Characters of what the library says, which may quote the template. Ours."""

TOO_LONG: Final = (OutputStreamLimitError, LocalNamespaceLimitError, TooLarge)


def parse(source: str, at: datetime) -> tuple[Callable[[Variables], str], tuple[str, ...]]:
    """What renders `source`, and the variables in it that no `default` stands for.

    Raises `Unreadable` with the line of what is wrong.
    """
    with _reading():
        sheet = cast("Sheet", _language().from_string(source))
        sheet.moment, sheet.weight = at, len(source)
        check_filters(sheet)
        bare = bare_variables(sheet)
        guard_ranges(sheet)
        return simple(sheet) or _Rendering(sheet), bare


@lru_cache(1)
def _language() -> Closed:
    """The language; nothing changes it after it was made."""
    return Closed()


class _Rendering:
    """A template that needs the library to be rendered."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def __call__(self, variables: Variables) -> str:
        try:
            return self._sheet.write(variables)
        except TOO_LONG as error:
            raise Overlong(_said(error)) from error
        except FAILURES as error:
            raise Unrenderable(_said(error)) from error


@contextmanager
def _reading() -> Iterator[None]:
    """Turn what the library says about a source into `Unreadable`."""
    try:
        yield
    except FAILURES as error:
        raise Unreadable(_said(error)) from error


def _said(error: BaseException) -> str:
    """What is wrong in one line, with the line of the template where the library knows it."""
    if not isinstance(error, LiquidError):
        return f"the template cannot be carried out ({type(error).__name__})"
    said = str(error.message)[:SAID_LIMIT]
    if error.token is None:
        return said
    return f"{said} (line {line_of(error.token.source, error.token.start_index)})"
