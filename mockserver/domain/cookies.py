"""Cookies that an application's webhook sets: kept for a conversation, sent back to the same host.

Source: Twilio's docs, cookies of a messaging conversation live four hours. Ours: what counts as one
host, and that `Domain` and `Secure` are not looked at.
"""

from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

LIFETIME: Final = 4 * 3_600 * 1_000_000
"""Microseconds after the last answer of a conversation."""

MOST: Final = 50
"""Cookies of one conversation; the oldest go. Ours, as browsers have a limit for a host."""

LONGEST: Final = 4_096
"""Characters of a cookie; a longer one is not kept. Source: RFC 6265, 6.1."""


class Cookie(msgspec.Struct, frozen=True):
    """One of them."""

    host: str
    path: str
    name: str
    value: str


class Jar(msgspec.Struct, frozen=True):
    """The cookies of one conversation."""

    expires: int
    """Microseconds on the sandbox's clock."""
    cookies: tuple[Cookie, ...] = ()

    def header(self, url: str, at: int) -> str:
        """What a request to `url` at a time sends back; "" for nothing."""
        if at >= self.expires:
            return ""
        host, path = _place(url)
        fitting = (each for each in self.cookies if each.host == host and _below(path, each.path))
        return "; ".join(f"{each.name}={each.value}" for each in fitting)


def after(jar: Jar | None, url: str, headers: Iterable[tuple[str, str]], at: int) -> Jar | None:
    """The jar after an answer from `url`; None where there is nothing in it."""
    kept = {} if jar is None or at >= jar.expires else {_key(each): each for each in jar.cookies}
    for name, value in headers:
        if name.lower() == "set-cookie":
            _put(kept, value, url)
    cookies = tuple(kept.values())[-MOST:]
    return Jar(at + LIFETIME, cookies) if cookies else None


def _put(kept: dict[tuple[str, str, str], Cookie], text: str, url: str) -> None:
    """Take one `Set-Cookie` in; one that has expired goes."""
    pair, *attributes = text.split(";")
    name, equals, value = pair.partition("=")
    if (
        not equals
        or not name.strip()
        or len(pair) > LONGEST
        or not (text.isascii() and text.isprintable())
    ):
        return
    halves = (each.partition("=") for each in attributes)
    told = {key.strip().lower(): given.strip() for key, _, given in halves}
    host, path = _place(url)
    given = told.get("path", "")
    folder = given if given.startswith("/") else path[: path.rfind("/")] or "/"
    cookie = Cookie(host, folder, name.strip(), value.strip())
    kept.pop(_key(cookie), None)
    if not _over(told):
        kept[_key(cookie)] = cookie


def _over(told: Mapping[str, str]) -> bool:
    """Whether it is to be forgotten: only that is read out of the two dates a cookie may have."""
    age = told.get("max-age", "")
    if age.removeprefix("-").isdigit():
        return int(age[:9]) <= 0
    try:
        return "expires" in told and parsedate_to_datetime(told["expires"]).year < 2_000
    except (ValueError, OverflowError):  # a year that no calendar holds
        return False


def _key(cookie: Cookie) -> tuple[str, str, str]:
    return cookie.host, cookie.path, cookie.name


def _place(url: str) -> tuple[str, str]:
    """Host and path."""
    try:
        split = urlsplit(url)
    except ValueError:
        return "", "/"
    return (split.hostname or ""), split.path or "/"


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
