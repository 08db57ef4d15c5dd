"""The schemas of scenarios and seeds are sound, described, and know what the code knows."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from mockserver.domain.faults import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    HANDSET_FIELDS,
    SWITCHES,
    WEATHER_FIELDS,
    Weather,
)
from mockserver.domain.faults.kinds import KINDS
from mockserver.world.scenarios import ScenarioError, from_document
from mockserver.world.scenarios.checking import complaints, schema
from mockserver.world.schema_files import folder, load

ACCOUNT = "AC" + "0" * 30 + "10"


@pytest.mark.parametrize("name", ["scenario", "seed"])
def test_schemas_are_schemas(name: str) -> None:
    """By the judgement of the reference implementation."""
    jsonschema.Draft202012Validator.check_schema(load(name))


def keys_of(node: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema describes, at any depth."""
    if isinstance(node, dict):
        yield from node.get("properties", {}).items()
        for child in node.values():
            yield from keys_of(child)


def test_every_key_is_described() -> None:
    """With a sentence; the documentation and editors show it."""
    keys = list(keys_of(schema()))
    assert len(keys) > 60
    assert [name for name, node in keys if not node.get("description", "").endswith(".")] == []


def test_every_pattern_says_what_it_expects() -> None:
    """An error shows words, not an expression."""

    def patterns(node: object) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            yield from [node] if isinstance(node.get("pattern"), str) else []
            for child in node.values():
                yield from patterns(child)

    found = list(patterns(schema()))
    assert found
    assert all(node["x-expects"] for node in found)


def test_the_schema_knows_the_matchers_fields() -> None:
    """A filter that rules can use is in the schema, and none that they cannot."""
    own = {"country", "share", "nth", "every", "per", "after", "before"}
    fields = {
        "delivery": set(DELIVERY_FIELDS),
        "faults": {*FAULT_FIELDS, "parameters"},
        "weather": set(WEATHER_FIELDS),
        "handsets": set(HANDSET_FIELDS),
    }
    for section, known in fields.items():
        when = set(schema(section)["properties"]["when"]["properties"])
        assert (own <= when, when - own) == (True, known), section


def test_the_schema_knows_all_that_weather_can_be() -> None:
    """Every field of it, and no other."""
    then = schema("weather")["properties"]["then"]["properties"]
    assert set(then) == set(Weather.__struct_fields__)


def test_steps_know_every_switch() -> None:
    """Whatever a scenario sets, a step can set."""
    step = schema()["properties"]["steps"]["items"]["properties"]
    assert set(step) == {"at", "on", "off", "options", *SWITCHES}


def test_the_schema_knows_every_kind_of_fault() -> None:
    """And every field of each."""
    known = set(schema("faults")["properties"]["then"]["properties"])
    assert known == {field for kind in KINDS.values() for field in kind.made.__struct_fields__}


DOCUMENTS = [
    {},
    {"name": ""},
    {"given": {"numbers": ["+1", {"phone_number": "+1"}, {}]}},
    {"clock": "scaled:1.5"},
    {"delivery": [{"when": {"to": ["a", 1]}}]},
    {"delivery": [{"after": {"sent": -1}}]},
    {"faults": [{"then": {"latency": 1}}]},
    {"trial_unverified_code": 21219.0},
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_both_validators_agree(document: dict[str, Any]) -> None:
    """The fast one that runs, and the reference."""
    reference = jsonschema.Draft202012Validator(schema()).is_valid(document)
    assert (complaints(document, "scenario") == []) is reference


def test_a_trailing_newline_is_not_overlooked() -> None:
    """Python's `$` would."""
    with pytest.raises(ScenarioError, match="must be an AccountSid"):
        from_document({"given": {"account": {"sid": ACCOUNT + "\n"}}})


def test_folders_are_found_beside_or_inside_the_package() -> None:
    """A damaged installation is told as such."""
    assert (folder("schemas") / "scenario.json").is_file()
    with pytest.raises(FileNotFoundError, match=r"the installation is damaged: no folder nowhere"):
        folder("nowhere")
