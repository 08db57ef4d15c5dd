"""Flat records back into the JSON they were read from."""

from collections.abc import Mapping
from typing import Any

import msgspec


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
