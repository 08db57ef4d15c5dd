"""`events.twilio.com/v1/Types` and `/v1/Schemas`: what there is to subscribe to."""

import json
from typing import TYPE_CHECKING

import pytest

from mockserver.domain.events.catalogue import TYPES
from mockserver.domain.events.schemas import SCHEMAS, document

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

TYPE = "com.twilio.messaging.message.delivered"
HOST = "https://events.twilio.com"
SCHEMA = "Messaging.MessageStatus"


# -- types -----------------------------------------------------------------------------------------


async def test_a_type(events: "Caller") -> None:
    """Key by key as Twilio's sample has it."""
    answer = await events.get(f"/v1/Types/{TYPE}")
    assert (
        answer.body
        == json.dumps(
            {
                "date_created": "2020-08-13T13:28:20Z",
                "date_updated": "2020-08-13T13:28:20Z",
                "type": TYPE,
                "schema_id": SCHEMA,
                "status": "available",
                "documentation_url": (
                    "https://www.twilio.com/docs/events/event-types/messaging/outbound-message"
                ),
                "description": "Messaging- delivered message",
                "url": f"{HOST}/v1/Types/{TYPE}",
                "links": {"schema": f"{HOST}/v1/Schemas/{SCHEMA}/Versions"},
            }
        ).encode()
    )


async def test_all_types(events: "Caller") -> None:
    """By name, those of the Communications API among them."""
    answer = await events.get("/v1/Types")
    assert [each["type"] for each in answer.json["types"]] == [*TYPES]
    assert answer.json["meta"]["key"] == "types"


async def test_types_of_a_schema(events: "Caller") -> None:
    """The filter goes on in the pages' addresses; a schema that is not there has none."""
    answer = await events.get("/v1/Types", SchemaId=SCHEMA, PageSize="4")
    names = [each["type"].rpartition(".")[2] for each in answer.json["types"]]
    assert names == ["delivered", "failed", "queued", "read"]
    following = answer.json["meta"]["next_page_url"]
    assert f"/v1/Types?SchemaId={SCHEMA}&PageSize=4&Page=1&PageToken=PA" in following
    rest = await events.get(following.removeprefix(HOST))
    names = [each["type"].rpartition(".")[2] for each in rest.json["types"]]
    assert (names, rest.json["meta"]["next_page_url"]) == (["sent", "undelivered"], None)
    assert (await events.get("/v1/Types", SchemaId="Nothing")).json["types"] == []


async def test_pages_of_types(events: "Caller") -> None:
    """There and back, and by number alone."""
    first = (await events.get("/v1/Types", PageSize="8")).json
    second = (await events.get(first["meta"]["next_page_url"].removeprefix(HOST))).json
    names = [each["type"] for each in (*first["types"], *second["types"])]
    assert names == [*TYPES][:16]
    back = (await events.get(second["meta"]["previous_page_url"].removeprefix(HOST))).json
    assert back["types"] == first["types"]
    by_number = (await events.get("/v1/Types", PageSize="8", Page="2")).json
    assert [each["type"] for each in by_number["types"]] == [*TYPES][16:]
    assert by_number["meta"]["next_page_url"] is None


# -- schemas ---------------------------------------------------------------------------------------


async def test_a_schema(events: "Caller") -> None:
    """With its latest version."""
    answer = await events.get(f"/v1/Schemas/{SCHEMA}")
    url = f"{HOST}/v1/Schemas/{SCHEMA}"
    assert (
        answer.body
        == json.dumps(
            {
                "id": SCHEMA,
                "url": url,
                "latest_version_date_created": "2020-07-30T20:00:00Z",
                "latest_version": 7,
                "links": {"versions": f"{url}/Versions"},
            }
        ).encode()
    )


async def test_a_version(events: "Caller") -> None:
    """Its document is at Twilio's host, wherever the call came in."""
    events.host = "localhost"
    answer = await events.get(f"/events/v1/Schemas/{SCHEMA}/Versions/7")
    assert (
        answer.body
        == json.dumps(
            {
                "id": SCHEMA,
                "schema_version": 7,
                "date_created": "2020-07-30T20:00:00Z",
                "url": f"http://localhost/events/v1/Schemas/{SCHEMA}/Versions/7",
                "raw": f"https://events-schemas.twilio.com/{SCHEMA}/7",
            }
        ).encode()
    )


