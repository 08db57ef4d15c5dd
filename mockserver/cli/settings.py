"""`serve`, `config` and `version`: the commands about the server itself."""

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
    loaded, _ = Parser("config [options]", about, config.ROWS.values()).read(words)
    for row in config.ROWS.values():
        print(f"{row.flag:<22} {_effective(loaded, row):<40} {loaded.origins[row.name]}")
    return 0


def _effective(loaded: config.Loaded, row: config.Row) -> str:
    """A setting's value as text; Auth Token and passwords are masked: bug reports show it."""
    table = loaded.target if hasattr(loaded.target, row.name) else loaded.settings
    value = getattr(table, row.name)
    if value is None:
        return ""
    if row.name == "auth_token":
        return "***"
    return re.sub(r"//[^/]*@", "//***@", shown(row, value))


def version(words: Sequence[str]) -> int:
    """Print the version."""
    Parser("version", "Print the version.").parse(words)
    from mockserver import __version__

    print(f"twilio-mockserver {__version__}")
    return 0
