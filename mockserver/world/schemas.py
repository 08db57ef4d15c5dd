"""Request schemas, compiled: pairs of a form in, typed values and breaches out.

Keywords of ours in `schemas/`: `x-problem` on a property names the Twilio code that its breach
answers with, `x-problem-required` on the object does so for what is missing, and
`x-empty-is-missing` on a property drops an empty value. Which breach wins is `errors.rank`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import jsonschema_rs
import msgspec

from mockserver.domain.errors import INVALID_PARAMETER, Problem, problem
from mockserver.domain.matching import near
from mockserver.world.schema_files import load

Pairs = list[tuple[str, str]]

NAMED: Final = 20
"""Unknown parameters of one request that are named in warnings; ours."""


class Reading(msgspec.Struct, frozen=True):
    """A form as its schema reads it."""

    values: dict[str, Any]
    breaches: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    """One sentence for each parameter that no schema knows: Twilio ignores those."""
    wrong: tuple[str, ...] = ()
    """Parameters that break the schema without a code of their own, in the order of the form."""


def _integer(text: str) -> object:
    digits = text[1:] if text[:1] in ("+", "-") else text
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _boolean(text: str) -> object:
    return {"true": True, "false": False}.get(text.lower(), text)


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


class RequestSchema:
    """One operation's parameters."""

    def __init__(self, document: dict[str, Any]) -> None:
        properties: dict[str, dict[str, Any]] = document.get("properties", {})
        self._validator = jsonschema_rs.Draft202012Validator(document)
        self._readers = {
            name: None if kind["type"] == "string" else _READERS.get(kind["type"])
            for name, kind in properties.items()
        }
        self._texts = {name for name, kind in properties.items() if kind["type"] == "string"}
        self._arrays = {name for name, kind in properties.items() if kind["type"] == "array"}
        self._drops_empty = {n for n, kind in properties.items() if kind.get("x-empty-is-missing")}
        self._problems = _problems(properties)
        self._item_problems = _problems(
            {name: kind["items"] for name, kind in properties.items() if "items" in kind}
        )
        self._required: dict[str, Problem] = {
            name: problem(code) for name, code in document.get("x-problem-required", {}).items()
        }

    def read(self, pairs: Pairs) -> Reading:
        """Type, then check. A parameter given twice counts by its last value, arrays by all."""
        values, unknown = self._typed(pairs)
        warnings = self._ignored(unknown) if unknown else ()
        if self._required.keys() <= values.keys() and self._validator.is_valid(values):
            return Reading(values, (), warnings)
        missing = [found for name, found in self._required.items() if name not in values]
        coded, wrong = self._breaches(values)
        return Reading(values, (*missing, *coded, *_unnamed(wrong)), warnings, wrong)

    def _typed(self, pairs: Pairs) -> tuple[dict[str, Any], list[str]]:
        values: dict[str, Any] = {}
        unknown: list[str] = []
        texts, readers, arrays = self._texts, self._readers, self._arrays
        for name, text in pairs:
            if text and name in texts:
                values[name] = text
            elif name not in readers:
                unknown.append(name)
            elif name in arrays:
                values.setdefault(name, []).append(text)
            elif text or name not in self._drops_empty:
                reader = readers[name]
                values[name] = text if reader is None else reader(text)
        return values, unknown

    def _breaches(self, values: dict[str, Any]) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
        """Problems of parameters that break the schema, and those that have no code for that."""
        places = dict.fromkeys(
            (str(error.instance_path[0]), len(error.instance_path) > 1)
            for error in self._validator.iter_errors(values)
            if error.instance_path
        )
        coded, wrong = [], set()
        for name, within in places:
            known = (self._item_problems if within else self._problems).get(name)
            if known is None:
                wrong.add(name)
            else:
                coded.append(known)
        return tuple(coded), tuple([name for name in values if name in wrong])

    def _ignored(self, unknown: list[str]) -> tuple[str, ...]:
        names = list(dict.fromkeys(unknown))
        said = [self._did_you_mean(name) for name in names[:NAMED]]
        if len(names) > NAMED:
            said.append(f"and {len(names) - NAMED} more")
        return tuple(said)

    def _did_you_mean(self, name: str) -> str:
        same = next((known for known in self._readers if known.lower() == name.lower()), "")
        meant = same or near(name[:100], self._readers)
        hint = f": did you mean `{meant}`?" if meant else ""
        return f"`{name[:100]}` is not a parameter of this call and was ignored{hint}"


def _unnamed(names: Sequence[str]) -> tuple[Problem, ...]:
    """20422, which names the parameters that are wrong without a code of their own."""
    if not names:
        return ()
    said = f"{INVALID_PARAMETER.text}: {', '.join(names)}"
    return (msgspec.structs.replace(INVALID_PARAMETER, text=said),)


def _problems(properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Problem]:
    return {
        name: problem(kind["x-problem"]) for name, kind in properties.items() if "x-problem" in kind
    }


def request_schemas(folder: str, operations: Iterable[str]) -> dict[str, RequestSchema]:
    """The schemas of some operations, e.g. of `api/2010-04-01`, by operation."""
    return {name: RequestSchema(load(f"{folder}/{name}")) for name in operations}
