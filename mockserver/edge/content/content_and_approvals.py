"""`/v1/ContentAndApprovals`, and at `/v2/…` too: templates, and what WhatsApp says of them."""

from functools import partial
from typing import Final

from mockserver.domain.content import ContentTemplate
from mockserver.edge.content.shared import FOLDER, Document, approval, dates, fields, listed
from mockserver.edge.http.call import Call, Reply, Route


async def list_(call: Call, path: str) -> Reply:
    """The account's own, as in the list of templates alone."""
    return await listed(call, path, "ListContentAndApprovals", render)


ROOT: Final = "/v1/ContentAndApprovals"
SECOND: Final = "/v2/ContentAndApprovals"
OPERATION: Final = "ListContentAndApprovals"
SCHEMA: Final = f"{FOLDER}/ContentAndApprovals"

ROUTES: Final = (
    Route("GET", ROOT, OPERATION, partial(list_, path=ROOT), schema=SCHEMA),
    Route("GET", SECOND, OPERATION, partial(list_, path=SECOND), schema=SCHEMA, version="v2"),
)


def render(call: Call, template: ContentTemplate) -> Document:
    """A template with its approval, flat as in the published description's example."""
    return {
        **dates(call, template),
        **fields(template),
        "approval_requests": approval(template),
    }
