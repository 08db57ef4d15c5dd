"""`/v1/Types`: the types of events; routes, handlers and rendering."""

from typing import Final

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.catalogue import AVAILABLE, CREATED, TYPES, EventType
from mockserver.domain.events.pages import cut
from mockserver.domain.events.problems import NOT_FOUND
from mockserver.edge.events.shared import FOLDER, Document, ask, listed, reply
from mockserver.edge.http.call import Call, Reply, Route


async def list_(call: Call) -> Reply:
    """All there are, by name, or those with one schema."""
    asked = ask(call, "ListEventType")
    only = asked.filters.get("SchemaId")
    found = cut([*TYPES.values()], asked.page, lambda each: only in (None, each.schema_id))
    return listed(call, ROOT, "types", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One type."""
    found = TYPES.get(call.params["Type"])
    if found is None:
        raise TwilioError(NOT_FOUND)
    return reply(200, render(call, found))


ROOT: Final = "/v1/Types"
SCHEMA: Final = f"{FOLDER}/EventType"

ROUTES: Final = (
    Route("GET", ROOT, "ListEventType", list_, schema=SCHEMA),
    Route("GET", f"{ROOT}/{{Type}}", "FetchEventType", fetch, schema=SCHEMA),
)


def render(call: Call, type_: EventType) -> Document:
    """A type in the key order of the published description's example."""
    return {
        "date_created": CREATED,
        "date_updated": CREATED,
        "type": type_.name,
        "schema_id": type_.schema_id,
        "status": AVAILABLE,
        "documentation_url": type_.documentation_url,
        "description": type_.description,
        "url": f"{call.base_url}{ROOT}/{type_.name}",
        "links": {"schema": f"{call.base_url}/v1/Schemas/{type_.schema_id}/Versions"},
    }
