"""Writes `docs/reference.md` from the code: settings, scenario keys, control calls.

python docs/generate.py
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mockserver import config
from mockserver.edge.control.routes import ROUTES
from mockserver.world.schema_files import load

REFERENCE: Final = Path(__file__).with_name("reference.md")

HEAD: Final = """\
# Reference

Written by `python docs/generate.py`; a test keeps it current.
"""

LATER: Final = "Not served by this version."


def reference() -> str:
    """The whole page."""
    return "\n".join(
        (
            HEAD,
            "## Settings\n",
            "Each is a flag, a key in `mockserver.toml`, and an environment variable:",
            "`--port`, `port`, `MOCKSERVER_PORT`. Lists are separated by commas there.\n",
            *table(("setting", "value", "what it does", "default"), settings()),
            "\n## Scenarios\n",
            "The keys of a scenario; `given` is also the body of `POST /_mock/seed`.\n",
            *table(("key", "what it says"), keys(load("scenario"))),
            *table((), keys(load("seed"), "given.")),
            "\n## Control API\n",
            "Under `/_mock` for the sandbox `default`, under `/_mock/sandboxes/ID` for another.",
            "`/_mock/openapi.json` has the shapes.\n",
            *table(("call", "what it does"), calls()),
            "",
        )
    )


def settings() -> Iterator[tuple[str, ...]]:
    """The settings of a server."""
    for row in config.rows(config.Settings):
        default = "" if row.default in ("", (), None, False) else f"`{row.default}`"
        if row.name == "callback_grace":
            default = "`20ms`"
        shape = row.shape.replace("|", " or ")
        yield f"`--{row.flag}`", shape, row.about, default


def keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, ...]]:
    """Every key of a schema, those within others after them."""
    yield from _keys(schema, schema, prefix)


def _keys(
    root: Mapping[str, Any], node: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, ...]]:
    for name, raw in node.get("properties", {}).items():
        part = _resolved(root, raw)
        said = LATER if "x-not-yet" in part else raw.get("description", part.get("description", ""))
        yield f"`{prefix}{name}`", said
        items = _resolved(root, part.get("items", {}))
        yield from _keys(root, part, f"{prefix}{name}.")
        yield from _keys(root, items, f"{prefix}{name}[].")


def _resolved(root: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A node, or what it refers to within its own file or in the control API's."""
    target = node.get("$ref", "")
    if target.startswith("control/"):
        return load(target.removesuffix(".json"))
    found: Mapping[str, Any] = root if target else node
    for step in target.split("/")[1:]:
        found = found[step]
    return found


def calls() -> Iterator[tuple[str, ...]]:
    """The control calls."""
    for route in ROUTES:
        yield f"`{route.method} {route.path}`", route.summary


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Lines of a table; one without a head goes on the one before."""
    if head:
        yield f"| {' | '.join(head)} |"
        yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
