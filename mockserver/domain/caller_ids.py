"""Outgoing caller ids: numbers that an account has shown to be its own, and how one does that."""

from typing import Final

import msgspec

from mockserver.domain.message import SECOND
from mockserver.domain.numbers import as_written

RINGS: Final = 2 * SECOND
"""Microseconds from the call until its code is entered; ours: people take longer."""

CODE_DIGITS: Final = 6
"""Of a validation code. Source: samples of the API."""


class CallerId(msgspec.Struct, frozen=True):
    """A number that was verified, or will be once its call is answered."""

    sid: str
    account_sid: str
    phone_number: str
    friendly_name: str = ""
    """"" for the number as people write it."""
    created_at: int = 0
    """When it is verified, in microseconds, which may be yet to come; 0: with the sandbox."""
    updated_at: int = 0

    @property
    def name(self) -> str:
        """What it is called where it was given no name."""
        return self.friendly_name or as_written(self.phone_number)


class Validation(msgspec.Struct, frozen=True):
    """A call that asks for a code; nothing keeps it once it was answered."""

    caller_id: CallerId
    call_sid: str
    code: str
    callback: str
    """What its callback, if there is to be one, is known by in the outbox."""
