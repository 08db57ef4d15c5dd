"""Bodies that are JSON, for hosts that read them so."""

from typing import Any

import orjson

from mockserver.domain.errors import MALFORMED, TwilioError
from mockserver.edge.http.call import JSON, Call
from mockserver.edge.http.forms import unpacked


def read_object(call: Call) -> dict[str, Any]:
    """The body; raise `TwilioError` 20001 for what is no JSON object, with what to mend."""
    kind = call.content_type.partition(";")[0].strip().lower()
    if kind and kind != JSON:
        raise TwilioError(MALFORMED, said=f"the body is {kind!r}; send {JSON}")
    try:
        document = orjson.loads(unpacked(call.body, call.content_encoding))
    except orjson.JSONDecodeError as wrong:
        raise TwilioError(MALFORMED, said=f"the body is no JSON: {wrong.msg}") from None
    if not isinstance(document, dict):
        raise TwilioError(MALFORMED, said="the body is no JSON object")
    return document
