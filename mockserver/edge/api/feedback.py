"""`…/Messages/{Sid}/Feedback`: one report of a message's outcome; there is no reading it back."""

import json
from typing import Final

from mockserver.domain.dates import rfc2822
from mockserver.domain.errors import MALFORMED, TwilioError
from mockserver.domain.feedback import OUTCOMES, Feedback
from mockserver.domain.message import Message
from mockserver.edge.api.messages import ACCOUNT, find
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.feedback import report
from mockserver.world.schemas import request_schemas

SCHEMAS: Final = request_schemas("api/2010-04-01", ("CreateMessageFeedback",))

_SAID: Final = "Outcome must be {!r} or {!r}".format(*OUTCOMES)


async def create(call: Call) -> Reply:
    """Confirm a message, or take that back. Answers 200, not 201, as the description says."""
    message = find(call)
    reading = call.read(SCHEMAS["CreateMessageFeedback"])
    if reading.breaches:
        raise TwilioError(MALFORMED, said=_SAID)
    outcome = reading.values.get("Outcome", OUTCOMES[0])
    sandbox = call.sandbox
    return Reply(
        200, render(message, await report(sandbox.tables, sandbox.engine, message, outcome))
    )


ROUTES: Final = (
    Route(
        "POST",
        f"{ACCOUNT}/Messages/{{Sid}}/Feedback",
        "CreateMessageFeedback",
        create,
        schema="api/2010-04-01/Feedback",
    ),
)


def render(message: Message, feedback: Feedback) -> bytes:
    """A report as Twilio renders it."""
    base = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}"
    document = {
        "account_sid": message.account_sid,
        "message_sid": message.sid,
        "outcome": feedback.outcome,
        "date_created": rfc2822(feedback.created_at),
        "date_updated": rfc2822(feedback.updated_at),
        "uri": f"{base}/Feedback.json",
    }
    return json.dumps(document).encode()
