"""A message, in two records: what was asked (`Message`, wide) and what became of it (`Delivery`).

Both exist by the hundred thousand, so they are flat: text, numbers, and flat tuples of these, which
the garbage collector never has to walk. Times are microseconds since 1970 on the sandbox's clock;
0 and "" stand for "none".
"""

from typing import Any, Final

import msgspec

Steps = tuple[Any, ...]
"""Flat triples: status (str), time (microseconds), error code (0: none), status, …"""

STEP: Final = 3
"""Items of one step."""

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000


class Message(msgspec.Struct, frozen=True, gc=False):
    """What was asked, and what was settled when the message was accepted."""

    sid: str
    ordinal: int
    """Place in the sandbox, from 0, in order of creation; a page token finds its place by it."""
    account_sid: str
    direction: str
    """`outbound-api`, `outbound-reply` or `inbound`."""
    channel: str
    """`sms`, `mms`, `whatsapp`, `rcs` or `messenger`."""
    origin: str
    """Which door it came through: `messages`, `notify`, `comms`, `inbound` or `reply`."""
    to: str
    from_: str
    """The sender; "" while a Messaging Service has not yet chosen one."""
    body: str
    encoding: str
    """`GSM-7` or `UCS-2`."""
    num_segments: int
    num_media: int
    created_at: int
    messaging_service_sid: str = ""
    status_callback: str = ""
    """The URL as given, overrides in the fragment included."""
    send_at: int = 0
    media_urls: tuple[str, ...] = ()
    tags: str = ""
    operation_id: str = ""
    test: bool = False
    """Made with test credentials: no callbacks, and the REST API does not show it."""


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """What became of a message so far, and the steps it still has to take."""

    status: str
    updated_at: int
    timeline: Steps
    steps: Steps = ()
    """What is still to come, in order."""
    error_code: int = 0
    sent_at: int = 0
    price: str = ""
    """As Twilio renders it, e.g. `-0.00790`."""
