"""`/webhook_map`: where the sandbox's webhooks go instead, beside the server's `--webhook-map`."""

from typing import Final

from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.http.webhook_map import read_map

MOST: Final = 1_000
"""Entries of one sandbox. Ours: every webhook carries all of them."""


async def list_(ask: Ask) -> Answer:
    """All of them, oldest first."""
    entries = [_document(id_, *pair) for id_, pair in ask.sandbox.routes.items()]
    return Answer(200, {"webhook_map": entries})


def _document(id_: str, start: str, goal: str) -> dict[str, str]:
    return {"id": id_, "from": start, "to": goal}


async def add(ask: Ask) -> Answer:
    """One more, in force at once; it outlives a reset."""
    routes, start, goal = ask.sandbox.routes, ask.body["from"], ask.body["to"]
    try:
        read_map([(start, goal)])
    except ValueError as bad:
        raise Refusal("bad_body", str(bad)) from None
    if len(routes) >= MOST:
        raise Refusal("bad_body", f"a sandbox's webhook map has at most {MOST:,} entries")
    last = next(reversed(routes), "map-0")
    id_ = f"map-{int(last.removeprefix('map-')) + 1}"
    routes[id_] = (start, goal)
    return Answer(201, _document(id_, start, goal))


async def remove(ask: Ask) -> Answer:
    """One of them."""
    if ask.sandbox.routes.pop(ask.params["id"], None) is None:
        raise Refusal("not_found", f"the webhook map has no entry {ask.params['id']!r}")
    return Answer(204)


async def clear(ask: Ask) -> Answer:
    """All of them; the server's `--webhook-map` stays."""
    ask.sandbox.routes.clear()
    return Answer(204)


ROUTES: Final = (
    Route(
        "GET",
        "/webhook_map",
        list_,
        "Where the sandbox's webhooks go instead.",
        answer="WebhookMap",
    ),
    Route(
        "POST",
        "/webhook_map",
        add,
        "Send webhooks for one address to another from now on; survives a reset.",
        body="control/WebhookMapPair",
        answer="WebhookMapEntry",
        status=201,
    ),
    Route("DELETE", "/webhook_map", clear, "Take all entries out.", status=204),
    Route("DELETE", "/webhook_map/{id}", remove, "Take one out.", status=204),
)
