"""What the world holds, as documents of the control API; shapes as in `schemas/control/`."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from mockserver.domain.alerts import level
from mockserver.domain.errors import TwilioError
from mockserver.domain.matching import Difference
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.domain.signature import masked
from mockserver.domain.titles import TITLES
from mockserver.edge.http.forms import FORM, FORM_DATA, parse_form, unpacked
from mockserver.edge.http.multipart import as_form
from mockserver.edge.http.recorder import reply_of
from mockserver.world.clock import TICK, iso
from mockserver.world.findings import codes, links
from mockserver.world.journal import Alert, CallbackEntry, RequestEntry
from mockserver.world.queries import Miss
from mockserver.world.sandbox import Sandbox

Document = dict[str, Any]

# Messages


def message(sandbox: Sandbox, message: Message, delivery: Delivery | None = None) -> Document:
    """A message as it is now, with the attempts at its callbacks that the journal holds.

    `delivery` is that of a message which is not in the tables.
    """
    delivery = delivery or sandbox.tables.messages.delivery(message.sid)
    attempts = sandbox.journal.attempts.of(message.sid)
    dropped = _attempts_dropped(sandbox, message, delivery, attempts)
    return {
        "sid": message.sid,
        "account_sid": message.account_sid,
        "sandbox": sandbox.id,
        "direction": message.direction,
        "channel": message.channel,
        "origin": message.origin,
        "from": message.from_ or None,
        "to": message.to,
        "messaging_service_sid": message.messaging_service_sid or None,
        "body": message.body,
        "media": _media(sandbox, message),
        "num_segments": message.num_segments,
        "encoding": message.encoding,
        "status": delivery.status,
        "error_code": delivery.error_code or None,
        "error_message": TITLES.get(delivery.error_code),
        "created_at": iso(message.created_at),
        "timeline": _timeline(delivery),
        "callbacks": [callback(each) for each in attempts],
        **({"callbacks_dropped": dropped} if dropped else {}),
        "codes": codes(message.body),
        "links": links(message.body),
        **_seldom(message),
        **_content(sandbox, message),
        **(_hidden(sandbox, message) if message.test else {}),
    }


def _media(sandbox: Sandbox, message: Message) -> list[Document]:
    """What is attached, and what is known of it since it was fetched; deleted ones are left out."""
    table = sandbox.tables.media
    if not table.places(message.sid):
        return [{"url": url} for url in message.media_urls]
    return [
        {
            "url": media.url,
            "sid": media.sid,
            "content_type": media.content_type,
            "size": media.size,
            "fetched": media.fetched,
            **({"note": media.note} if media.note else {}),
        }
        for media in table.of(message.sid)
    ]


def _seldom(message: Message) -> Document:
    """What few messages have."""
    extras = {
        "tags": _tags(message.tags),
        "operation_id": message.operation_id,
        "send_at": message.send_at and iso(message.send_at),
    }
    return {name: value for name, value in extras.items() if value}


def _content(sandbox: Sandbox, message: Message) -> Document:
    """What it shows, where it was made from a template."""
    if not (sandbox.tables.shown or message.operation_id):
        return {}
    from mockserver.world.showing import shown_of  # few messages are from templates

    if (shown := shown_of(sandbox.tables, message)) is None:
        return {}
    parts = {"sid": shown.content_sid, "type": shown.type, "shows": shown.document}
    return {"content": parts}


def _hidden(sandbox: Sandbox, message: Message) -> Document:
    """Why the REST API does not show it: it is Twilio's own reply, or test credentials made it."""
    account = sandbox.accounts.find(message.account_sid)
    made_by_test = account is not None and account.test
    return {"test" if made_by_test or message.origin != "reply" else "automatic": True}


def _tags(text: str) -> object:
    """Tags are sent as JSON; what is none stays text."""
    try:
        return orjson.loads(text) if text else ""
    except orjson.JSONDecodeError:
        return text


def _timeline(delivery: Delivery) -> list[Document]:
    line = delivery.timeline
    return [
        {"status": line[n], "at": iso(line[n + 1]), **_code(line[n + 2])}
        for n in range(0, len(line), STEP)
    ]


def _code(error_code: int) -> Document:
    return {"error_code": error_code} if error_code else {}


def _attempts_dropped(
    sandbox: Sandbox, message: Message, delivery: Delivery, kept: Iterable[CallbackEntry]
) -> int:
    """How many attempts the full ring must have dropped: those that led to what is there."""
    ring = sandbox.journal.callbacks
    oldest = ring.entry(ring.first)
    if not ring.dropped or oldest is None or not message.status_callback or message.test:
        return 0
    first_kept: dict[str, int] = {}
    for entry in kept:
        first_kept.setdefault(entry.status, entry.attempt)
    line = delivery.timeline
    steps = [(line[n], line[n + 1]) for n in range(STEP, len(line), STEP)]
    return sum(
        first_kept.get(status, 2 if at <= oldest.due else 1) - 1
        for status, at in steps
        if status in sandbox.engine.announced
    )


def miss(found: Miss) -> Document:
    """A message that nearly matched."""
    near, differences = found
    return differing(near.sid, differences)


