"""Statuses, the transitions between them, and the plan of a message's life.

Source: Twilio's Message resource ("status"), docs on outbound message status in callbacks.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from mockserver.domain.message import MILLISECOND, STEP, Steps

NEXT: Final[Mapping[str, frozenset[str]]] = {
    "accepted": frozenset({"queued", "failed"}),
    "scheduled": frozenset({"queued", "failed", "canceled"}),
    "queued": frozenset({"sending", "sent", "failed"}),
    "sending": frozenset({"sent", "failed"}),
    "sent": frozenset({"delivered", "undelivered", "read"}),
    "delivered": frozenset({"read"}),
    "receiving": frozenset({"received"}),
    "undelivered": frozenset(),
    "failed": frozenset(),
    "canceled": frozenset(),
    "received": frozenset(),
    "read": frozenset(),
    "partially_delivered": frozenset(),
}
"""Every legal next status. `delivered` is final but for the receipts of WhatsApp and RCS."""

STATUSES: Final = tuple(NEXT)

FINAL: Final = frozenset(
    {"delivered", "undelivered", "failed", "canceled", "received", "read", "partially_delivered"}
)
"""Twilio counts these as complete: the message may be deleted."""

OUTCOMES: Final = ("delivered", "undelivered", "failed", "sent", "read")
"""What a delivery rule may ask for; `sent` means that no receipt ever comes."""

ANNOUNCED: Final = frozenset(
    {"queued", "sent", "failed", "delivered", "undelivered", "canceled", "read"}
)
"""Changes that make a status callback; the status in the create response never does."""

RECEIPT_CHANNELS: Final = frozenset({"whatsapp", "rcs", "messenger"})
"""Channels that skip `sending` and report `read`; on others it comes only where a user asks for it.

They have receipts of their own, not a carrier's.
"""


OUT: Final = frozenset({"sending", "sent", "delivered", "undelivered", "read"})
"""Statuses of a message that went out to the carrier, for which its media must be there."""


class Profile(msgspec.Struct, frozen=True, gc=False):
    """When each step happens, in microseconds after the create. Ours: Twilio publishes none."""

    queued: int = 0
    sending: int = 100 * MILLISECOND
    sent: int = 200 * MILLISECOND
    final: int = 500 * MILLISECOND
    read: int = 900 * MILLISECOND


class Fate(msgspec.Struct, frozen=True, gc=False):
    """How a message ends, decided when it is accepted."""

    outcome: str = "delivered"
    error_code: int = 0
    profile: Profile = Profile()


DELIVERED: Final = Fate()


UNSENDABLE: Final = frozenset({21610, 21703, 21704, 30020})
"""Codes by which a service or its schedule gives a message up before it is queued.

Source: captures of 21610 and 21703 through a service; the others by their meaning.
"""


def plan(first: str, start: int, channel: str, fate: Fate) -> Steps:
    """The steps after the status `first`; the fate's error code is that of the last ones.

    `start` is the time from which the profile counts: the create, or `SendAt`.
    """
    profile, outcome, code = fate.profile, fate.outcome, fate.error_code
    steps: list[str | int] = []
    given_up = outcome == "failed" and code in UNSENDABLE
    if first in ("accepted", "scheduled") and not given_up:
        steps += ["queued", start + profile.queued, 0]
    if outcome == "failed":
        return (*steps, "failed", start + profile.sent, code)
    if channel not in RECEIPT_CHANNELS:
        steps += ["sending", start + min(profile.sending, profile.sent), 0]
    sent, final = start + profile.sent, start + max(profile.final, profile.sent)
    steps += ["sent", sent, code if outcome == "sent" else 0]
    if outcome in ("delivered", "undelivered"):
        steps += [outcome, final, code]
    if outcome == "read":
        steps += ["delivered", final, code, "read", max(start + profile.read, final), code]
    return tuple(steps)


def bridge(present: str, wanted: str) -> tuple[str, ...]:
    """The shortest legal way from one status to another, `wanted` last; () where there is none."""
    ways: list[tuple[str, ...]] = [(status,) for status in sorted(NEXT.get(present, ()))]
    for way in ways:  # grows while it is walked: breadth first
        if way[-1] == wanted:
            return way
        ways += [(*way, status) for status in sorted(NEXT[way[-1]]) if status not in way]
    return ()


def departure(status: str, steps: Steps) -> int:
    """Where in `steps` a message that is `status` goes out to the carrier; their end if nowhere."""
    if status not in OUT:
        for place in range(0, len(steps), STEP):
            if steps[place] in OUT:
                return place
    return len(steps)
