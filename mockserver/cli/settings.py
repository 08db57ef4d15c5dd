"""`serve`, `config` and `version`: the commands about the server itself."""

import json
import re
from collections.abc import Sequence

from mockserver import config
from mockserver.cli.options import Parser, shown, shown_item
from mockserver.interruption import at_once


def serve_parser() -> Parser:
    """Every setting of a server is a flag of `serve`."""
    about = "Start the server. Ctrl-C stops it."
    return Parser("[serve] [options]", about, config.rows(config.Settings))


def serve(words: Sequence[str]) -> int:
    """Serve until stopped."""
    loaded, _ = serve_parser().read(words)
    with at_once():
        from mockserver import serving

    return serving.serve(loaded.settings)


def show(words: Sequence[str]) -> int:
    """Print the settings as a server started here with the same flags would have them."""
    about = "Print every setting, its effective value and where that comes from."
    parser = Parser("config [options]", about, config.ROWS.values())
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    loaded, given = parser.read(words)
    if given.json:
        print(json.dumps(_document(loaded), ensure_ascii=False, indent=2))
        return 0
    for row in config.ROWS.values():
        value = _value(loaded, row)
        text = "" if value is None else _masked(row, shown(row, value))
        print(f"{row.flag:<22} {text:<40} {loaded.origins[row.name]}")
    return 0


def _document(loaded: config.Loaded) -> dict[str, dict[str, object]]:
    """Value and origin by flag; numbers, switches and lists as JSON has them."""
    return {
        row.flag: {"value": _json(row, _value(loaded, row)), "origin": loaded.origins[row.name]}
        for row in config.ROWS.values()
    }


def _json(row: config.Row, value: object) -> object:
    if isinstance(value, tuple):
        return [_masked(row, shown_item(row, item)) for item in value]
    if value is None or isinstance(value, bool):
        return value
    text = _masked(row, shown_item(row, value))
    return value if text == str(value) else text


def _value(loaded: config.Loaded, row: config.Row) -> object:
    table = loaded.target if hasattr(loaded.target, row.name) else loaded.settings
    value: object = getattr(table, row.name)
    return value


def _masked(row: config.Row, text: str) -> str:
    """Auth Token and passwords are left out: bug reports show it."""
    return "***" if row.name == "auth_token" else re.sub(r"//[^/]*@", "//***@", text)


def version(words: Sequence[str]) -> int:
    """Print the version."""
    Parser("version", "Print the version.").parse(words)
    from mockserver import __version__

    print(f"twilio-mockserver {__version__}")
    return 0
