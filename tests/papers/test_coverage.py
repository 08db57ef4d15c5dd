"""The coverage table is what the code says, and the code says what is described."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

import mockserver
from mockserver.world.schema_files import folder, load

DOCS: Final = Path(__file__).parents[2] / "docs"
OAI: Final = Path(__file__).parents[3] / "shared/oai"

COMPOSED: Final = {"SmsEnabled", "MmsEnabled", "VoiceEnabled", "FaxEnabled"}
"""Names that the code puts together."""

SHOWN_ELSEWHERE: Final = {"Tags"}
"""Parameters that are stored, and shown by the control API alone."""


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    """The command, as a module."""
    spec = importlib.util.spec_from_file_location("coverage_page", DOCS / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(coverage: ModuleType) -> Iterator[tuple[str, Any]]:
    """Every operation that is served and described, with its description's key."""
    for key, description in coverage.published().items():
        for entry in coverage.entries(key, description):
            if entry.served:
                yield key, entry


# -- the page --------------------------------------------------------------------------------------


def test_the_page_is_current(coverage: ModuleType) -> None:
    """`docs/coverage.md` is what the code says now; `python docs/coverage.py` writes it anew."""
    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == coverage.page()


def test_the_names_are_those_of_the_descriptions(coverage: ModuleType) -> None:
    """`docs/coverage.json` has what the published descriptions have; `--gather` writes it anew."""
    if not OAI.exists():
        pytest.skip(f"the published descriptions are not here: {OAI.name}")
    gathered, published = coverage.gathered(OAI), coverage.published()
    assert {key: published[key] for key in gathered} == gathered
    # none has a description file
    own = {"accounts/v1", "comms/v1", "oauth/v2", "twilionotify"}
    assert published.keys() - gathered.keys() == own
    assert (DOCS / "coverage.json").read_text(encoding="utf-8") == coverage.dumped(published)


def test_every_operation_is_on_the_page(coverage: ModuleType) -> None:
    """What is described has its line: served, not served, or counted with its resource."""
    text = (DOCS / "coverage.md").read_text(encoding="utf-8")
    for description in coverage.published().values():
        for name in description.operations:
            assert re.search(rf"\b{name}\b", text), name
        for resource, count in description.left_out.items():
            assert f"- {resource}: {count} operation" in text


# -- the code --------------------------------------------------------------------------------------


def test_every_route_is_described(coverage: ModuleType) -> None:
    """The operationIds of routes are Twilio's; the few routes of our own are listed as such."""
    published = coverage.published()
    strangers = {
        route.operation
        for key, route in coverage.served()
        if key not in published or route.operation not in published[key].operations
    }
    assert strangers == set(coverage.OWN)


def test_every_route_is_where_it_is_described(coverage: ModuleType) -> None:
    """Method and path are Twilio's, whatever the placeholders are called."""

    def plain(call: str) -> str:
        return re.sub(r"{[^}]+}", "{}", call)

    described = {
        (key, name): plain(operation.call)
        for key, description in coverage.published().items()
        for name, operation in description.operations.items()
    }
    for key, route in coverage.served():
        call = f"{route.method} {route.path}"
        if route.operation not in coverage.OWN and call not in coverage.ALSO_AT:
            assert plain(call) == described[key, route.operation]


def test_no_parameter_is_made_up(coverage: ModuleType) -> None:
    """What a schema reads is described, but for a short list."""
    made_up = {
        entry.name: set(found)
        for _, entry in entries(coverage)
        if (found := entry.parameters.get(coverage.BEYOND))
    }
    assert made_up == {name: set(names) for name, names in coverage.UNDESCRIBED.items()}


def test_every_request_schema_is_read(coverage: ModuleType) -> None:
    """Each belongs to an operation that is served, by its name or by the table `READ_AS`."""
    routes = list(coverage.served())
    read = {coverage.request_schema(key, route.operation) for key, route in routes}
    answered = {route.schema for _, route in routes}
    root = folder("schemas")
    there = {
        path.relative_to(root).with_suffix("").as_posix()
        for key in coverage.published()
        for path in (root / key).glob("*.json")
    }
    assert there == (read | answered) - {""}


# -- the marks -------------------------------------------------------------------------------------


def test_marks_are_known(coverage: ModuleType) -> None:
    """Parameters are `stored` or `checked`, fields `always empty`; without a mark they behave."""
    for key, route in coverage.served():
        request = coverage.request_schema(key, route.operation)
        for name, known in ((request, ("stored", "checked")), (route.schema, ("always empty",))):
            for what, part in load(name)["properties"].items() if name else ():
                assert part.get("x-coverage", known[0]) in known, f"{name}: {what}"


