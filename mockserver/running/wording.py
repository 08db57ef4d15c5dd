"""Messages, calls and webhooks, a line each; strangers' text cannot talk to a terminal."""

import json
import re
from datetime import datetime
from typing import Final

from mockserver.handles.records import ApiCall, Callback, Message
from mockserver.running.seen import DEFAULT

_SHOWN: Final = dict.fromkeys((*range(32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")

_NO_XML: Final = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What XML 1.0 cannot hold, and HTML should not."""


def holdable(text: str) -> str:
    """What XML and HTML can hold of a text, once it is escaped."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def plain(text: object) -> str:
    """On one line, without control characters."""
    return str(text).translate(_SHOWN)


def message(one: Message) -> str:
    """`SMS +1… → +1… delivered "Your code is 123456"`."""
    code = f" ({one.error_code})" if one.error_code else ""
    who = one.from_ or one.messaging_service_sid or ""
    said = json.dumps(one.body, ensure_ascii=False)
    return plain(f"{one.channel.upper()} {who} → {one.to} {one.status}{code} {said}{place(one)}")


def call(one: ApiCall, said: str = "") -> str:
    """`POST api.twilio.com/2010-04-01/… 404`, and what is said of it."""
    return plain(f"{one.method} {one.host}{one.path} {one.response.status}{said}{place(one)}")


def refused(one: ApiCall) -> str:
    """The same, with Twilio's code and words where there are some."""
    try:
        document = one.response.json()
    except ValueError:
        document = None
    said = document.get("message") if isinstance(document, dict) else None
    code = f" error {one.error}" if one.error else ""
    return call(one, f"{code}: {said}" if said else code)


def attempt(one: Callback) -> str:
    """`delivered of SM… → POST http://… (attempt 2) 500`."""
    what = one.status or one.kind
    whose = f" of {one.message_sid}" if one.message_sid else ""
    outcome = one.error or one.response_status or "no answer"
    again = f" (attempt {one.attempt})" if one.attempt > 1 else ""
    return plain(f"{what}{whose} → {one.method} {one.url}{again} {outcome}{place(one)}")


def place(one: ApiCall | Callback | Message) -> str:
    """` in sandbox …`, but of the one that is always there, or where it is not known."""
    sandbox = one.raw.get("sandbox", DEFAULT)
    return "" if sandbox == DEFAULT else f" in sandbox {sandbox}"


def moment(at: datetime | None) -> str:
    """`20:15:01.250`, on the sandbox's clock."""
    return at.strftime("%H:%M:%S.%f")[:-3] if at is not None else ""


def counted(number: int, noun: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
