"""Writes `docs/reference.md` (settings, scenario keys, control calls) and `docs/scenarios.md`.

python docs/generate.py
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mockserver import config
from mockserver.edge.control.routes import ROUTES
from mockserver.world.scenarios import Library
from mockserver.world.schema_files import folder, load

REFERENCE: Final = Path(__file__).with_name("reference.md")

HEAD: Final = """\
# Reference

Written by `python docs/generate.py`; a test keeps it current.
"""


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
        said = raw.get("description", part.get("description", ""))
        yield f"`{prefix}{name}`", said
        if raw.get("$ref", "").startswith("#/properties/"):
            continue  # as above
        items = _resolved(root, part.get("items", {}))
        yield from _keys(root, part, f"{prefix}{name}.")
        yield from _keys(root, items, f"{prefix}{name}[].")


def _resolved(root: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A node, or what it refers to within its own file or in the control API's."""
    target = node.get("$ref", "")
    if target.startswith("control/"):
        return load(target.removesuffix(".json"))
    if not target.startswith("#/"):
        return node
    found: Mapping[str, Any] = root
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


# `scenarios.md`: an introduction by hand, then every key with its type.

SCENARIOS: Final = Path(__file__).with_name("scenarios.md")
BEGIN: Final = "<!-- from here on by `python docs/generate.py`; a test keeps it current -->\n"


def scenarios(before: str) -> str:
    """The page with what is generated as the code has it now."""
    return before.partition(BEGIN)[0] + BEGIN + "\n" + "\n".join(_scenarios()) + "\n"


def _scenarios() -> Iterator[str]:
    yield "## Ready-made\n"
    ready = Library([folder("scenarios")]).summaries()
    yield from table(("name", "what happens"), ((f"`{name}`", text) for name, text in ready))
    yield "\n## Every key\n"
    yield from table(("key", "is", "what it says"), _plain_keys())
    for name, node in _large(load("scenario")):
        yield f"\n### `{name}`\n"
        yield f"{node['description']}\n"
        yield from table(("key", "is", "what it says"), _described(name))


def _plain_keys() -> Iterator[tuple[str, ...]]:
    large = {name for name, _ in _large(load("scenario"))}
    for name, node in load("scenario")["properties"].items():
        said = f"[see below](#{name})" if name in large else node["description"]
        yield f"`{name}`", _type(load("scenario"), node), said


def _large(root: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Keys that have keys of their own."""
    for name, node in root["properties"].items():
        part = _resolved(root, node)
        own = part.get("additionalProperties")
        if "properties" in part or own or "$ref" in part.get("items", {}) or node.get("$ref"):
            yield name, node


def _described(name: str) -> Iterator[tuple[str, ...]]:
    root = load("scenario")
    node = root["properties"][name]
    if name == "given":
        root = load("seed")
        node = root
    part = _resolved(root, node)
    yield from _rows(root, part, "")
    if "properties" not in part:
        yield from _rows(root, _resolved(root, part.get("items", {})), "")
        yield from _rows(root, part.get("additionalProperties", {}), "NAME.")


def _rows(
    root: Mapping[str, Any], node: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, ...]]:
    """A row for each key, those within others after them."""
    for name, raw in node.get("properties", {}).items():
        part = _resolved(root, raw)
        must = ", needed" if name in node.get("required", ()) else ""
        said = raw.get("description", part.get("description", ""))
        yield f"`{prefix}{name}`", f"{_type(root, raw)}{must}", said.replace("|", "\\|")
        if raw.get("$ref", "").startswith("#/properties/"):
            continue  # as above
        yield from _rows(root, part, f"{prefix}{name}.")
        if raw.get("$ref") != "#/$defs/texts":
            yield from _rows(root, _resolved(root, part.get("items", {})), f"{prefix}{name}[].")


WORDS: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "array": "list",
    "object": "mapping",
}

KINDS: Final[Mapping[str, str]] = {
    "#/$defs/duration": "duration",
    "#/$defs/texts": "text, or a list: any of",
    "#/$defs/spread": "duration, or a mapping",
}
"""What is known by its name."""


def _type(root: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    """What a value is, in words."""
    target = raw.get("$ref", "")
    if target in KINDS:
        return KINDS[target]
    part = _resolved(root, raw)
    if "$ref" in part and part is not raw:
        return _type(root, part)
    if "enum" in part:
        return " or ".join(f"`{choice}`" for choice in part["enum"])
    if "x-expects" in part and part.get("type") == "string":
        return str(part["x-expects"])
    types = part.get("type", "object")
    named = " or ".join(WORDS[name] for name in ([types] if isinstance(types, str) else types))
    return f"{named}{_bounds(part)}"


def _bounds(part: Mapping[str, Any]) -> str:
    low, high = part.get("minimum"), part.get("maximum")
    if low is None or part.get("type") not in ("integer", "number"):
        return ""
    return f" from {low}" if high is None else f", {low} to {high}"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    SCENARIOS.write_text(scenarios(SCENARIOS.read_text(encoding="utf-8")), encoding="utf-8")
