"""Bodies and queries into pairs of text, whatever the bytes are.

Read here, not by aiohttp's `post()`, which raises on a bad charset, a broken multipart, raw bytes.
What cannot be read is refused with 20001 and a word about what to mend: a message that is not what
was sent would be worse.
"""

import codecs
import re
import zlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from mockserver.domain.errors import ENTITY_TOO_LARGE, MALFORMED, TwilioError

FORM: Final = "application/x-www-form-urlencoded"
FORM_DATA: Final = "multipart/form-data"

BODY_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of a request body, packed or unpacked. Ours; a Comms request of 10,000 takes 2 MB."""


LARGE: Final = 1 << 15
"""Characters of a form that is worth some preparation: it repeats itself."""

PART: Final = 1 << 17
"""Bytes of a form that are read in one go: one to two milliseconds."""

FREQUENT: Final = (
    *(("%22", '"'), ("%7B", "{"), ("%7D", "}"), ("%3A", ":"), ("%2C", ",")),
    *(("%20", " "), ("%2B", "+"), ("%5B", "["), ("%5D", "]")),
)
"""Escapes in parameters of JSON. None stands for what parts parameters, or begins an escape."""

_BROKEN: Final = re.compile("%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL).search
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']*)", re.IGNORECASE).search


def parse_form(data: bytes) -> list[tuple[str, str]]:
    """Every pair in order, blank values included; a part without `=` has the value "".

    Raise `TwilioError` 20001 for what is not UTF-8, or not percent-encoding.
    """
    try:
        text = data.decode()
        return _pairs_at_once(text) if len(text) > LARGE else _pairs(text)
    except UnicodeDecodeError:
        raise TwilioError(MALFORMED, said="the parameters are not UTF-8") from None


def parts_of(data: bytes, size: int = PART) -> Iterator[bytes]:
    """A form in parts that are forms themselves, of `size` bytes or little more."""
    start = 0
    while start < len(data):
        end = data.find(b"&", start + size)
        end = end if end >= 0 else len(data)
        yield data[start:end]
        start = end + 1


def _pairs(text: str) -> list[tuple[str, str]]:
    plain = text.replace("+", " ").replace("%2B", "+")  # nearly always all there is: phone numbers
    pairs = []
    for part in plain.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_decoded(name), _decoded(value)) if "%" in part else (name, value))
    return pairs


def _pairs_at_once(text: str) -> list[tuple[str, str]]:
    """The same of a large form, in a third of the time: what is frequent is decoded in one go."""
    plain = text.replace("+", " ")
    for code, character in FREQUENT:
        plain = plain.replace(code, character)
    if "%7b" in plain:
        for code, character in FREQUENT:
            plain = plain.replace(code.lower(), character)
    pairs = []
    for part in plain.split("&"):
        name, _, value = part.partition("=")
        if "%" in part:
            if _BROKEN(part):
                return _pairs(text)  # which finds what is broken, and says so
            name, value = unquote(name, errors="strict"), unquote(value, errors="strict")
        if part:
            pairs.append((name, value))
    return pairs


def _decoded(text: str) -> str:
    if broken := _BROKEN(text):
        said = f"{broken[0]!r} is not percent-encoding; a percent sign is sent as '%25'"
        raise TwilioError(MALFORMED, said=said)
    return unquote(text, errors="strict")


def check_charset(content_type: str) -> None:
    """Raise `TwilioError` 20001 where a Content-Type names a charset that there is not.

    Known ones make no difference: parameters are UTF-8, whatever is said about them.
    """
    if (named := _CHARSET(content_type)) is None:
        return
    try:
        codecs.lookup(named[1])
    except (LookupError, ValueError):
        said = f"there is no charset {named[1]!r}; send UTF-8"
        raise TwilioError(MALFORMED, said=said) from None


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its `Content-Encoding`; raise `TwilioError` when that is broken."""
    if not encoding or encoding == "identity":
        return body
    if encoding not in WINDOWS:
        said = f"the Content-Encoding {encoding!r} is not read; send gzip, deflate, or none"
        raise TwilioError(MALFORMED, said=said)
    inflater = zlib.decompressobj(WINDOWS[encoding])
    try:
        plain = inflater.decompress(body, BODY_LIMIT)
    except zlib.error:
        raise TwilioError(MALFORMED, said=f"the body is not {encoding}") from None
    if inflater.unconsumed_tail:
        raise TwilioError(ENTITY_TOO_LARGE)
    if not inflater.eof:
        raise TwilioError(MALFORMED, said=f"the body is {encoding}, but cut off")
    return plain


WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's `wbits` by content coding."""
