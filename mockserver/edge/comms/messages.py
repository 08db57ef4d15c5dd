"""`POST /Messages`: one message to one person, or to ten thousand; 202, and it is under way."""

from typing import Final

from mockserver.edge.comms.answers import accepted
from mockserver.edge.comms.asking import read_document
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.bulk.ordering import send


async def create(call: Call) -> Reply:
    """Accept messages, all or none; they move behind the answer."""
    document = await read_document(call)
    operation = await send(call.sandbox, call.account, document, call.warnings)
    reply = accepted(call, operation.id, "Messages", "Operations")
    style = call.sandbox.rules.options.comms_accept_style
    if style == "headers":
        reply.body = b""
    elif style == "body":
        reply.headers = ()
    return reply


ROUTES: Final = (
    Route("POST", "/v1/Messages", "SendMessages", create, schema="comms/v1/OperationReference"),
)
