"""`/v1/Schemas`: the schemas of events and their versions, and the documents themselves.

The documents lie at a host of their own, events-schemas.twilio.com, for everybody to read.
"""

import json
from typing import Final

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.pages import cut
from mockserver.domain.events.problems import BAD_REQUEST, NOT_FOUND
from mockserver.domain.events.schemas import CREATED, SCHEMAS, Schema, Version, document
from mockserver.edge.events.shared import FOLDER, Document, ask, listed, reply
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.hosts import EVENT_SCHEMAS


async def fetch(call: Call) -> Reply:
    """One schema."""
    return reply(200, render(call, _find(call)))


async def list_versions(call: Call) -> Reply:
    """Its versions, the first one first."""
    found, asked = _find(call), ask(call, "ListSchemaVersion")
    page = cut(found.versions, asked.page, lambda _: True)
    path = f"{ROOT}/{found.id}/Versions"
    return listed(call, path, "schema_versions", asked, page, render_version)


async def fetch_version(call: Call) -> Reply:
    """One version."""
    return reply(200, render_version(call, _version(call)))


async def fetch_document(call: Call) -> Reply:
    """The JSON Schema of a version."""
    found = _version(call)
    return Reply(200, json.dumps(document(found.schema_id, found.number)).encode())


ROOT: Final = "/v1/Schemas"
ONE: Final = f"{ROOT}/{{Id}}"
SCHEMA: Final = f"{FOLDER}/SchemaVersion"

ROUTES: Final = (
    Route("GET", ONE, "FetchSchema", fetch, schema=f"{FOLDER}/Schema"),
    Route("GET", f"{ONE}/Versions", "ListSchemaVersion", list_versions, schema=SCHEMA),
    Route(
        "GET",
        f"{ONE}/Versions/{{SchemaVersion}}",
        "FetchSchemaVersion",
        fetch_version,
        schema=SCHEMA,
    ),
    Route(
        "GET",
        f"/{EVENT_SCHEMAS}/{{Id}}/{{SchemaVersion}}",
        "FetchSchemaDocument",
        fetch_document,
        public=True,
    ),
)


def _find(call: Call) -> Schema:
    """The schema that the path names, or 91202."""
    found = SCHEMAS.get(call.params["Id"])
    if found is None:
        raise TwilioError(NOT_FOUND)
    return found


def _version(call: Call) -> Version:
    """The version that the path names, or 91202; 91201 for what is no number."""
    text, found = call.params["SchemaVersion"], _find(call)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise TwilioError(BAD_REQUEST)
    if not 1 <= int(text) <= found.latest:
        raise TwilioError(NOT_FOUND)
    return Version(found.id, int(text))


# Rendering


def render(call: Call, schema: Schema) -> Document:
    """A schema in the key order of the published description's example."""
    url = f"{call.base_url}{ROOT}/{schema.id}"
    return {
        "id": schema.id,
        "url": url,
        "latest_version_date_created": CREATED,
        "latest_version": schema.latest,
        "links": {"versions": f"{url}/Versions"},
    }


def render_version(call: Call, version: Version) -> Document:
    """A version; `raw` is where Twilio has its document, wherever the call came in."""
    return {
        "id": version.schema_id,
        "schema_version": version.number,
        "date_created": CREATED,
        "url": f"{call.base_url}{ROOT}/{version.schema_id}/Versions/{version.number}",
        "raw": version.raw,
    }
