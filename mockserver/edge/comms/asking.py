"""What a request asks for: its body, or its query, by a schema; every fault is told at once."""

import asyncio
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import orjson
from msgspec.structs import replace

from mockserver.domain.bulk.notes import not_a_field, strangers
from mockserver.domain.errors import ENTITY_TOO_LARGE, MALFORMED, TwilioError
from mockserver.domain.json_faults import Fault, refuse
from mockserver.edge.http.call import JSON, Call, Handler, Reply, Route
from mockserver.edge.http.forms import parse_form, unpacked
from mockserver.world.documents import FAULTS_MAX, NOTED, document_schema, unknown
from mockserver.world.schema_files import folder

BODY_MAX: Final = 10_000_000
"""Bytes of a body, unpacked. Source: the overview of Bulk Messaging, "10 MB"."""

LARGE: Final = 100_000
"""Bytes that are read in half a millisecond; ours."""

_SNAKE: Final = re.compile("_([a-z])")


async def read_document(call: Call) -> Any:
    """The body; raise `TwilioError` 20001 for what is no JSON, 20413 for too much.

    Others have their turn between the steps that a large one takes.
    """
    data = _plain(call)
    large = len(data) > LARGE
    if large:
        await asyncio.sleep(0)
    document = _parsed(data)
    if large:
        await asyncio.sleep(0)
    return document


def _plain(call: Call) -> bytes:
    """The body, unpacked."""
    kind = call.content_type.partition(";")[0].strip().lower()
    if kind and kind != JSON:
        raise TwilioError(MALFORMED, said=f"the body is {kind!r}; send {JSON}")
    try:
        data = unpacked(call.body, call.content_encoding)
        if len(data) <= BODY_MAX:
            return data
    except TwilioError as error:
        if error.code != ENTITY_TOO_LARGE.code:
            raise
    status = call.sandbox.rules.options.comms_too_large
    raise TwilioError(replace(ENTITY_TOO_LARGE, status=status))


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as wrong:
        raise TwilioError(MALFORMED, said=f"the body is no JSON: {wrong.msg}") from None


def read_body(call: Call, operation: str) -> tuple[Any, list[Fault]]:
    """The document, and what its schema finds wrong with it; raises as `read_document` does."""
    document, schema = _parsed(_plain(call)), document_schema(f"comms/v1/{operation}")
    reading = schema.read(document)
    call.warnings.extend(reading.notes)
    faults = list(reading.faults)
    if reading.notes and call.sandbox.rules.options.strict_queries:
        found = filter(None, strangers(schema.document, document))
        faults += [not_a_field(path) for path in islice(found, FAULTS_MAX)]
    return reading.value, faults


def checked_body(call: Call, operation: str) -> Any:
    """The document; raise `Refused` where its schema finds anything wrong."""
    document, faults = read_body(call, operation)
    refuse(faults)
    return document


def read_query(call: Call, operation: str) -> tuple[dict[str, Any], list[Fault]]:
    """The parameters, and what is wrong with them; `page_size` is another name of `pageSize`.

    Raise `TwilioError` 20001 for what is no query.
    """
    schema = document_schema(f"comms/v1/{operation}")
    values: dict[str, Any] = {}
    strange: list[str] = []
    for name, text in _pairs(call):
        known = _SNAKE.sub(lambda found: found[1].upper(), name)
        if known not in schema.names:
            strange.append(name)
        elif text:
            values[known] = _typed(schema.kind(known), text)
    reading = schema.read(values)
    return reading.value, [*reading.faults, *_ignored(call, strange, schema.names)]


def reads_query(route: Route) -> bool:
    """Whether an operation has parameters in its query: the schema of its name is of those."""
    named = folder("schemas") / f"comms/v1/{route.operation}.json"
    return route.method == "GET" and named.exists()


def without_query(handler: Handler) -> Handler:
    """A handler whose operation has no parameters but those of path and body."""

    async def handle(call: Call) -> Reply:
        if call.query:
            refuse(_ignored(call, [name for name, _ in _pairs(call)], ()))
        return await handler(call)

    return handle


def _pairs(call: Call) -> list[tuple[str, str]]:
    return parse_form(call.query.encode("utf-8", "surrogateescape"))


def _ignored(call: Call, names: Iterable[str], known: tuple[str, ...]) -> list[Fault]:
    """What is not known: a word in the journal each, or a fault where that is asked for."""
    few = list(islice(dict.fromkeys(names), NOTED))
    if call.sandbox.rules.options.strict_queries:
        return [not_a_field((name,)) for name in few]
    call.warnings.extend(unknown(name, known) for name in few)
    return []


def _typed(kind: str, text: str) -> object:
    whole = kind == "integer" and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if whole else text