def differing(sid: str, differences: Mapping[str, Difference]) -> Document:
    """A message, and what should be otherwise about it."""
    return {
        "sid": sid,
        "differences": {
            name: {"expected": each.expected, "actual": each.actual}
            for name, each in differences.items()
        },
    }


# Journals


def request(entry: RequestEntry) -> Document:
    """An API call."""
    reply, headers = reply_of(entry)
    path, _, query = entry.path.partition("?")
    asked = entry.body_length > len(entry.body)
    answered = entry.reply_length > len(entry.reply_body)
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "method": entry.method,
        "host": entry.host,
        "path": path,
        **({"query": query} if query else {}),
        "operation": entry.operation or None,
        "account_sid": entry.account_sid or None,
        "request": {
            "headers": grouped((_text(name), _text(value)) for name, value in entry.headers),
            "params": params(entry),
            "body": _text(entry.body),
            **_cut(asked),
        },
        "response": _unwritten(entry)
        if not entry.status
        else {
            "status": entry.status,
            "headers": grouped(headers.items()),
            "body": _text(reply.body),
            **_cut(answered),
        },
        "duration_ms": _milliseconds(entry.duration),
        "fault": entry.fault or None,
        "error": entry.error or None,
        "warnings": list(entry.warnings),
        "served": entry.served,
        **_cut(asked or answered),
    }


def _unwritten(entry: RequestEntry) -> Document:
    """The response of a call whose connection a fault has reset: what there would have been."""
    lost = {"status": entry.unwritten, "body": _text(entry.reply_body)}
    return {
        "status": 0,
        "headers": {},
        "body": "",
        **({"unwritten": lost} if lost["status"] else {}),
    }


def _cut(truncated: bool) -> Document:
    return {"truncated": True} if truncated else {}


def params(entry: RequestEntry) -> Document:
    """What the query and a form's kept body say."""
    _, _, query = entry.path.partition("?")
    pairs = parse_form(query.encode("utf-8", "replace"))
    return grouped([*pairs, *_form(entry)])


def _form(entry: RequestEntry) -> list[tuple[str, str]]:
    """The body's parameters; none when it is no form or cannot be unpacked, being cut or broken."""
    kind = entry.content_type.partition(";")[0].strip().lower()
    if not entry.body or kind not in ("", FORM, FORM_DATA):
        return []
    packings = [value for name, value in entry.headers if name.lower() == b"content-encoding"]
    try:
        body = unpacked(entry.body, _text(b"".join(packings)).lower())
        return parse_form(as_form(body, entry.content_type) if kind == FORM_DATA else body)
    except (TwilioError, ValueError):
        return []


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Text by name; a list where a name is repeated."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1_000, 3)


def callback(entry: CallbackEntry) -> Document:
    """One attempt to post a callback."""
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "due": iso(entry.due),
        "url": masked(entry.url),
        "method": entry.method,
        "params": grouped(entry.params),
        "headers": grouped(entry.headers),
        "signature": entry.signature,
        "response_status": entry.response_status or None,
        "duration_ms": _milliseconds(entry.duration),
        "error": entry.error or None,
        "error_code": entry.error_code or None,
        "attempt": entry.attempt,
        "message_sid": entry.message_sid or None,
        "account_sid": entry.account_sid,
        "kind": entry.kind,
        "status": entry.status or None,
        "idempotency_token": entry.idempotency_token,
        "weather": entry.weather or None,
        **({"body": _text(entry.body)} if entry.body else {}),
    }


def alert(alert: Alert) -> Document:
    """What Monitor would show."""
    return {
        "sid": alert.sid,
        "at": iso(alert.at),
        "account_sid": alert.account_sid,
        "level": level(alert.code),
        "error_code": alert.code,
        "error_message": TITLES.get(alert.code),
        "text": alert.text,
        "resource_sid": alert.resource_sid or None,
        "url": alert.url or None,
        "response_status": (alert.exchange.status or None) if alert.exchange else None,
    }


# The sandbox itself


def clock(sandbox: Sandbox) -> Document:
    """The clock as it stands."""
    clock = sandbox.clock
    tick = clock.next_tick()
    return {
        "mode": clock.mode.name,
        "now": iso(clock.now()),
        "rate": clock.mode.rate,
        "pending": sandbox.engine.today.pending,
        "next": None if tick is None else iso(tick * TICK),
        "idle": sandbox.engine.idle,
    }


def sandbox(sandbox: Sandbox) -> Document:
    """Who it is, and how it does."""
    account = sandbox.accounts.first
    return {
        "id": sandbox.id,
        "account_sid": account.sid,
        "auth_token": account.auth_token,
        "seed": sandbox.plan.seed,
        "clock": sandbox.clock.mode.name,
        "now": iso(sandbox.clock.now()),
        "scenario": sandbox.rules.scenario.name or None,
        "messages": len(sandbox.tables.messages),
        "ttl_s": sandbox.plan.ttl,
    }


def counts(counters: Mapping[str, int], ids: Iterable[str]) -> Document:
    """How often rules matched and fired, by id.

    Matches are counted only where a rule goes by them (`nth`); else they are its firings.
    """
    found: Document = {}
    for rule_id in ids:
        fired = counters.get(f"{rule_id}.fired", 0)
        found[rule_id] = {"matched": counters.get(f"{rule_id}.matched", fired), "fired": fired}
    return found
