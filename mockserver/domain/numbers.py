"""What an account owns and knows: numbers, services, opt-outs. Set up by a seed for now."""

from dataclasses import dataclass
from typing import Final

SERVICE_STAND_IN_AREA: Final = "+1415200"
"""Where the long code of a Messaging Service that was never set up lies."""


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number or short code that an account owns."""

    phone_number: str
    account_sid: str
    sms: bool = True
    mms: bool = True
    sms_url: str = ""
    sms_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Service:
    """A Messaging Service: a pool of senders under one SID."""

    sid: str
    account_sid: str
    senders: tuple[str, ...] = ()
    status_callback: str = ""
    smart_encoding: bool = True


@dataclass(frozen=True, slots=True)
class OptOut:
    """A recipient who wrote STOP to a sender (a number, or a service SID)."""

    from_: str
    to: str
