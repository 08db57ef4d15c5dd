"""YAML without its surprises: scalars are text, typed by the schema, and everything has a place.

PyYAML's loaders turn `+1415…` into a number, `NO` into false and a token of digits into 1032; its
events know line and column, and leave scalars alone. Imported only when there is YAML to read.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import yaml
import yaml.reader

from mockserver.world.scenarios.faults import Complaint, Misfit, Path, Place, Places, error
from mockserver.world.scenarios.parameters import DEEPEST, Parameters, Values, written

Schema = Mapping[str, Any]

_NOTHING: Final = ("", "~", "null")

_TYPED: Final[Mapping[str, tuple[Callable[[str], object], Callable[[str], object]]]] = {
    "integer": (re.compile(r"[+-]?[0-9]{1,18}").fullmatch, int),
    "number": (
        re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})").fullmatch,
        float,
    ),
    "boolean": (("true", "false").__contains__, "true".__eq__),
}
"""For each type that is not text: what looks like it, and how it is read."""


class Draft(NamedTuple):
    """A document and where its parts stand."""

    document: object
    places: Places
    unused: tuple[Complaint, ...] = ()
    """Of parameters, which matter once all else is right."""


def read(text: str, source: str, schema: Schema, chosen: Values) -> Draft:
    """Read one document; raise `ScenarioError` for all that is not plain YAML, with its lines.

    `chosen` are values for its parameters, which are filled in before anything gets its type.
    """
    draft = _read(text, source, schema, None)
    parameters = Parameters.of(draft.document, chosen)
    if found := parameters.complaints():
        raise error(source, found, draft.places)
    if "${" in text:
        draft = _read(text, source, schema, parameters)
    return draft._replace(unused=tuple(parameters.unused()))


def _read(text: str, source: str, schema: Schema, parameters: Parameters | None) -> Draft:
    reader = _Reader(text, parameters)
    places = Places(reader.keys, reader.values)
    try:
        document = reader.document(schema)
    except yaml.MarkedYAMLError as broken:
        raise error(source, [_broken(reader, broken)], places) from None
    except _TooDeep:
        raise error(source, reader.complaints, places) from None
    except yaml.reader.ReaderError as broken:
        reader.values[()] = Place(text.count("\n", 0, broken.position) + 1, 1)
        problem = f"is not YAML: the character U+{broken.character:04X} is not allowed"
        raise error(source, [Complaint((), problem)], places) from None
    if reader.complaints:
        raise error(source, reader.complaints, places)
    return Draft(document, places)


class _TooDeep(Exception):
    """Reading goes no further; the complaint is made."""


_QUOTE: Final = "put the text in quotes"

_FIXES: Final = (
    ("'\\t'", "indent with spaces"),
    ("cannot start any token", _QUOTE),
    ("mapping values are not allowed", f"{_QUOTE} where `: ` is part of it"),
    ("unknown escape character", "use single quotes, in which a backslash is one"),
    ("expected alphabetic or numeric character", _QUOTE),
    ("but got '{'", "put `${…}` in quotes"),
    ("found '<scalar>'", "a quote within quotes is written twice, '', or the others are used"),
    ("found '}'", "nothing is open that it closes"),
    ("found ']'", "nothing is open that it closes"),
    ("expected <block end>", "indent it as what it stands beside"),
    ("but got '<stream end>'", "what BEGUN is not closed"),
    ("but found '<stream end>'", "a bracket is not closed, or a ` #` begins a comment in it"),
    ("unexpected end of stream", "what BEGUN is not closed"),
)
"""What helps, by a part of what the parser says."""


def _broken(reader: "_Reader", said: yaml.MarkedYAMLError) -> Complaint:
    """What the parser says, in a place of its own, and what helps."""
    problem, mark = said.problem or "is not YAML", said.problem_mark
    if mark is not None:
        reader.values[()] = Place(mark.line + 1, mark.column + 1)
    begun = said.context_mark.line + 1 if said.context_mark else 1
    fix = next((fix for part, fix in _FIXES if part in problem), "")
    told = fix.replace("BEGUN", f"begins in line {begun}")
    return Complaint((), f"is not YAML: {problem}{told and ': '}{told}")


class _Reader:
    """One pass over the events of a text."""

    def __init__(self, text: str, parameters: Parameters | None) -> None:
        self._events = yaml.parse(text, Loader=yaml.SafeLoader)
        self._parameters = parameters
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.complaints: list[Complaint] = []

    def document(self, schema: Schema) -> object:
        """The one document; nothing at all is an empty one."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return {}
        document = self._value(next(self._events), (), schema)
        next(self._events)
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            self._refuse((), after, "only one document may be in a file")
        return {} if document in _NOTHING else document

    def _value(self, event: yaml.Event, path: Path, schema: Schema) -> object:
        self.values[path] = _place(event)
        if len(path) > DEEPEST:
            self._refuse(path, event, "is nested too deeply")
            raise _TooDeep
        if isinstance(event, yaml.AliasEvent):
            told = f"aliases (*{event.anchor}) are not read; write it out, or put it in quotes"
            self._refuse(path, event, told)
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            self._refuse_extras(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, schema)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, schema)
        if isinstance(event, yaml.ScalarEvent):
            return _typed(self._filled(event, path), schema)
        return None

    def _filled(self, event: yaml.ScalarEvent, path: Path) -> str:
        """The text of a scalar, with the values of parameters."""
        text: str = event.value
        if self._parameters is None or path[:1] == ("parameters",):
            return text
        try:
            return written(self._parameters.fill(text))
        except Misfit as misfit:
            self._refuse(path, event, misfit.message, misfit.hint)
            return text

    def _refuse_extras(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: Path
    ) -> None:
        if event.anchor is not None:
            self._refuse(path, event, f"anchors (&{event.anchor}) are not read")
        if event.tag is not None:
            self._refuse(path, event, "tags (!) are not read; the key says what type its value has")

    def _refuse_strange(self, key: yaml.ScalarEvent, path: Path) -> None:
        """A key that is none, but looks like one, or has what nobody sees."""
        if told := _strange(key):
            self.values[path] = _place(key)
            self.complaints.append(Complaint(path, told, at_key=True))

    def _refuse(self, path: Path, event: yaml.Event, message: str, hint: str = "") -> None:
        self.values[path] = _place(event)
        self.complaints.append(Complaint(path, message, hint))

    def _mapping(self, path: Path, schema: Schema) -> dict[str, object]:
        result: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._value(event, path, {})
                self._value(next(self._events), path, {})
                self._refuse(path, event, "a key must be text")
                continue
            key = event.value
            self._refuse_extras(event, (*path, key))
            self._refuse_strange(event, (*path, ascii(key)[1:-1]))
            self._entry(result, event, (*path, key), schema.get("properties", {}).get(key, {}))
        return result

    def _entry(
        self, result: dict[str, object], key: yaml.ScalarEvent, path: Path, schema: Schema
    ) -> None:
        """One key and its value; a key with nothing behind it counts as absent."""
        repeated = self.keys.get(path)
        self.keys[path] = _place(key)
        event = next(self._events)
        value = self._value(event, path, schema)
        if repeated:
            self._refuse(path, key, f"is here twice; the first is in line {repeated.line}")
        if not (_is_nothing(event) and "string" not in _types(schema) and schema):
            result[key.value] = value

    def _sequence(self, path: Path, schema: Schema) -> list[object]:
        result: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            result.append(self._value(event, (*path, len(result)), schema.get("items", {})))
        return result


def _strange(key: yaml.ScalarEvent) -> str:
    """What is wrong with a key that is none; "" for one that may be."""
    if not key.value.isprintable():
        return "the key has a character that nobody sees: type it anew"
    if key.value == "<<" and not key.style:
        return "merging (<<) is not read; write it out"
    return "write a space behind `-`" if key.value[:1] == "-" and not key.style else ""


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


def _is_nothing(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style and event.value in _NOTHING


def _types(schema: Schema) -> tuple[str, ...]:
    """The types that a schema allows; those of its values where it lists them."""
    types = schema.get("type", "string" if "enum" in schema else ())
    return (types,) if isinstance(types, str) else tuple(types)


def _typed(text: str, schema: Schema) -> object:
    """`text` as what the schema says; where that may be text, or does not fit, it stays text."""
    types = _types(schema)
    if "string" in types:
        return text
    for name in types:
        if name in _TYPED and _TYPED[name][0](text):
            return _TYPED[name][1](text)
    return text
