"""JSON documents read by a schema: every fault at once, one for each place.

Keywords of ours: `x-any-case` on a string reads it in upper case; `x-problem` on a field names the
code of its breach, 20001 where it is missing. A fault within a map is told of the map.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
import msgspec

from mockserver.domain.errors import problem
from mockserver.domain.json_faults import INVALID, Fault, fault, path
from mockserver.domain.matching import near
from mockserver.world.schema_files import load

NOTED: Final = 20
"""Unknown fields of one request that are named in warnings; ours."""

FAULTS_MAX: Final = 100
"""Faults of one request that are told; ours."""

Schema = Mapping[str, Any]

_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "type": lambda kinds: f"must be of type {_or(kinds)}",
    "enum": lambda values: f"must be one of {', '.join(values)}",
    "minLength": lambda _: "must not be empty",
    "maxLength": lambda most: f"must have at most {most} characters",
    "minItems": lambda least: f"must have at least {least} items",
    "maxItems": lambda most: f"must have at most {most} items",
    "minProperties": lambda least: f"must have at least {least} members",
    "uniqueItems": lambda _: "must not name anything twice",
    "minimum": lambda least: f"must be at least {least}",
    "maximum": lambda most: f"must be at most {most}",
    "pattern": lambda _: "is not well-formed",
    "anyOf": lambda shapes: _shapes(shapes),
}
"""What is said of a breach, by keyword; the words are ours."""


def _or(kinds: object) -> str:
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def _shapes(shapes: list[Mapping[str, Any]]) -> str:
    """By the fields that they require, where nothing else tells them apart."""
    if all(shape.keys() == {"required"} for shape in shapes):
        return f"must have {_or([' and '.join(shape['required']) for shape in shapes])}"
    return "matches none of the shapes that it may have"


class Reading(msgspec.Struct, frozen=True):
    """A document as its schema reads it."""

    value: Any
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    """A sentence for each field that no schema knows: those are ignored."""


class DocumentSchema:
    """One operation's body, or its query."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._validator = jsonschema_rs.Draft202012Validator(document)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the document itself."""
        return tuple(self.document.get("properties", ()))

    def kind(self, name: str) -> str:
        """The JSON type of a field, where it is one alone."""
        return str(self.document["properties"][name].get("type", ""))

    def read(self, value: Any) -> Reading:
        """Fold what may be in any case, then check."""
        notes: list[str] = []
        value = _folded(self.document, value, notes)
        try:
            found = self._faults(value)
        except ValueError:  # what the validator raises beyond 255 levels
            found = (fault(INVALID, what="the body is nested too deeply"),)
        return Reading(value, found, tuple(notes))

    def _faults(self, value: Any) -> tuple[Fault, ...]:
        if self._validator.is_valid(value):
            return ()
        found: dict[tuple[int, str], Fault] = {}
        for each in map(self._fault, self._validator.iter_errors(value)):
            found.setdefault((each.code, each.context), each)
        return tuple(found.values())[:FAULTS_MAX]

    def _fault(self, error: Any) -> Fault:
        keyword = str(error.schema_path[-1])
        steps = list(error.instance_path)
        where, schema = _place(self.document, steps)
        told = keyword in _WORDS and keyword in schema and where == steps
        said = _WORDS[keyword](schema[keyword]) if told else "is not as it must be"
        if keyword == "required":
            where, said = [*where, error.kind.property], "is required"
        row = problem(schema["x-problem"]) if "x-problem" in schema else INVALID
        name = path(where) if where else "the body"
        return fault(row, path(where), what=f"{name} {said}")


Place = list[str | int]


def _place(schema: Schema, steps: Place) -> tuple[Place, Schema]:
    """How far the schema names what leads to a place, and what it says there."""
    taken: Place = []
    for step in steps:
        known = schema.get("items") if isinstance(step, int) else _property(schema, step)
        if known is None:
            break
        schema = known
        taken.append(step)
    return taken, schema


def _property(schema: Schema, name: str) -> Schema | None:
    found: Schema | None = schema.get("properties", {}).get(name)
    return found


def _folded(schema: Schema, value: Any, notes: list[str]) -> Any:
    """The same with upper case where any will do; adds to `notes` what is not known."""
    if isinstance(value, str):
        return value.upper() if schema.get("x-any-case") else value
    if isinstance(value, list) and "items" in schema:
        return [_folded(schema["items"], each, notes) for each in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    known = schema["properties"]
    for name in value:
        if name not in known and len(notes) < NOTED:
            notes.append(unknown(name, tuple(known)))
    return {name: _folded(known.get(name, {}), each, notes) for name, each in value.items()}


def unknown(name: str, known: tuple[str, ...]) -> str:
    """What the journal says of a field that is ignored."""
    same = next((each for each in known if each.lower() == name.lower()), "")
    meant = same or near(name[:100], known)
    hint = f": did you mean `{meant}`?" if meant else ""
    return f"`{name[:100]}` is not a field of this call and was ignored{hint}"


@lru_cache(64)
def document_schema(name: str) -> DocumentSchema:
    """`document_schema("comms/v1/CreateSenderPool")`, compiled when it is first asked for."""
    return DocumentSchema(load(name))
