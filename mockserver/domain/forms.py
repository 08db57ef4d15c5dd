"""Parameters of a webhook as text: the body of a POST, the query of a GET."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote_plus

_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]*").fullmatch


def encode_form(params: Iterable[tuple[str, str]]) -> str:
    """`name=value&…` in the order given; a space becomes `+`, a plus `%2B`."""
    return "&".join([f"{_encoded(name)}={_encoded(value)}" for name, value in params])


def add_query(url: str, params: Iterable[tuple[str, str]]) -> str:
    """The address of a GET webhook, which is also what its signature is over."""
    rest, mark, fragment = url.partition("#")
    form = encode_form(params)
    if form:
        rest = f"{rest}{_joint(rest)}{form}"
    return f"{rest}{mark}{fragment}"


def _joint(url: str) -> str:
    _, mark, query = url.partition("?")
    return "&" if query else "" if mark else "?"


def _encoded(text: str) -> str:
    if text.isalnum() and text.isascii():  # most are, and this is the quickest look
        return text
    if text[:1] == "+" and _PLAIN(text, 1):
        return f"%2B{text[1:]}"
    return text if _PLAIN(text) else quote_plus(text)
