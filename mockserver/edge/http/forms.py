"""Bodies and queries into pairs of text, whatever the bytes are.

Read here, not by aiohttp's `post()`, which raises on a bad charset, a broken multipart, raw bytes.
Nothing raises but broken compression; what is not UTF-8 becomes U+FFFD.
"""

import zlib
from typing import Final
from urllib.parse import unquote

from mockserver.domain.errors import BAD_REQUEST, ENTITY_TOO_LARGE, TwilioError

FORM: Final = "application/x-www-form-urlencoded"

BODY_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of a request body, packed or unpacked. Ours; a Comms request of 10,000 takes 2 MB."""


def parse_form(data: bytes) -> list[tuple[str, str]]:
    """Every pair in order, blank values included; a part without `=` has the value ""."""
    text = data.decode("utf-8", "replace")
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" in text:
        text = text.replace("%2B", "+")  # nearly always all there is: phone numbers
        if "%" in text:
            return unquote(text, errors="replace")
    return text


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its `Content-Encoding`; raise `TwilioError` when that is broken."""
    if not encoding or encoding == "identity":
        return body
    if encoding not in _WINDOWS:
        raise TwilioError(BAD_REQUEST)
    inflater = zlib.decompressobj(_WINDOWS[encoding])
    try:
        plain = inflater.decompress(body, BODY_LIMIT)
    except zlib.error:
        raise TwilioError(BAD_REQUEST) from None
    if inflater.unconsumed_tail:
        raise TwilioError(ENTITY_TOO_LARGE)
    if not inflater.eof:
        raise TwilioError(BAD_REQUEST)
    return plain


_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's `wbits` by content coding."""
