"""`/v1/Content`, and its list at `/v2/Content`: templates of messages."""

from functools import partial
from typing import Final

from mockserver.domain.content import ContentTemplate
from mockserver.edge.content.shared import (
    FOLDER,
    Document,
    dates,
    fields,
    find,
    listed,
    read_content,
    reply,
)
from mockserver.edge.http.call import Call, Reply, Route


async def create(call: Call) -> Reply:
    """Make a template; nobody has to approve it but WhatsApp."""
    asked = read_content(call, "CreateContent", new=True)
    return reply(201, render(call, await call.sandbox.templates.create(call.account, asked)))


async def list_(call: Call, path: str) -> Reply:
    """The account's own, newest first unless the second version is asked for another order."""
    return await listed(call, path, "ListContent", render)


async def fetch(call: Call) -> Reply:
    """One of them."""
    return reply(200, render(call, find(call)))


async def update(call: Call) -> Reply:
    """Set what is given; 92009 once it was handed in, unless it was rejected."""
    template = find(call)
    asked = read_content(call, "UpdateContent", new=False)
    return reply(200, render(call, await call.sandbox.templates.change(template, asked)))


async def delete(call: Call) -> Reply:
    """Forget one; messages that were made from it stay as they are."""
    await call.sandbox.templates.drop(find(call))
    return Reply(204)


ROOT: Final = "/v1/Content"
SECOND: Final = "/v2/Content"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/Content"

ROUTES: Final = (
    Route("POST", ROOT, "CreateContent", create, schema=SCHEMA),
    Route("GET", ROOT, "ListContent", partial(list_, path=ROOT), schema=SCHEMA),
    Route("GET", ONE, "FetchContent", fetch, schema=SCHEMA),
    Route("PUT", ONE, "UpdateContent", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteContent", delete),
    Route("GET", SECOND, "ListContent", partial(list_, path=SECOND), schema=SCHEMA, version="v2"),
)


def render(call: Call, template: ContentTemplate) -> Document:
    """A template in the key order of the published description's example."""
    url = f"{call.base_url}{ROOT}/{template.sid}"
    requests = f"{url}/ApprovalRequests"
    return {
        **fields(template),
        "url": url,
        **dates(call, template),
        "links": {"approval_create": f"{requests}/whatsapp", "approval_fetch": requests},
    }
