"""Bodies in parts as the forms that they are.

Twilio reads `multipart/form-data` as it reads a form: its own Node library 3.0 sends nothing else.
Files are no parameters to it, and are left out.
"""

import re
from typing import Final
from urllib.parse import quote_plus

_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE).search
_NAME: Final = re.compile(rb';\s*name=(?:"([^"]*)"|([^\s;"]+))', re.IGNORECASE).search
_FILE: Final = re.compile(rb";\s*filename\*?=", re.IGNORECASE).search


def as_form(body: bytes, content_type: str) -> bytes:
    """The parts, percent-encoded as a form has them, in their order.

    Raise `ValueError` with a word about what is wrong with them.
    """
    if (named := _BOUNDARY(content_type)) is None:
        raise ValueError(f"its Content-Type names no boundary: {content_type}")
    boundary = b"\r\n--" + (named[1] or named[2]).encode("utf-8", "surrogateescape")
    _, *parts = (b"\r\n" + body).split(boundary)
    if not parts or not parts[-1].startswith(b"--"):
        raise ValueError("its last boundary is missing")
    return b"&".join(filter(None, map(_pair, parts[:-1])))


def _pair(part: bytes) -> bytes:
    """`name=value`; nothing for a file. Raise `ValueError` for what is no field."""
    head, blank, value = part.partition(b"\r\n\r\n")
    if not blank or (named := _NAME(head)) is None:
        raise ValueError("a part of it has no name")
    name = named[2] if named[1] is None else named[1]
    return b"" if _FILE(head) else f"{quote_plus(name)}={quote_plus(value)}".encode()
