"""Every setting, scenario key and control call is in the reference, or on a page of its own."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.world.scenarios import Library, from_document
from mockserver.world.scenarios.checking import schema
from mockserver.world.schema_files import folder

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE: Final = (DOCS / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES: Final = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def generate() -> Any:
    """`docs/generate.py`, whose pages are checked here."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    return generate


def test_the_reference_is_current(generate: Any) -> None:
    """`docs/reference.md` is what the code says now; `python docs/generate.py` writes it anew."""
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == generate.reference()


def test_the_page_on_scenarios_is_current(generate: Any) -> None:
    """Below its introduction `docs/scenarios.md` is what the schema says now."""
    assert generate.scenarios(PAGE) == PAGE


def names(node: Any) -> Iterator[str]:
    """Every key that a schema describes, at any depth."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for child in node.values():
            yield from names(child)


def test_every_key_of_a_scenario_is_explained() -> None:
    """In a row of its own; content's types have Twilio's documentation."""
    document = {**schema(), "properties": dict(schema()["properties"])}
    given = document["properties"]["given"]["properties"]
    described = {**given, "content": {}}
    document["properties"]["given"] = {"properties": described}
    rows = set(re.findall(r"^\| `(?:[^`]*[.\]]\.?)?([A-Za-z0-9_]+)` \|", PAGE, re.MULTILINE))
    assert set(names(document)) - rows == set()


def test_there_are_examples() -> None:
    """So that the next test cannot pass by reading none."""
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_scenario(example: str, tmp_path: Path) -> None:
    """Read without a complaint, upon the ready-made ones; its document is read as the same."""
    (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
    read = Library([folder("scenarios"), tmp_path]).get("example")
    assert from_document(read.document()) == read
