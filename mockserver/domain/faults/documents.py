"""Flat records out of JSON, and back into it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class WrongPart(ValueError):
    """What is said under a key of a rule's `then` cannot be; its text is the sentence."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


def each_read(said: Mapping[str, Any], read: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Values by key, made by what `read` has for some; raise `WrongPart`."""
    found = dict(said)
    for key in said.keys() & read.keys():
        try:
            found[key] = read[key](said[key])
        except ValueError as wrong:
            raise WrongPart(key, str(wrong)) from None
    return found


def document(record: msgspec.Struct) -> dict[str, object]:
    """A record's fields under their YAML names; those that hold their default are left out."""
    return {
        field.name.rstrip("_"): _plain(value)
        for field in msgspec.structs.fields(record)
        if (value := getattr(record, field.name)) != field.default
    }


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return document(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def unfilled(value: Any) -> Any:
    """A document of which nothing is a place for a parameter: `${` is written `$${`."""
    if isinstance(value, str):
        return value.replace("${", "$${") if "${" in value else value
    if isinstance(value, Mapping):
        return {name: unfilled(each) for name, each in value.items()}
    return [unfilled(each) for each in value] if isinstance(value, list | tuple) else value
