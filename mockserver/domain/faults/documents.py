"""Flat records back into the JSON they were read from."""

from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def document(record: "DataclassInstance") -> dict[str, object]:
    """A record's fields under their YAML names; those that hold their default are left out."""
    return {
        field.name.rstrip("_"): _plain(value)
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
