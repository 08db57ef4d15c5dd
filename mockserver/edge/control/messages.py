"""`/messages` and `/verify`: what was sent, waiting for it, verifying it, forcing its next step."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.faults import ERROR_CODE
from mockserver.domain.lifecycle import NEXT
from mockserver.domain.matching import MESSAGE_FIELDS, Matcher
from mockserver.domain.message import Message
from mockserver.edge.control import filters, rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.world import queries
from mockserver.world.engine import IllegalStep
from mockserver.world.sandbox import Sandbox

COUNT: Final = 1
TIMEOUT: Final = 5.0
LONGEST: Final = 600.0
"""Seconds of wall time that a wait may take."""

MOST_AWAITED: Final = 1_000_000

SHOWN: Final = 10
"""SIDs that a verdict names."""

BATCH: Final = 200
"""Messages rendered before other work gets its turn: about three milliseconds."""


async def list_(ask: Ask) -> Answer:
    """A page of the messages that match."""
    cut = filters.cut(ask)
    found = await queries.find_messages(ask.sandbox, filters.matcher(ask, MESSAGE_FIELDS), cut)
    documents = await rendered(ask.sandbox, found.items)
    return Answer(200, filters.page("messages", documents, found, cut))


async def rendered(sandbox: Sandbox, messages: list[Message]) -> list[rendering.Document]:
    """Documents of the messages that are still there."""
    documents = []
    for place, message in enumerate(messages, 1):
        if sandbox.tables.messages.get(message.sid) is not None:
            documents.append(rendering.message(sandbox, message))
        if place % BATCH == 0:
            await asyncio.sleep(0)
    return documents


async def fetch(ask: Ask) -> Answer:
    """One message as it is now."""
    return Answer(200, rendering.message(ask.sandbox, find(ask)))


def find(ask: Ask) -> Message:
    """The message that the path names."""
    ask.sandbox.engine.catch_up()
    message = ask.sandbox.tables.messages.get(ask.params["sid"])
    if message is None:
        raise Refusal(
            "not_found", f"there is no message {ask.params['sid']} in sandbox {ask.sandbox.id}"
        )
    return message


async def force(ask: Ask) -> Answer:
    """Force the next step of a message under way."""
    message = find(ask)
    status = ask.body["status"]
    code = ask.body.get("error_code") or ERROR_CODE.get(status, 0)
    present = ask.sandbox.tables.messages.delivery(message.sid).status
    try:
        await ask.sandbox.messages.force(message, status, code)
    except IllegalStep as impossible:
        legal = sorted(NEXT[present])
        raise Refusal(
            "illegal_status",
            f"{impossible}; {'next may be ' + ', '.join(legal) if legal else 'it is complete'}",
            {"status": present, "next": legal},
        ) from None
    return await fetch(ask)


async def wait(ask: Ask) -> Answer:
    """Answer as soon as enough messages match; filters in the body."""
    asked = {name: value for name, value in ask.body.items() if name in MESSAGE_FIELDS}
    matcher = Matcher.compile(asked, fields=MESSAGE_FIELDS, status_means_reached=True)
    timeout = float(ask.body.get("timeout", TIMEOUT))
    return await _awaited(ask, matcher, int(ask.body.get("count", COUNT)), timeout)


async def wait_by_query(ask: Ask) -> Answer:
    """The same with filters in the query."""
    matcher = filters.matcher(ask, MESSAGE_FIELDS, reached=True)
    count = filters.whole(ask, "count", COUNT, MOST_AWAITED)
    return await _awaited(ask, matcher, count, filters.seconds(ask, "timeout", TIMEOUT, LONGEST))


async def _awaited(ask: Ask, matcher: Matcher, count: int, timeout: float) -> Answer:
    try:
        found = await queries.wait_for(ask.sandbox, matcher, count, timeout)
    except queries.TimedOut as late:
        raise _timeout(late, matcher, count, timeout) from None
    documents = await rendered(ask.sandbox, found[: filters.LIMIT])
    return Answer(200, {"messages": documents, "total": len(found), "next_cursor": None})


def _timeout(late: queries.TimedOut, matcher: Matcher, count: int, timeout: float) -> Refusal:
    said = queries.explain(matcher.filters, {"at_least": count}, late.matched)
    beside: dict[str, Any] = {"near_misses": [rendering.miss(each) for each in late.misses]}
    if late.hint:
        beside["hint"] = late.hint
    message = f"{said[:-1]} within {timeout:g} s." + (f" {late.hint}" if late.hint else "")
    details = {"matched": late.matched, "count": count, **beside}
    return Refusal("timeout", message, details, beside=beside)


async def verify(ask: Ask) -> Answer:
    """Whether as many messages match as should."""
    matcher = Matcher.compile(ask.body.get("where", {}), fields=MESSAGE_FIELDS)
    count: Mapping[str, int] = {
        how: int(number) for how, number in ask.body.get("count", {"at_least": 1}).items()
    }
    verdict = await queries.verify(ask.sandbox, matcher, count)
    return Answer(
        200,
        {
            "ok": verdict.ok,
            "matched": len(verdict.matched),
            "explanation": verdict.explanation,
            "near_misses": [rendering.miss(each) for each in verdict.misses],
            "matches": [message.sid for message in verdict.matched[:SHOWN]],
        },
    )


ROUTES: Final = (
    Route(
        "GET",
        "/messages",
        list_,
        "The messages that match, a page at a time.",
        answer="Messages",
        query=filters.MESSAGES,
    ),
    Route(
        "POST",
        "/messages/wait",
        wait,
        "Wait until enough messages match; 408 with the near misses when they do not.",
        body="control/Wait",
        answer="Messages",
    ),
    Route(
        "GET",
        "/messages/wait",
        wait_by_query,
        "The same, with the filters in the query.",
        answer="Messages",
        query=filters.WAIT,
    ),
    Route("GET", "/messages/{sid}", fetch, "One message as it is now.", answer="Message"),
    Route(
        "POST",
        "/messages/{sid}/status",
        force,
        "Force the next step of a message under way; 409 with the legal ones otherwise.",
        body="control/ForceStatus",
        answer="Message",
    ),
    Route(
        "POST",
        "/verify",
        verify,
        "Whether as many messages match as should, and if not, why.",
        body="control/Verify",
        answer="Verdict",
    ),
)
