"""`/requests`, `/callbacks`, `/alerts`, `/journal`: what was asked, and what was posted."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import orjson

from mockserver.domain.matching import CALLBACK_FIELDS, REQUEST_FIELDS, Matcher, Subject
from mockserver.edge.control import filters, rendering
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.messages import rendered
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.http.hosts import destination, names
from mockserver.world.canonical import canonical
from mockserver.world.clock import stopwatch
from mockserver.world.journal import CallbackEntry, Entry, RequestEntry, Ring, Subscription
from mockserver.world.ports import Parcel, Posting
from mockserver.world.queries import find_entries
from mockserver.world.subjects import CallbackSubject

RESEND_SECONDS: Final = 20.0
"""How long a resend is waited for; no webhook may take longer than 15."""


class RequestSubject:
    """A recorded API call as the matcher looks at it."""

    __slots__ = ("entry",)

    def __init__(self, entry: RequestEntry) -> None:
        self.entry = entry

    def get(self, name: str, /) -> object:
        """A field of the entry; `to`, `from` and `body` are its parameters."""
        if name in ("to", "from", "body"):
            value = rendering.params(self.entry).get(name.capitalize())
            return value[-1] if isinstance(value, list) else value
        if name in ("host", "path"):
            host, path = self.entry.host, self.entry.path.partition("?")[0]
            return names(host, path, destination(host, path))[name == "path"]
        return getattr(self.entry, name, None)


async def list_requests(ask: Ask) -> Answer:
    """A page of the API calls that match."""
    matcher, ring = filters.matcher(ask, REQUEST_FIELDS), ask.sandbox.journal.requests
    return await _page(ask, "requests", ring, matcher, RequestSubject, rendering.request)


async def list_callbacks(ask: Ask) -> Answer:
    """A page of the attempts that match."""
    matcher, ring = filters.matcher(ask, CALLBACK_FIELDS), ask.sandbox.journal.callbacks
    return await _page(ask, "callbacks", ring, matcher, CallbackSubject, rendering.callback)


async def _page(
    ask: Ask,
    key: str,
    ring: Ring[Entry],
    matcher: Matcher,
    subject: Callable[[Entry], Subject],
    render: Callable[[Entry], rendering.Document],
) -> Answer:
    cut = filters.cut(ask)
    keep = (lambda each: matcher.matches(subject(each))) if matcher.filters else None
    found = await find_entries(ring, cut, keep)
    documents = [render(each) for each in found.items]
    return Answer(200, filters.page(key, documents, found, cut) | {"dropped": ring.dropped})


async def clear_requests(ask: Ask) -> Answer:
    """Forget all of them."""
    ask.sandbox.journal.requests.clear()
    return Answer(204)


async def clear_callbacks(ask: Ask) -> Answer:
    """Forget all of them."""
    ask.sandbox.journal.callbacks.clear()
    return Answer(204)


# Resending


async def resend(ask: Ask) -> Answer:
    """Post a callback again; the new attempt, or 202 when it takes too long."""
    entry = _entry(ask)
    journal = ask.sandbox.journal
    attempts = [
        each.attempt
        for each in (*journal.attempts.of(entry.message_sid), entry)
        if each.idempotency_token == entry.idempotency_token
    ]
    attempt = max(attempts) + 1
    reader = journal.subscribe()
    try:
        again = _again(entry, ask.sandbox.clock.now(), attempt)
        (ask.sandbox.streams.repeat if entry.body else ask.sandbox.outbox.post)(again)
        made = await _next_attempt(ask, reader, entry)
    finally:
        journal.unsubscribe(reader)
    if made is None:
        return Answer(202, {"resent": entry.id, "attempt": attempt})
    return Answer(200, rendering.callback(made))


async def _next_attempt(
    ask: Ask, reader: Subscription, entry: CallbackEntry
) -> CallbackEntry | None:
    """The next attempt at the same callback; nothing when it does not come in time."""
    deadline = stopwatch() + RESEND_SECONDS
    while (left := deadline - stopwatch()) > 0 and await reader.more(left) and reader.events:
        event = reader.events.popleft()
        if event.kind == "callback":
            made = _entry(replace(ask, params={"id": event.data["id"]}))
            if made.idempotency_token == entry.idempotency_token:
                return made
    return None


def _entry(ask: Ask) -> CallbackEntry:
    """The attempt that the path names; ids are numbered from 1."""
    name = ask.params["id"]
    match = re.fullmatch(r"cb-([0-9]{1,15})", name)
    entry = ask.sandbox.journal.callbacks.entry(int(match[1]) - 1) if match else None
    if entry is None or entry.id != name:
        raise Refusal("not_found", f"the journal holds no callback {name}")
    return entry


def _again(entry: CallbackEntry, now: int, attempt: int) -> Posting:
    parcel = Parcel(
        kind=entry.kind,  # type: ignore[arg-type]  # it came from a parcel
        url=entry.url,
        method=entry.method,
        params=tuple(entry.params),
        signature=entry.signature,
        idempotency_token=entry.idempotency_token,
        account_sid=entry.account_sid,
        message_sid=entry.message_sid,
        body=entry.body,
    )
    return Posting(parcel, due=now, status=entry.status, attempt=attempt)


# Everything at once


async def alerts(ask: Ask) -> Answer:
    """What Monitor would show, oldest first."""
    ring = ask.sandbox.journal.alerts
    documents = [rendering.alert(each) for each in ring]
    return Answer(200, {"alerts": documents, "total": len(documents), "dropped": ring.dropped})


async def journal(ask: Ask) -> Answer:
    """Requests, callbacks and messages; with `canonical=1` in the form that equal runs share."""
    sandbox = ask.sandbox
    if (wanted := ask.parameter("canonical", "0")) not in ("0", "1", "false", "true"):
        raise filters.bad("canonical", f"must be 0 or 1, not {wanted!r}")
    sandbox.engine.catch_up()
    requests = [rendering.request(each) for each in sandbox.journal.requests]
    callbacks = [rendering.callback(each) for each in sandbox.journal.callbacks]
    messages = await rendered(sandbox, sandbox.tables.messages.places.oldest_first())
    dropped = {
        "requests": sandbox.journal.requests.dropped,
        "callbacks": sandbox.journal.callbacks.dropped,
    }
    if wanted in ("0", "false"):
        parts = {"requests": requests, "callbacks": callbacks, "messages": messages}
        return Answer(200, {**parts, "dropped": dropped})
    document = {**canonical(requests, callbacks, messages), "dropped": dropped}
    return Answer(body=orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))


ROUTES: Final = (
    Route(
        "GET",
        "/requests",
        list_requests,
        "The API calls that match, as far as the journal holds them.",
        answer="Requests",
        query=filters.REQUESTS,
    ),
    Route("DELETE", "/requests", clear_requests, "Forget the API calls.", status=204),
    Route(
        "GET",
        "/callbacks",
        list_callbacks,
        "The attempts to post callbacks that match, as far as the journal holds them.",
        answer="Callbacks",
        query=filters.CALLBACKS,
    ),
    Route("DELETE", "/callbacks", clear_callbacks, "Forget the attempts.", status=204),
    Route(
        "POST",
        "/callbacks/{id}/resend",
        resend,
        "Post a callback again, and answer with the new attempt.",
        answer="Callback",
    ),
    Route(
        "GET",
        "/alerts",
        alerts,
        "What Monitor would show of webhooks that went wrong.",
        answer="Alerts",
    ),
    Route(
        "GET",
        "/journal",
        journal,
        "All of it; with canonical=1 in the form that equal runs have in common.",
        query=("canonical",),
    ),
)
