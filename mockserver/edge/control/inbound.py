"""`/inbound`: a handset writes to the account."""

from typing import Final

from mockserver.domain.message import Message
from mockserver.edge.control import handset, rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.messages import rendered
from mockserver.edge.control.refusals import Refusal
from mockserver.world.inbound import BadMedia, Received
from mockserver.world.sandbox import Sandbox


async def receive(ask: Ask) -> Answer:
    """Store the message, call the webhook, carry its TwiML out, then answer."""
    sandbox = ask.sandbox
    base = f"{ask.request.scheme}://{ask.request.host}"
    try:
        received = await sandbox.inbound.receive(handset.read(ask.body, sandbox, base))
    except BadMedia as bad:
        raise Refusal("bad_body", f"media: {bad}") from None
    sandbox.engine.catch_up()
    replies = [await _present(sandbox, reply) for reply in received.replies]
    webhook = received.webhook
    return Answer(
        201,
        {
            "message": await _message(sandbox, received),
            "stored": received.stored,
            "webhook": rendering.callback(webhook) if webhook else None,
            "replies": [document for document in replies if document is not None],
            "opt_out": received.opt_out or None,
            "warnings": list(received.warnings),
        },
    )


async def _message(sandbox: Sandbox, received: Received) -> rendering.Document | None:
    """What the handset sent, also where inbound messages are switched off and it was not kept."""
    if received.stored:
        return await _present(sandbox, received.message)
    return rendering.message(sandbox, received.message, received.delivery)


async def _present(sandbox: Sandbox, message: Message) -> rendering.Document | None:
    """A message as it is by now; nothing where it was deleted meanwhile."""
    present = sandbox.tables.messages.get(message.sid)
    documents = await rendered(sandbox, [present] if present else [])
    return documents[0] if documents else None


ROUTES: Final = (
    Route(
        "POST",
        "/inbound",
        receive,
        "A handset texts the account; answers once the webhook's TwiML was carried out.",
        body="control/Inbound",
        answer="Received",
        status=201,
    ),
)
