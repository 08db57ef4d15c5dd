"""Everything under `/_mock`: its description, and what it says to calls that make no sense."""

import gzip
from io import BytesIO
from typing import Any

import jsonschema
import pytest

from mockserver.domain.matching import CALLBACK_FIELDS, MESSAGE_FIELDS, REQUEST_FIELDS
from mockserver.edge.control.filters import LIST
from mockserver.edge.control.refusals import STATUS
from mockserver.edge.control.routes import SERVED
from mockserver.world.scenarios.checking import schema
from mockserver.world.schema_files import folder, load

NAMES = sorted(path.stem for path in (folder("schemas") / "control").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_schemas(name: str) -> None:
    """By the judgement of the reference implementation; each key has a sentence."""
    document = load(f"control/{name}")
    jsonschema.Draft202012Validator.check_schema(document)
    for key, node in document["properties"].items():
        assert node["description"].endswith("."), key


def test_schemas_know_the_matchers_fields() -> None:
    """What can be filtered by in a query can be in a body."""
    assert set(schema("control/Wait")["properties"]) == {*MESSAGE_FIELDS, "count", "timeout"}
    where = schema("control/Verify")["properties"]["where"]
    assert set(where["properties"]) == set(MESSAGE_FIELDS)


async def test_every_route_is_described(desk: Any) -> None:
    """In an OpenAPI 3.1 document whose references lead somewhere."""
    document = (await desk.get("/openapi.json")).document
    assert document["openapi"] == "3.1.0"
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {(route.method, route.path) for route in SERVED}
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    assert all(each["summary"].endswith(".") for each in operations)
    for name, node in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(node)
        assert f"#/components/schemas/{name}" in str(document["paths"])


def test_every_schema_is_used() -> None:
    """By a route, or inside another."""
    named = {
        name for route in SERVED for name in (route.answer, route.body.removeprefix("control/"))
    }
    inside = {"Message", "Callback", "Request", "Sandbox", "Error", "PushDelivery"}
    assert set(NAMES) <= named | inside


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/messages", MESSAGE_FIELDS), ("/requests", REQUEST_FIELDS), ("/callbacks", CALLBACK_FIELDS)],
)
def test_lists_know_their_filters(path: str, fields: Any) -> None:
    """The description names the same ones that are served."""
    [route] = [each for each in SERVED if each.path == f"/_mock{path}" and each.method == "GET"]
    assert set(route.query) == {*fields, *LIST}


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/mesages", "/_mock/messages"),
        ("/sandboxes/default/mesages", "/_mock/sandboxes/{sandbox}/messages"),
        ("", ""),
        ("/", ""),
        ("/%00%ff", ""),
        ("/messages/SM1/statuss", "/_mock/messages/{sid}/status"),
    ],
)
async def test_unknown_paths(desk: Any, path: str, hint: str) -> None:
    """404 with the nearest one."""
    said = await desk.ask("GET", path)
    assert (said.status, said.type) == (404, "unknown_path")
    if hint:
        assert said["error"]["details"]["hint"] == hint


async def test_a_trailing_slash_is_forgiven(desk: Any) -> None:
    """As people type it."""
    assert (await desk.get("/messages/")).document["total"] == 0


async def test_wrong_methods(desk: Any) -> None:
    """405 with those there are; OPTIONS says the same."""
    said = await desk.ask("PUT", "/messages")
    assert (said.status, said.type) == (405, "method_not_allowed")
    assert said.headers["Allow"] == "GET, HEAD"
    said = await desk.ask("OPTIONS", "/faults")
    assert (said.status, said.headers["Allow"]) == (204, "DELETE, GET, HEAD, POST")


async def test_head_is_get_without_its_body(desk: Any) -> None:
    """With its length."""
    got = await desk.get("/sandboxes")
    async with desk.session.head(f"{desk.url}/_mock/sandboxes") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) == len(got.body)


async def test_the_content_type_of_a_body_is_no_matter(desk: Any) -> None:
    """`curl -d` says it is a form; compressed is fine too; nothing at all is {}."""
    for options in (
        {"headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"headers": {"Content-Type": "text/plain; charset=nonsense"}},
    ):
        assert (await desk.ask("POST", "/verify", b'{"count": {"exactly": 0}}', **options))["ok"]
    packed = gzip.compress(b'{"count": {"exactly": 0}}')
    headers = {"Content-Encoding": "gzip"}
    assert (await desk.ask("POST", "/verify", packed, headers=headers))["ok"]
    assert (await desk.ask("POST", "/verify"))["matched"] == 0


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'"\\ud800"', b"NaN", b'{"a": 1} x', b"[" * 100_000, b"to=%2B1"],
)
async def test_what_is_no_json(desk: Any, body: bytes) -> None:
    """400, saying where."""
    said = await desk.ask("POST", "/verify", body)
    assert (said.status, said.type) == (400, "bad_json")


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"7", b'"x"', b'{"where": ' * 300 + b"{}" + b"}" * 300]
)
async def test_what_is_no_object(desk: Any, body: bytes) -> None:
    """400 for a list, a number, and for endless nesting."""
    said = await desk.ask("POST", "/verify", body)
    assert (said.status, said.type) == (400, "bad_body")


async def test_broken_and_endless_bodies(desk: Any) -> None:
    """Compression that is broken or unknown, and what is too large, packed or not."""
    for encoding, body, status in (
        ("gzip", b"broken", 400),
        ("br", b"{}", 400),
        ("gzip", gzip.compress(b" " * (17 * 1024 * 1024)), 413),
    ):
        said = await desk.ask("POST", "/verify", body, headers={"Content-Encoding": encoding})
        assert said.status == status
    said = await desk.ask("POST", "/verify", BytesIO(b" " * (17 * 1024 * 1024)))
    assert (said.status, said.type) == (413, "too_large")


async def test_no_call_takes_unknown_parameters(desk: Any) -> None:
    """Whatever the route."""
    said = await desk.ask("GET", "/health", params={"verbose": "1"})
    assert (said.status, said.type) == (400, "bad_parameter")
    assert "takes no parameters" in said.message


async def test_the_control_api_is_not_twilios(desk: Any) -> None:
    """Under a Twilio host it does not exist."""
    async with desk.session.get(
        f"{desk.url}/_mock/health", headers={"Host": "api.twilio.com"}
    ) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, 20404)


def test_refusals_are_the_callers_fault() -> None:
    """All of them are 4xx, but that of a state file that cannot be written."""
    ours = [kind for kind, status in STATUS.items() if not 400 <= status < 500]
    assert (ours, STATUS["not_kept"]) == (["not_kept"], 503)
