"""How a callback, or a fetch, looks on the wire: its headers, in Twilio's order."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from mockserver.world.ports import Parcel

FORM: Final = "application/x-www-form-urlencoded"
"""Without a charset, as captures of message callbacks show it."""

JSON: Final = "application/json"

CALLER: Final = "127.0.0.1"
"""Who called, as a tunnel on this machine would see it."""

Headers = tuple[tuple[str, str], ...]


def compose(
    parcel: Parcel, authority: str, login: str, body: bytes | None, cookie: str = ""
) -> dict[str, str]:
    """Every header of one request, in order; without a body, none that speaks of one."""
    headers = _opening(authority)
    if cookie:
        headers["Cookie"] = cookie
    if body is not None:
        headers["Content-Type"] = JSON if parcel.body else FORM
    headers["X-Twilio-Signature"] = parcel.signature
    if not parcel.body:  # nobody has seen these on events
        headers["I-Twilio-Idempotency-Token"] = parcel.idempotency_token
        headers["X-Home-Region"] = "us1"
    if login:
        headers["Authorization"] = _basic(login)
    if body is not None:
        headers["Content-Length"] = str(len(body))
    headers["Connection"] = "keep-alive"
    return headers


def compose_fetch(authority: str, login: str) -> dict[str, str]:
    """Every header of a request for media, in order."""
    headers = _opening(authority)
    if login:
        headers["Authorization"] = _basic(login)
    headers["Connection"] = "keep-alive"
    return headers


def forwarded(scheme: str, authority: str) -> dict[str, str]:
    """What a tunnel adds, so that the application behind it knows its public address."""
    return {
        "X-Forwarded-For": CALLER,
        "X-Forwarded-Host": authority,
        "X-Forwarded-Proto": scheme,
    }


def _opening(authority: str) -> dict[str, str]:
    return {"Host": authority, "User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}


def _basic(login: str) -> str:
    return f"Basic {b64encode(login.encode()).decode()}"


def told(headers: Mapping[str, str], login: str) -> Headers:
    """The headers as a journal may hold them: the password is not in them."""
    if not login:
        return tuple(headers.items())
    masked = f"Basic {login.partition(':')[0]}:***"
    return tuple((name, masked if name == "Authorization" else headers[name]) for name in headers)


def clean(text: str) -> str:
    """A received header as text: its bytes as UTF-8, or U+FFFD where they are something else."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
