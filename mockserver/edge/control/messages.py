"""`/messages`: what was sent, waiting for it, forcing its next step."""

from collections.abc import Iterable
from typing import Any, Final

from mockserver.domain.faults import ERROR_CODE
from mockserver.domain.lifecycle import NEXT
from mockserver.domain.matching import MESSAGE_FIELDS, PUSH_CHANNELS, BadFilter, Matcher
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


async def list_(ask: Ask) -> Answer:
    """A page of the messages that match.

    Where nothing but channels of Notify is asked for, whose deliveries are no Messages, these.
    """
    cut, matcher = filters.cut(ask), filters.matcher(ask, MESSAGE_FIELDS)
    if _means_pushes(matcher):
        return await _pushed(ask, matcher, cut)
    found = await queries.find_messages(ask.sandbox, matcher, cut)
    documents = await rendered(ask.sandbox, found.items)
    return Answer(200, filters.page("messages", documents, found, cut))


def _means_pushes(matcher: Matcher) -> bool:
    """Whether it fits nothing but deliveries of Notify that are no Messages."""
    asked: Any = matcher.filters.get("channel", ())
    channels = {asked} if isinstance(asked, str) else set(asked)
    return bool(channels) and channels <= set(PUSH_CHANNELS)


async def _pushed(ask: Ask, matcher: Matcher, cut: queries.Cut) -> Answer:
    from mockserver.world.notify.inspection import find_as_messages

    found = await find_as_messages(ask.sandbox, matcher, cut)
    documents = [
        rendering.message(ask.sandbox, message, delivery) | {"callbacks": []}
        for message, delivery in found.items
    ]
    return Answer(200, filters.page("messages", documents, found, cut))


def _refuse_pushes(matcher: Matcher) -> Matcher:
    """The matcher; raise `BadFilter` where it could never fit a Message."""
    if _means_pushes(matcher):
        said = "these are no Messages: ask /_mock/push_deliveries, or POST its /verify"
        raise BadFilter("channel", said)
    return matcher


async def rendered(sandbox: Sandbox, messages: Iterable[Message]) -> list[rendering.Document]:
    """Documents of the messages that are still there."""
    documents: list[rendering.Document] = []
    async for part in queries.in_parts(messages):
        for message in part:
            delivery = sandbox.tables.messages.find_delivery(message.sid)
            if delivery is not None:
                documents.append(rendering.message(sandbox, message, delivery))
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
    _refuse_pushes(matcher)
    timeout = float(ask.body.get("timeout", TIMEOUT))
    return await _awaited(ask, matcher, int(ask.body.get("count", COUNT)), timeout)


async def wait_by_query(ask: Ask) -> Answer:
    """The same with filters in the query."""
    matcher = _refuse_pushes(filters.matcher(ask, MESSAGE_FIELDS, reached=True))
    count = filters.whole(ask, "count", COUNT, MOST_AWAITED)
    return await _awaited(ask, matcher, count, filters.seconds(ask, "timeout", TIMEOUT, LONGEST))


async def _awaited(ask: Ask, matcher: Matcher, count: int, timeout: float) -> Answer:
    try:
        found = await queries.wait_for(ask.sandbox, matcher, count, timeout)
    except queries.TimedOut as late:
        raise _timeout(late, matcher, count, timeout) from None
    documents = await rendered(ask.sandbox, found.items)
    return Answer(200, {"messages": documents, "total": found.total, "next_cursor": None})


def _timeout(late: queries.TimedOut, matcher: Matcher, count: int, timeout: float) -> Refusal:
    said = queries.explain(matcher.filters, {"at_least": count}, late.matched)
    beside: dict[str, Any] = {"near_misses": [rendering.miss(each) for each in late.misses]}
    if late.hint:
        beside["hint"] = late.hint
    message = f"{said[:-1]} within {timeout:g} s." + (f" {late.hint}" if late.hint else "")
    details = {"matched": late.matched, "count": count, **beside}
    return Refusal("timeout", message, details, beside=beside)


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
)
