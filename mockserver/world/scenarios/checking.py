"""Documents against `schemas/scenario.json` and `schemas/seed.json`, in words for their authors."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import orjson

from mockserver.domain.matching import near
from mockserver.world.scenarios.faults import Complaint, Path
from mockserver.world.scenarios.strangers import owner_of, unknown_keys
from mockserver.world.schema_files import load

Schema = dict[str, Any]

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "scenario": (),
    "given": ("properties", "given"),
    "delivery": ("properties", "delivery", "items"),
    "faults": ("properties", "faults", "items"),
    "weather": ("properties", "weather", "items"),
    "handsets": ("properties", "handsets", "items"),
    "store": ("properties", "given", "properties", "stores", "items"),
    "cohort": ("properties", "given", "properties", "cohorts", "items"),
}
"""Where in the scenario's schema the one for each kind of document is.

Any other part is a schema file of its own, such as `control/Verify`.
"""


@cache
def schema(part: str = "scenario") -> Schema:
    """The schema of a part, read once, with its references filled in."""
    if part not in PARTS:
        return _filled(load(part))
    node = _filled(load("scenario")) if part == "scenario" else schema()
    for step in PARTS[part]:
        node = node[step]
    return node


def _filled(root: Schema) -> Schema:
    """`root` with each `$ref` replaced by what it names: in this file, or another schema file."""

    def fill(node: Any) -> Any:
        if isinstance(node, list):
            return [fill(item) for item in node]
        if not isinstance(node, dict):
            return node
        own = {key: fill(value) for key, value in node.items() if key not in ("$ref", "$defs")}
        return {**target(node["$ref"]), **own} if "$ref" in node else own

    def target(reference: str) -> Any:
        if reference.startswith("#/"):
            node: Any = root
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
            return fill(node)
        return _filled(load(reference.removesuffix(".json")))

    filled: Schema = fill(root)
    return filled


@cache
def _validator(part: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(part))


def complaints(document: object, part: str) -> list[Complaint]:
    """All that is wrong with a document by its schema, once each."""
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError as unwritable:  # lone surrogates, endless nesting
        return [Complaint((), f"is not JSON: {unwritable}")]
    validator = _validator(part)
    if validator.is_valid(document):
        return []
    errors = validator.iter_errors(document)
    return list(
        dict.fromkeys(each for error in errors for each in _explained(error, document, part))
    )


def whole(document: Any, part: str) -> Any:
    """A document that fits its schema, with 2.0 as 2 where a whole number belongs.

    To JSON Schema they are the same, to records and a status line they are not.
    """
    return _whole(document, schema(part))


def _whole(value: Any, node: Schema) -> Any:
    if not node:
        return value
    if isinstance(value, float) and value.is_integer() and "integer" in node.get("type", ()):
        return int(value)
    if isinstance(value, dict):
        known = node.get("properties", {})
        return {key: _whole(each, known.get(key, {})) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each, node.get("items", {})) for each in value]
    return value


def _explained(error: Any, document: Any, part: str) -> Iterator[Complaint]:
    node: Any = schema(part)
    owners = [node]
    for step in error.schema_path[:-1]:
        node = node[step]
        if "properties" in node:
            owners.append(node)
    path: Path = ()
    value = document
    for step in error.instance_path:
        step = _key(value, step)
        path, value = (*path, step), value[step]
    if error.schema_path[-1] == "additionalProperties":
        return unknown_keys(path, value, owners)
    explain = _EXPLAIN.get(error.schema_path[-1])
    if explain is None:
        return iter([Complaint(path, _cut(error.message))])
    return _elsewhere(explain(path, value, node), path, value, owners[0])


def _elsewhere(
    found: Iterator[Complaint], path: Path, value: object, root: Schema
) -> Iterator[Complaint]:
    """The same, with the place where a list belongs whose name is taken here."""
    inside = owner_of(str(path[0]), root) if len(path) == 1 and isinstance(value, list) else ""
    more = f": it belongs inside `{inside}`" if inside else ""
    return (each._replace(message=each.message + more) for each in found)


def _key(owner: Any, step: str | int) -> str | int:
    """The engine tells a key of digits as a number."""
    if isinstance(owner, list) or step in owner:
        return step
    found: str = next(key for key in owner if _NUMBER(key) and int(key) == step)
    return found


_NUMBER: Final = re.compile(r"[+-]?[0-9]+").fullmatch


def _cut(message: str) -> str:
    """It begins with the value, which may be long, and ends with what is wrong."""
    return message if len(message) <= 200 else f"{message[:60]} … {message[-60:]}"


def _missing_key(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    for key in node["required"]:
        if key not in value:
            yield Complaint(path, f"needs the key {key!r}")


KEYS_SHOWN: Final = 5

_WORDS: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def _wrong_type(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    types = [node["type"]] if isinstance(node["type"], str) else node["type"]
    words = " or ".join(_WORDS[name] for name in types)
    known = ", ".join([*node.get("properties", ())][:KEYS_SHOWN])
    keys = f" with keys such as {known}" if known and types == ["object"] else ""
    yield Complaint(path, f"must be {words}{keys}, {_not(value)}")


def _wrong_choice(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    choices = [_spelt(choice) for choice in node["enum"]]
    hint = near(value, choices) if isinstance(value, str) else ""
    yield Complaint(path, f"must be one of {', '.join(choices)}, {_not(value)}", hint)


def _wrong_form(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    if isinstance(value, dict):  # its keys have another form
        for key in value:
            if not re.search(node["pattern"], key):
                yield Complaint((*path, key), f"must be {node['x-expects']}", at_key=True)
        return
    yield Complaint(path, f"must be {node['x-expects']}, {_not(value)}")


def _too_small(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    yield Complaint(path, f"must be at least {node['minimum']}, {_not(value)}")


def _too_large(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    yield Complaint(path, f"must be at most {node['maximum']}, {_not(value)}")


def _few(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    if node["minItems"] == 1:
        return _empty(path, value, node)
    return iter([Complaint(path, f"must have {node['minItems']}, and has {len(value)}")])


def _too_many(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    yield Complaint(path, f"must have {node['maxItems']}, and has {len(value)}")


def _empty(path: Path, value: Any, node: Schema) -> Iterator[Complaint]:
    yield Complaint(path, "must not be empty")


_EXPLAIN: Final[Mapping[str, Callable[[Path, Any, Schema], Iterator[Complaint]]]] = {
    "required": _missing_key,
    "type": _wrong_type,
    "enum": _wrong_choice,
    "pattern": _wrong_form,
    "minimum": _too_small,
    "maximum": _too_large,
    "minLength": _empty,
    "minItems": _few,
    "maxItems": _too_many,
    "minProperties": _empty,
}
"""By the keyword of the schema that is broken."""


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _not(value: object) -> str:
    if isinstance(value, bool):
        return f"not {_spelt(value)}"
    kind = {dict: "a mapping", list: "a list", type(None): "null"}.get(type(value))
    return f"not {kind or repr(value)[:80]}"
