"""What a request asks for: its body, or its query, by a schema; every fault is told at once."""

import re
from typing import Any, Final

import orjson

from mockserver.domain.errors import ENTITY_TOO_LARGE, MALFORMED, TwilioError
from mockserver.domain.json_faults import Fault, refuse
from mockserver.edge.http.call import JSON, Call
from mockserver.edge.http.forms import parse_form, unpacked
from mockserver.world.documents import document_schema, unknown

BODY_MAX: Final = 10_000_000
"""Bytes of a body, unpacked. Source: the overview of Bulk Messaging, "10 MB"."""

_SNAKE: Final = re.compile("_([a-z])")


def read_body(call: Call, operation: str) -> tuple[Any, list[Fault]]:
    """The document, and what its schema finds wrong with it.

    Raise `TwilioError` 20001 for what is no JSON, 20413 for too much.
    """
    kind = call.content_type.partition(";")[0].strip().lower()
    if kind and kind != JSON:
        raise TwilioError(MALFORMED, said=f"the body is {kind!r}; send {JSON}")
    data = unpacked(call.body, call.content_encoding)
    if len(data) > BODY_MAX:
        raise TwilioError(ENTITY_TOO_LARGE)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as wrong:
        raise TwilioError(MALFORMED, said=f"the body is no JSON: {wrong.msg}") from None
    reading = document_schema(f"comms/v1/{operation}").read(document)
    call.warnings.extend(reading.notes)
    return reading.value, list(reading.faults)


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
    for name, text in parse_form(call.query.encode("utf-8", "surrogateescape")):
        known = _SNAKE.sub(lambda found: found[1].upper(), name)
        if known not in schema.names:
            call.warnings.append(unknown(name, schema.names))
        elif text:
            values[known] = _typed(schema.kind(known), text)
    reading = schema.read(values)
    return reading.value, list(reading.faults)


def _typed(kind: str, text: str) -> object:
    whole = kind == "integer" and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if whole else text
