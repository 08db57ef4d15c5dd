"""The request's JSON Schema at work: its breaches become faults with Twilio's codes.

The engine that runs schemas is handed in (`Compile`): the domain knows none. From the one document
come two validators, so that ten thousand recipients can be checked some at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol

from mockserver.domain.bulk.faults import GENERAL, Found, Path


class Kind(Protocol):
    """Which keyword was broken."""

    @property
    def name(self) -> str: ...


class Breach(Protocol):
    """One breach, as `jsonschema-rs` tells it."""

    @property
    def instance_path(self) -> list[str | int]: ...
    @property
    def schema_path(self) -> list[str | int]: ...
    @property
    def kind(self) -> Kind: ...


class Validator(Protocol):
    """A compiled schema."""

    def is_valid(self, instance: Any) -> bool: ...
    def iter_errors(self, instance: Any) -> Iterable[Breach]: ...


Compile = Callable[[dict[str, Any]], Validator]

_ENOUGH: Final = 3_000
"""Breaches that are looked at, lest a hostile request keep everybody waiting."""

_LONGEST: Final = 10_000
"""Characters of a text that are looked at for its breaches: more than any pattern allows."""

_BY_KIND: Final[Mapping[str, str]] = {
    "required": "is required",
    "minLength": "must not be empty",
    "minItems": "must not be empty",
    "maxItems": "has too many items",
    "pattern": "has the wrong form",
    "anyOf": "lacks what it needs",
}
"""What a message says where the schema has no `x-says`."""


class Gate:
    """The schema of the request; made once, knows nothing of any request."""

    def __init__(self, schema: dict[str, Any], compile_: Compile) -> None:
        to = {key: value for key, value in schema["properties"]["to"].items() if key != "items"}
        head = {**schema, "properties": {**schema["properties"], "to": to}}
        some = {"$defs": schema["$defs"], "type": "array", "items": {"$ref": "#/$defs/recipient"}}
        self.schema = schema
        self._most = int(to["maxItems"])
        self._head, self._head_schema = compile_(head), head
        self._some, self._some_schema = compile_(some), some

    def heads(self, document: dict[str, Any]) -> Iterator[Found]:
        """The breaches of everything but the recipients themselves; their number is looked at."""
        known: dict[str, Any] = pruned(self.schema, self._head_schema, document)
        if "to" in document:
            to = document["to"]
            known["to"] = [None] * min(len(to), self._most + 1) if isinstance(to, list) else to
        if not self._head.is_valid(known):
            breaches = islice(self._head.iter_errors(_short(known)), _ENOUGH)
            yield from map(_Reader(self._head_schema).found, breaches)

    def recipients(self, document: dict[str, Any]) -> list[Any]:
        """The items of `to`; none where their number is wrong, which is a fault by itself."""
        to = document.get("to")
        return to if isinstance(to, list) and len(to) <= self._most else []

    def fits(self, items: list[Any]) -> bool:
        """Whether some recipients break nothing that the schema says; the quick question."""
        return self._some.is_valid(items)

    def breaches(self, items: list[Any], start: int) -> Iterator[Found]:
        """What some recipients break, the first of them being number `start` of the request."""
        reader = _Reader(self._some_schema, start)
        known = _short(pruned(self.schema, self._some_schema, items))
        return map(reader.found, islice(self._some.iter_errors(known), _ENOUGH))


def pruned(schema: Mapping[str, Any], part: Mapping[str, Any], value: Any) -> Any:
    """A value without what a part of the schema does not know.

    Of what is too long as much is left as makes it too long: breaches are dear, and copy their
    owners. What fits fits as before, and what does not does not.
    """
    part = resolved(schema, part)
    if isinstance(value, list):
        several = value[: part.get("maxItems", len(value)) + 1] if "items" in part else ()
        return [pruned(schema, part["items"], one) for one in several]
    if not isinstance(value, dict):
        return value
    if "additionalProperties" in part:
        some = islice(value.items(), part.get("maxProperties", len(value)) + 1)
        return {name: pruned(schema, part["additionalProperties"], one) for name, one in some}
    known = part.get("properties", {})
    names = [name for name in (known if len(value) > len(known) else value) if name in value]
    return {name: pruned(schema, known[name], value[name]) for name in names if name in known}


def _short(value: Any) -> Any:
    """A pruned value whose texts are not long: breaches copy them."""
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, list):
        return [_short(one) for one in value]
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    return value


class _Reader:
    """Turns breaches of one schema into what was found."""

    def __init__(self, schema: dict[str, Any], start: int | None = None) -> None:
        self._schema = schema
        self._start = start

    def found(self, breach: Breach) -> Found:
        keyword, path = breach.kind.name, self._path(breach)
        broken: Any = self._schema
        for step in breach.schema_path[:-1]:
            broken = broken[step]
        missing = getattr(breach.kind, "property", None)
        if missing is not None:
            path, broken = (*path, missing), self._described(broken, missing)
        return Found(_whole(path), _code(broken, keyword), _said(broken, keyword))

    def _path(self, breach: Breach) -> Path:
        path = tuple(breach.instance_path)
        if self._start is None:
            return path
        first, *rest = path
        return ("to", self._start + int(first), *rest)

    def _described(self, owner: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        described: Mapping[str, Any] = owner["properties"][name]
        return resolved(self._schema, described)


def resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the schema, or what it refers to."""
    if "$ref" not in part:
        return part
    target: Mapping[str, Any] = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return target


def _whole(path: Path) -> Path:
    """Tags are faulted as a whole. Source: facts §3.14."""
    return path[:1] if path[:1] == ("tags",) else path


def _code(broken: Mapping[str, Any], keyword: str) -> int:
    problem = broken.get("x-problem", GENERAL)
    return int(problem.get(keyword, GENERAL) if isinstance(problem, dict) else problem)


def _said(broken: Mapping[str, Any], keyword: str) -> str:
    if keyword == "required":
        return _BY_KIND[keyword]
    kind = broken.get("type")
    if keyword == "type" and isinstance(kind, str) and (kind != "string" or "x-says" not in broken):
        return f"must be {'an' if kind[0] in 'aio' else 'a'} {kind}"
    default = _BY_KIND.get(keyword, "is invalid")
    return str(broken.get("x-says", default))
