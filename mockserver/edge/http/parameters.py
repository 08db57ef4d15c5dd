"""What a request says, as rules ask for it: by name, as text."""

from typing import Any

import orjson

from mockserver.edge.http.call import Call
from mockserver.edge.http.forms import parse_form, unpacked


def parameters(call: Call, *, json: bool) -> dict[str, str]:
    """Of the query and the body; of a repeated one the last, of JSON what is plain at the top.

    Raise `TwilioError` 20001 for a form that cannot be read.
    """
    query = call.query.encode("utf-8", "surrogateescape")
    said = _plain(call) if json else call.pairs()
    return {**dict(parse_form(query)), **dict(said)}


def _plain(call: Call) -> dict[str, str]:
    try:
        document = orjson.loads(unpacked(call.body, call.content_encoding))
    except orjson.JSONDecodeError:
        return {}  # whoever reads it refuses it
    return {} if not isinstance(document, dict) else _scalars(document)


def _scalars(document: dict[str, Any]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in document.items()
        if isinstance(value, str | int | float)
    }
