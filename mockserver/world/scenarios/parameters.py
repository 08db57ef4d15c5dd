"""What may be chosen when a scenario is put in force: `${name}` in its values stands for it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.matching import near
from mockserver.world.scenarios.faults import Complaint, Misfit, Path

Values = Mapping[str, object]
"""What was chosen, by name: text, numbers, true or false."""

_PLACE: Final = re.compile(r"(\$?)\$\{([^{}]*)\}")
"""`${name}`, and `$${` for a plain `${`."""

DEEPEST: Final = 20
"""Levels; no scenario needs half of them, and a document must not exhaust the stack."""

_SPELT: Final = re.compile(r"[A-Za-z_][0-9A-Za-z_]{0,63}=")


class Parameters:
    """A scenario's parameters with their values."""

    def __init__(self, declared: Mapping[str, Any], chosen: Values) -> None:
        """`declared` is what the document has under `parameters`, by its schema."""
        self._declared, self._chosen = declared, chosen
        self._used: set[str] = set()

    @classmethod
    def of(cls, document: object, chosen: Values) -> "Parameters":
        """Those of a document, which may still be anything: a broken one declares none."""
        declared = document.get("parameters", {}) if isinstance(document, Mapping) else {}
        return cls(declared if isinstance(declared, Mapping) else {}, chosen)

    def complaints(self) -> list[Complaint]:
        """Of values for what is not declared, and of missing ones."""
        strange = [name for name in self._chosen if name not in self._declared]
        return [
            *(Complaint(("parameters",), *self._unknown(name)) for name in strange),
            *(
                Complaint(
                    ("parameters", name), f"must be chosen: `with: {{{name}: …}}`, or `:{name}=…`"
                )
                for name in self._declared
                if name not in self._chosen and self._default(name) is None
            ),
        ]

    def unused(self) -> list[Complaint]:
        """Of those that stand nowhere in the document, once it was read."""
        return [
            Complaint(("parameters", name), f"is never used: write `${{{name}}}`", at_key=True)
            for name in self._declared
            if name not in self._used
        ]

    def fill(self, text: str) -> object:
        """A text with its parameters filled in; one that is nothing else is the value as it is.

        Raise `Misfit` for one that is not declared.
        """
        if "${" not in text:
            return text
        whole = _PLACE.fullmatch(text)
        if whole is not None and not whole[1]:
            return self._value(whole[2])
        return _PLACE.sub(
            lambda place: place[0][1:] if place[1] else written(self._value(place[2])), text
        )

    def _value(self, name: str) -> object:
        if name not in self._declared:
            raise Misfit((), *self._unknown(name))
        self._used.add(name)
        chosen = self._chosen.get(name)
        return self._default(name) if chosen is None else chosen

    def _default(self, name: str) -> object:
        said = self._declared[name]
        return said.get("default") if isinstance(said, Mapping) else said

    def _unknown(self, name: str) -> tuple[str, str]:
        hint = near(name, self._declared)
        known = ", ".join(self._declared)
        told = f"known: {known}" if known else "declare it under `parameters`"
        return f"there is no parameter {name!r}" + ("" if hint else f": {told}"), hint


def written(value: object) -> str:
    """A value as it stands in YAML; nothing for none, of which somebody complains already."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def filled(value: Any, parameters: Parameters, path: Path, found: list[Complaint]) -> Any:
    """A JSON document with its parameters filled in; what is wrong goes into `found`."""
    if len(path) > DEEPEST:
        return value
    if isinstance(value, dict):
        return {
            key: each
            if (*path, key) == ("parameters",)
            else filled(each, parameters, (*path, key), found)
            for key, each in value.items()
        }
    if isinstance(value, list):
        items = enumerate(value)
        return [filled(each, parameters, (*path, place), found) for place, each in items]
    if not isinstance(value, str):
        return value
    try:
        return parameters.fill(value)
    except Misfit as misfit:
        found.append(misfit.under(path))
        return value


def spelt(text: str) -> tuple[str, dict[str, str]]:
    """`NAME:share=0.5,code=500`: a name and values; a value may have commas and colons."""
    start = re.search(rf":(?={_SPELT.pattern})", text)
    if start is None:
        return text, {}
    parts = re.split(rf",(?={_SPELT.pattern})", text[start.end() :])
    pairs = (part.partition("=") for part in parts)
    return text[: start.start()], {name: value for name, _, value in pairs}