def test_what_behaves_is_in_the_code(coverage: ModuleType) -> None:
    """A parameter that no line of code names cannot have an effect: it is at most `checked`."""
    package = Path(mockserver.__file__).parent
    code = "\n".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    named = set(re.findall(r'"([\w<>]+)"', code)) | COMPOSED
    for _, entry in entries(coverage):
        assert set(entry.parameters.get(coverage.BEHAVES, ())) <= named, entry.name


def test_what_is_stored_is_shown(coverage: ModuleType) -> None:
    """A parameter that is `stored` comes back as the field of its name."""
    shown = {(key, route.operation): route.schema for key, route in coverage.served()}
    for key, entry in entries(coverage):
        stored = set(entry.parameters.get(coverage.STORED, ())) - SHOWN_ELSEWHERE
        if stored:
            answered = load(shown[key, entry.name])["properties"]
            fields = {name.replace("_", "") for name in answered}
            assert {name.lower() for name in stored} <= fields, entry.name


# -- how it is made --------------------------------------------------------------------------------

DOCUMENT: Final = {
    "paths": {
        "/v1/Things.json": {
            "get": {
                "operationId": "ListThing",
                "parameters": [{"$ref": "#/components/parameters/Color"}],
                "responses": {"200": {"content": {"application/json": {"schema": {
                    "properties": {
                        "things": {"type": "array", "items": {
                            "$ref": "#/components/schemas/thing"
                        }},
                        "meta": {"type": "object"},
                    }
                }}}}},
            },
            "post": {
                "operationId": "CreateThing",
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {
                    "properties": {"Name": {}}
                }}}},
                "responses": {"201": {"content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/thing"
                }}}}},
            },
        },
        "/v1/Things/{Sid}.json": {
            "delete": {
                "operationId": "DeleteThing",
                "parameters": [{"name": "Sid", "in": "path"}],
                "responses": {"204": {}},
            }
        },
    },
    "components": {
        "parameters": {"Color": {"name": "Color", "in": "query"}},
        "schemas": {"thing": {"properties": {"sid": {}, "tags": {"type": "array"}}}},
    },
}  # fmt: skip


def test_names_are_gathered(coverage: ModuleType, tmp_path: Path) -> None:
    """Calls, parameters but for those of the path, and the fields of a record, listed or alone."""
    (tmp_path / "twilio_things_v1.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    things = coverage.gathered(tmp_path)["things/v1"]
    assert things.source == "twilio_things_v1.json"
    assert things.records == {"thing": ("sid", "tags")}
    assert things.operations == {
        "CreateThing": coverage.Operation("POST /v1/Things", ("Name",), "thing"),
        "ListThing": coverage.Operation("GET /v1/Things", ("Color",), "thing"),
        "DeleteThing": coverage.Operation("DELETE /v1/Things/{Sid}"),
    }


def test_what_is_not_served_is_named(coverage: ModuleType) -> None:
    """Operations without a route, parameters without a property, fields that no answer has."""
    call = "POST /2010-04-01/Accounts/{AccountSid}/Messages"
    description = coverage.Description(
        "made up",
        {
            "CreateMessage": coverage.Operation(call, ("To", "Tags", "Mood"), "message"),
            "SingMessage": coverage.Operation(f"{call}/Song", ("Tune",), "message"),
        },
        {"message": ("sid", "mood")},
    )
    message, song = coverage.entries("api/2010-04-01", description)
    assert message.parameters[coverage.NOT_SERVED] == ("Mood",)
    assert "To" in message.parameters[coverage.BEHAVES]
    assert message.parameters[coverage.STORED] == ("Tags",)
    assert "Body" in message.parameters[coverage.BEYOND]
    assert message.fields[coverage.NOT_SERVED] == ("mood",)
    assert (song.served, song.parameters) == (False, {})


@pytest.mark.parametrize(
    ("call", "resource"),
    [
        ("GET /2010-04-01/Accounts", "Accounts"),
        ("GET /2010-04-01/Accounts/{Sid}", "Accounts"),
        ("GET /2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media", "Messages"),
        ("GET /2010-04-01/Accounts/{AccountSid}/Usage/Records/Daily", "Usage/Records"),
        ("GET /v1/Services/{Sid}", "Services"),
        ("POST /send", "Operations"),
        ("GET /v1/Services/{Sid}/Compliance/Usa2p/Usecases", "Services/Compliance"),
    ],
)
def test_headings(coverage: ModuleType, call: str, resource: str) -> None:
    """Operations stand under their resource; on the v2010 host with all that is below it."""
    assert coverage.heading(call) == resource