async def test_all_versions(events: "Caller") -> None:
    """From the first to the latest, in pages."""
    path = f"/v1/Schemas/{SCHEMA}/Versions"
    answer = (await events.get(path)).json
    assert [each["schema_version"] for each in answer["schema_versions"]] == [*range(1, 8)]
    assert answer["meta"]["key"] == "schema_versions"
    first = (await events.get(path, PageSize="5")).json
    rest = (await events.get(first["meta"]["next_page_url"].removeprefix(HOST))).json
    assert [each["schema_version"] for each in rest["schema_versions"]] == [6, 7]


@pytest.mark.parametrize("schema_id", SCHEMAS)
async def test_every_schema(events: "Caller", schema_id: str) -> None:
    """That of the tests of sinks too, which has no type."""
    assert (await events.get(f"/v1/Schemas/{schema_id}")).json["id"] == schema_id


# -- documents -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("events-schemas.twilio.com", f"/{SCHEMA}/4"),
        ("events-schemas.twilio.com", f"/{SCHEMA}/4.json"),
        ("localhost", f"/events-schemas/{SCHEMA}/4"),
    ],
)
async def test_documents_are_for_everybody(events: "Caller", host: str, path: str) -> None:
    """Nobody is asked who he is; the document calls itself by Twilio's address."""
    events.host, events.auth = host, None
    answer = await events.get(path)
    assert (answer.status, answer.json) == (200, document(SCHEMA, 4))
    assert answer.json["$id"] == f"https://events-schemas.twilio.com/{SCHEMA}/4"
    assert answer.header("X-API-Domain") == "events-schemas.twilio.com"
    assert events.journal[-1].operation == "events.v1.FetchSchemaDocument"


async def test_wrong_credentials_are_not_heeded(events: "Caller") -> None:
    """Where none are needed."""
    events.host, events.auth = "events-schemas.twilio.com", "AC1:x"
    assert (await events.get(f"/{SCHEMA}/1")).status == 200


# -- what is not there -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/Types/com.twilio.nothing", 404, 91202),
        (f"/v1/Types/{TYPE.upper()}", 404, 91202),
        ("/v1/Schemas/Nothing", 404, 91202),
        ("/v1/Schemas/Nothing/Versions", 404, 91202),
        ("/v1/Schemas/Nothing/Versions/1", 404, 91202),
        (f"/v1/Schemas/{SCHEMA}/Versions/0", 404, 91202),
        (f"/v1/Schemas/{SCHEMA}/Versions/8", 404, 91202),
        (f"/v1/Schemas/{SCHEMA}/Versions/x", 400, 91201),
        (f"/v1/Schemas/{SCHEMA}/Versions/{'9' * 5_000}", 400, 91201),
        ("/v1/Schemas/Nothing/Versions/x", 404, 91202),
        (f"/events-schemas/{SCHEMA}/8", 404, 91202),
        ("/events-schemas/Nothing/1", 404, 91202),
        ("/v1/Schemas", 404, 20404),
        ("/events-schemas", 404, 20404),
    ],
)
async def test_what_is_not_there(events: "Caller", path: str, status: int, code: int) -> None:
    """A code of their own; schemas cannot be listed."""
    (await events.get(path)).refused(status, code)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/v1/Types", 91203),
        ("DELETE", f"/v1/Types/{TYPE}", 91203),
        ("PUT", f"/v1/Schemas/{SCHEMA}/Versions/1", 91203),
        ("PUT", "/v1/Sinks", 20004),
    ],
)
async def test_methods(events: "Caller", method: str, path: str, code: int) -> None:
    """405 with a code of their own, and `Allow`."""
    answer = await events.call(method, path)
    answer.refused(405, code)
    assert "GET" in (answer.header("Allow") or "")
