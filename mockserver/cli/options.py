"""Flags out of the table of settings, and what the command line says about a wrong one."""

import os
import sys
from argparse import (
    SUPPRESS,
    Action,
    ArgumentParser,
    BooleanOptionalAction,
    HelpFormatter,
    Namespace,
)
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from mockserver.config import ROWS, Loaded, Row, load
from mockserver.config_readers import did_you_mean, read_grace, read_switch
from mockserver.domain.accounts import Account
from mockserver.domain.durations import written


class UsageError(Exception):
    """Words that the command line cannot make sense of. The text says why."""


class Failure(Exception):
    """What the command was asked to do did not happen. The text says why."""


class _Help(HelpFormatter):
    """Lists as `HOST…`, and not as `HOST [HOST ...]`."""

    def _format_args(self, action: Action, default_metavar: str) -> str:
        if action.nargs == "+":
            return f"{action.metavar}…"
        return super()._format_args(action, default_metavar)


class Parser(ArgumentParser):
    """An `ArgumentParser` that raises `UsageError`, and knows which flag was nearly meant."""

    def __init__(self, usage: str, about: str, settings: Iterable[Row] = ()) -> None:
        """`usage` begins with the command's name."""
        super().__init__(
            f"twilio-mockserver {usage.split()[0].strip('[]')}",
            usage=f"twilio-mockserver {usage}",
            description=about,
            allow_abbrev=False,
            formatter_class=_Help,
        )
        self.settings = tuple(settings)
        for row in self.settings:
            _add(self, row)

    def error(self, message: str) -> NoReturn:
        """What argparse itself refuses."""
        raise UsageError(f"{message}; {self.prog} --help tells more")

    def parse(self, words: Sequence[str]) -> Namespace:
        """The flags and words given; raises `UsageError` or `ConfigError`."""
        namespace, extra = self.parse_known_args(words)
        if extra:
            self._refuse(extra[0])
        return namespace

    def read(self, words: Sequence[str]) -> tuple[Loaded, Namespace]:
        """The same, and the settings out of flags, environment and file; prints the warnings."""
        namespace = self.parse(words)
        names = {row.name for row in self.settings}
        flags = {name: value for name, value in vars(namespace).items() if name in names}
        loaded = load(flags, os.environ, Path.cwd())
        for warning in loaded.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        return loaded, namespace

    def _refuse(self, word: str) -> NoReturn:
        name = word.partition("=")[0]
        if not word.startswith("-"):
            raise UsageError(f"{word!r} is one word too many; a command's name comes first")
        known = [flag for flag in self._option_string_actions if flag.startswith("--")]
        command = self.prog.split()[-1]
        raise UsageError(f"{command} has no {name}" + did_you_mean(name, known))


def rows(*flags: str) -> tuple[Row, ...]:
    """Rows of the table by flag."""
    return tuple(ROWS[flag] for flag in flags)


def _add(parser: ArgumentParser, row: Row) -> None:
    repeated = "; may be given several times" if row.many else ""
    about = f"{row.about}{repeated} ({_default(row)}{row.variable})".replace("%", "%%")
    if row.read is read_switch:
        parser.add_argument(
            f"--{row.flag}", action=BooleanOptionalAction, default=SUPPRESS, help=about
        )
    elif row.many:
        parser.add_argument(
            f"--{row.flag}",
            action="extend",
            nargs="+",
            metavar=row.shape,
            default=SUPPRESS,
            help=about,
        )
    else:
        parser.add_argument(f"--{row.flag}", metavar=row.shape, default=SUPPRESS, help=about)


def _default(row: Row) -> str:
    if row.default in ("", (), None):
        return ""
    return f"default: {shown(row, row.default)}; "


def shown(row: Row, value: object) -> str:
    """A default or an effective value, as one would type it; an account's token is masked."""
    items = value if isinstance(value, tuple) else (value,)
    return ", ".join(shown_item(row, item) for item in items)


def shown_item(row: Row, value: object) -> str:
    """The same of a value that is no list, or of one in a list."""
    if isinstance(value, tuple):
        return "=".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Account):
        return f"{value.sid}:***:{value.type}{':test' if value.test else ''}"
    if row.read is read_grace and isinstance(value, int):
        return written(value)
    return str(value)
