"""What an account owns and knows: numbers, services, opt-outs. Set up by a seed for now."""

from typing import Final

import msgspec

SERVICE_STAND_IN_AREA: Final = "+1415200"
"""Where the long code of a Messaging Service that was never set up lies."""


class Number(msgspec.Struct, frozen=True):
    """A phone number or short code that an account owns."""

    phone_number: str
    account_sid: str
    sms: bool = True
    mms: bool = True
    sms_url: str = ""
    sms_method: str = "POST"


class Service(msgspec.Struct, frozen=True):
    """A Messaging Service: a pool of senders under one SID."""

    sid: str
    account_sid: str
    senders: tuple[str, ...] = ()
    status_callback: str = ""
    smart_encoding: bool = True


class OptOut(msgspec.Struct, frozen=True):
    """A recipient who wrote STOP to a sender (a number, or a service SID)."""

    from_: str
    to: str
