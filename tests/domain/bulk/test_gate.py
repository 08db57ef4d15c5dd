"""The schema itself: sound, described, and judged alike by two engines."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.bulk.gate import Gate, pruned
from mockserver.domain.titles import TITLES


def parts(schema: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in the schema, with its path."""
    if isinstance(schema, dict):
        yield path, schema
        for name, part in schema.items():
            yield from parts(part, f"{path}.{name}")
    elif isinstance(schema, list):
        for place, part in enumerate(schema):
            yield from parts(part, f"{path}[{place}]")


def test_the_schema_is_one(gate: Gate) -> None:
    """By the rules of draft 2020-12, with every reference leading somewhere."""
    jsonschema.Draft202012Validator.check_schema(gate.schema)
    references = [part["$ref"] for _, part in parts(gate.schema) if "$ref" in part]
    assert references
    assert {ref.removeprefix("#/$defs/") for ref in references} == set(gate.schema["$defs"])


def test_every_field_is_described(gate: Gate) -> None:
    """Where it stands, or where it is referred to."""
    for path, part in parts(gate.schema):
        if path.endswith(".properties"):
            for name, field in part.items():
                assert "description" in field or "$ref" in field, f"{path}.{name}"
    assert all("description" in part for part in gate.schema["$defs"].values())


def test_every_code_has_a_title(gate: Gate) -> None:
    """A code without one could not say what it means."""
    found = [part["x-problem"] for _, part in parts(gate.schema) if "x-problem" in part]
    codes = {code for one in found for code in (one.values() if isinstance(one, dict) else [one])}
    assert {21614, 21619, 21620, 21623, 21655, 35111, 35114} == codes
    assert codes <= set(TITLES)


ITEMS = st.recursive(
    st.none() | st.integers() | st.sampled_from(["", "+14155552671", "PHONE", "whatsapp", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["address", "channel", "addresses", "variables", "cohortId"]), inner
        )
    ),
    max_leaves=12,
)


@given(items=st.lists(ITEMS, max_size=3))
def test_two_engines_agree(items: list[Any], gate: Gate) -> None:
    """Whether recipients fit is the same to `jsonschema`, which is slow and not ours to serve."""
    schema = {"$defs": gate.schema["$defs"], "items": {"$ref": "#/$defs/recipient"}}
    assert gate.fits(items) == jsonschema.Draft202012Validator(schema).is_valid(items)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"text": "a", "x": 1}, {"text": "a"}),
        ({"suggestions": [{"reply": {"y": 1}, "z": 2}]}, {"suggestions": [{"reply": {}}]}),
        ({"richCard": {"standaloneCard": {"w": [[]]}}}, {"richCard": {"standaloneCard": {}}}),
    ],
)
def test_what_is_unknown_is_pruned(value: object, kept: object, gate: Gate) -> None:
    """At every depth, and nothing else with it."""
    assert pruned(gate.schema, {"$ref": "#/$defs/rcs"}, value) == kept


@given(items=st.lists(ITEMS, max_size=3), long=st.sampled_from([1, 12]))
def test_pruning_judges_nothing(items: list[Any], long: int, gate: Gate) -> None:
    """What is pruned fits as it did before, be it long or short."""
    objects = [item for item in items if isinstance(item, dict)]
    items += [item | {"addresses": [item] * long} for item in objects]
    kept = pruned(gate.schema, {"items": {"$ref": "#/$defs/recipient"}}, items)
    assert gate.fits(kept) == gate.fits(items)
