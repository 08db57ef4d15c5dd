"""`/inbound`: a handset writes to the account."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.domain.addresses import Address, BadAddress, parse_from, parse_to
from mockserver.edge.control import rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.messages import rendered
from mockserver.edge.control.refusals import Refusal
from mockserver.world.inbound import Text


async def receive(ask: Ask) -> Answer:
    """Store the message, call the number's webhook, carry its TwiML out, then answer."""
    sandbox = ask.sandbox
    received = await sandbox.inbound.receive(_text(ask.body))
    sandbox.engine.catch_up()
    kept = sandbox.tables.messages
    present = [kept.get(each.sid) for each in (received.message, *received.replies)]
    first, *replies = [await rendered(sandbox, [each] if each else []) for each in present]
    webhook = received.webhook
    return Answer(
        201,
        {
            "message": first[0] if first else None,
            "webhook": rendering.callback(webhook) if webhook else None,
            "replies": [document for each in replies for document in each],
            "warnings": list(received.warnings),
        },
    )


def _text(body: Mapping[str, Any]) -> Text:
    channel = body.get("channel", "sms")
    from_ = _address("from", body["from"], channel, parse_to)
    to = _address("to", body["to"], channel, parse_from)
    if to.kind in ("alphanumeric", "service"):
        raise Refusal("bad_body", f"to: {to.value} is no number that a handset can write to")
    if from_.channel != to.channel:
        raise Refusal("bad_body", f"from is on {from_.channel}, to is on {to.channel}")
    return Text(from_, to, body.get("body", ""), tuple(body.get("media_urls", ())))


def _address(name: str, text: str, channel: str, read: Callable[[str], Address]) -> Address:
    """The address on the channel, which it may or may not name itself."""
    if channel != "sms" and ":" not in text:
        text = f"{channel}:{text}"
    try:
        return read(text)
    except BadAddress as bad:
        raise Refusal("bad_body", f"{name}: {bad}") from None


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
