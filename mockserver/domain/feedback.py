"""Message Feedback: whether somebody did what a message was to make them do."""

from typing import Final

import msgspec

OUTCOMES: Final = ("confirmed", "unconfirmed")


class Feedback(msgspec.Struct, frozen=True):
    """What the sender reported of a message; the last report counts."""

    message_sid: str
    outcome: str
    """One of `OUTCOMES`."""
    created_at: int
    """Microseconds, of the first report."""
    updated_at: int
