"""JSON documents, read by a schema."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.json_faults import Fault
from mockserver.world.documents import FAULTS_MAX, NOTED, DocumentSchema, document_schema
from mockserver.world.schema_files import folder

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "channel": {"type": "string", "enum": ["SMS", "RCS"], "x-any-case": True},
        "size": {"type": "integer", "minimum": 1, "maximum": 9, "x-problem": 20007},
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string", "pattern": "^[0-9]+$"}},
            },
        },
        "either": {"anyOf": [{"required": ["a", "b"]}, {"required": ["c"]}], "type": "object"},
        "other": {"anyOf": [{"required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "text": {"type": ["string", "null"]},
    },
}


@pytest.fixture(scope="module")
def schema() -> DocumentSchema:
    return DocumentSchema(SCHEMA)


def told(fault: Fault) -> tuple[int, str, str]:
    return fault.code, fault.context, fault.message.removeprefix("Invalid parameter: ")


@pytest.mark.parametrize(
    ("value", "context", "said"),
    [
        ({}, "$.name", "$.name is required"),
        ([], "null", "the body must be of type object"),
        ({"name": ""}, "$.name", "$.name must not be empty"),
        ({"name": "123456"}, "$.name", "$.name must have at most 5 characters"),
        ({"name": "A", "channel": "FAX"}, "$.channel", "$.channel must be one of SMS, RCS"),
        ({"name": "A", "items": []}, "$.items", "$.items must have at least 1 items"),
        (
            {"name": "A", "items": [{"id": str(n)} for n in range(4)]},
            "$.items",
            "$.items must have at most 3 items",
        ),
        (
            {"name": "A", "items": [{"id": "1"}] * 2},
            "$.items",
            "$.items must not name anything twice",
        ),
        (
            {"name": "A", "items": [{"id": "1"}, {}]},
            "$.items[1].id",
            "$.items[1].id is required",
        ),
        (
            {"name": "A", "items": [{"id": "x"}]},
            "$.items[0].id",
            "$.items[0].id is not well-formed",
        ),
        (
            {"name": "A", "either": {}},
            "$.either",
            "$.either must have a and b or c",
        ),
        (
            {"name": "A", "other": {}},
            "$.other",
            "$.other matches none of the shapes that it may have",
        ),
        ({"name": "A", "tags": {"a": 1}}, "$.tags", "$.tags is not as it must be"),
        ({"name": "A", "text": 1}, "$.text", "$.text must be of type string or null"),
    ],
)
def test_what_is_said(schema: DocumentSchema, value: Any, context: str, said: str) -> None:
    """A place and a sentence for each keyword; within a map, the place is the map's."""
    [fault] = schema.read(value).faults
    assert told(fault) == (20001, context, said)


@pytest.mark.parametrize("size", [0, 10, "1", 1.5])
def test_a_code_of_its_own(schema: DocumentSchema, size: Any) -> None:
    """Where the schema names one, it answers with its text."""
    [fault] = schema.read({"name": "A", "size": size}).faults
    assert (fault.code, fault.context) == (20007, "$.size")
    assert fault.message == "Page size must be no greater than 1000"


def test_every_fault_is_told(schema: DocumentSchema) -> None:
    """In one reading, each once."""
    found = schema.read({"channel": 1, "tags": {"a": 1, "b": 2}, "items": [{}, {"id": 3}]}).faults
    assert sorted(each.context for each in found) == [
        "$.channel",
        "$.items[0].id",
        "$.items[1].id",
        "$.name",
        "$.tags",
    ]


@pytest.mark.parametrize(("depth", "context"), [(200, "$.name"), (300, "null"), (1_000, "null")])
def test_depth(schema: DocumentSchema, depth: int, context: str) -> None:
    """What is nested too deeply to be judged is at fault as a whole."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    [fault] = schema.read({"name": value}).faults
    assert (fault.code, fault.context) == (20001, context)


def test_faults_without_end() -> None:
    """A hundred are told."""
    schema = DocumentSchema({"type": "array", "items": {"type": "string"}})
    assert len(schema.read([1] * 1_000).faults) == FAULTS_MAX


def test_any_case(schema: DocumentSchema) -> None:
    """Only where the schema says so; what was sent is not touched."""
    sent = {"name": "abc", "channel": "sMs"}
    reading = schema.read(sent)
    assert reading.value == {"name": "abc", "channel": "SMS"}
    assert sent["channel"] == "sMs"
    assert not reading.faults


def test_unknown_fields(schema: DocumentSchema) -> None:
    """They are noted with the nearest name, in items too, but not in a map."""
    value = {"name": "A", "Items": 1, "items": [{"id": "1", "xyz": 2}], "tags": {"free": "1"}}
    assert schema.read(value).notes == (
        "`Items` is not a field of this call and was ignored: did you mean `items`?",
        "`xyz` is not a field of this call and was ignored",
    )
    many = {"name": "A", **{f"unknown{n}": n for n in range(NOTED + 5)}}
    assert len(schema.read(many).notes) == NOTED


NAMES = sorted(path.stem for path in (folder("schemas") / "comms/v1").glob("*.json"))

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("SMS"),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=4)
    ),
    max_leaves=15,
)


def test_there_are_schemas() -> None:
    """So that the tests below run."""
    assert {"CreateSenderPool", "ResolveSenders", "Sender"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_schemas(name: str) -> None:
    """As `jsonschema` judges them; each is named after its file."""
    document = document_schema(f"comms/v1/{name}").document
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["title"] == Path(name).name


@given(VALUES, st.sampled_from(["CreateSenderPool", "UpdateSenderPool", "ResolveSenders"]))
def test_two_judges(value: Any, name: str) -> None:
    """What is found at fault is what `jsonschema` finds at fault."""
    schema = document_schema(f"comms/v1/{name}")
    reading = schema.read(value)
    judge = jsonschema.Draft202012Validator(schema.document)
    assert bool(reading.faults) != judge.is_valid(reading.value)
