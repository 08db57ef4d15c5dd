"""`serve`, `config` and `version`: the commands about the server itself."""

import json
import re
from collections.abc import Sequence

from mockserver import config
from mockserver.cli.options import Parser, shown


def serve_parser() -> Parser:
    """Every setting of a server is a flag of `serve`."""
    about = "Start the server. Ctrl-C stops it."
    return Parser("[serve] [options]", about, config.rows(config.Settings))


def serve(words: Sequence[str]) -> int:
    """Serve until stopped."""
    loaded, _ = serve_parser().read(words)
    from mockserver import serving

    return serving.serve(loaded.settings)


def show(words: Sequence[str]) -> int:
    """Print the settings as a server started here with the same flags would have them."""
    about = "Print every setting, its effective value and where that comes from."
    parser = Parser("config [options]", about, config.ROWS.values())
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    loaded, given = parser.read(words)
    found = {row.flag: (_effective(loaded, row), loaded.origins[row.name]) for row in parser.settings}
    if given.json:
        document = {flag: {"value": value, "origin": why} for flag, (value, why) in found.items()}
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return 0
    for flag, (value, origin) in found.items():
        print(f"{flag:<22} {_plain(value):<40} {origin}")
    return 0


def _effective(loaded: config.Loaded, row: config.Row) -> object:
    """A setting's value as JSON has it; Auth Tokens and passwords are masked: bug reports show it."""
    table = loaded.target if hasattr(loaded.target, row.name) else loaded.settings
    value = getattr(table, row.name)
    if row.name == "auth_token":
        return "***"
    if isinstance(value, tuple):
        return [_masked(shown(row, item)) for item in value]
    if value is None or isinstance(value, bool) or (isinstance(value, int) and shown(row, value) == str(value)):
        return value
    return _masked(shown(row, value))


def _masked(text: str) -> str:
    return re.sub(r"//[^/]*@", "//***@", text)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


def version(words: Sequence[str]) -> int:
    """Print the version."""
    Parser("version", "Print the version.").parse(words)
    from mockserver import __version__

    print(f"twilio-mockserver {__version__}")
    return 0
