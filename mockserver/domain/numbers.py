"""What an account owns and knows: numbers, services, opt-outs. Set up by a seed for now."""

from typing import Final

import msgspec

from mockserver.domain.consent import OptOutSettings

SERVICE_STAND_IN_AREA: Final = "+1415200"
"""Where the long code of a Messaging Service that was never set up lies."""


class Number(msgspec.Struct, frozen=True):
    """A phone number or short code that an account owns, or an address of its on a channel.

    Defaults are those of a number that is bought and left as it is. Source: samples of the API.
    """

    phone_number: str
    account_sid: str
    sms: bool = True
    mms: bool = True
    sms_url: str = ""
    sms_method: str = "POST"
    country: str = ""
    """ISO 3166 code, for a short code of another country than the US."""
    sid: str = ""
    """PN…, or SC… for a short code."""
    friendly_name: str = ""
    """"" for the number as people write it."""
    voice: bool = True
    fax: bool = False
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    sms_application_sid: str = ""
    status_callback: str = ""
    """Of calls; messages have their own."""
    status_callback_method: str = "POST"
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    voice_application_sid: str = ""
    voice_caller_id_lookup: bool = False
    voice_receive_mode: str = "voice"
    trunk_sid: str = ""
    address_sid: str = ""
    bundle_sid: str = ""
    identity_sid: str = ""
    emergency_status: str = "Inactive"
    emergency_address_sid: str = ""
    api_version: str = "2010-04-01"
    created_at: int = 0
    """Microseconds; 0 where it was set up with the sandbox."""
    updated_at: int = 0

    @property
    def home(self) -> str:
        """ISO 3166 code of the country in which a short code is known."""
        return self.country or "US"

    @property
    def is_phone(self) -> bool:
        """Whether it is an ordinary number, in E.164."""
        return self.phone_number.startswith("+")

    @property
    def is_short_code(self) -> bool:
        return self.phone_number.isdigit()

    @property
    def name(self) -> str:
        """What it is called where it was given no name."""
        return self.friendly_name or as_written(self.phone_number)


def as_written(number: str) -> str:
    """`(808) 925-5327` for a number of the North American plan; all others as they are.

    Source: `friendly_name` in samples of the API, of Norwegian numbers for the second half.
    """
    if not number.startswith("+1"):
        return number
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


class Handset(msgspec.Struct, frozen=True):
    """What is known about a recipient that is not as any other."""

    phone_number: str
    """In E.164."""
    line_type: str = "mobile"
    """Or `landline`, which takes no texts."""
    rcs: bool = False
    """Whether the device does RCS."""
    joined_at: int = 0
    """When it joined the WhatsApp sandbox, in microseconds; 0: never; -1: long ago, for ever."""
    profile_name: str = ""
    """On WhatsApp; "" for one that the seed makes up."""


class Service(msgspec.Struct, frozen=True):
    """A Messaging Service: a pool of senders under one SID, and how they are used.

    Defaults are those of a service that is made with a name only. Source: Twilio's Service
    resource; where it names no default, samples of the API.
    """

    sid: str
    account_sid: str
    senders: tuple[str, ...] = ()
    """The pool, normalised."""
    status_callback: str = ""
    friendly_name: str = ""
    inbound_request_url: str = ""
    inbound_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    sticky_sender: bool = True
    mms_converter: bool = True
    smart_encoding: bool = True
    fallback_to_long_code: bool = True
    area_code_geomatch: bool = True
    validity_period: int = 36_000
    """Seconds."""
    scan_message_content: str = "inherit"
    synchronous_validation: bool = False
    usecase: str = "undeclared"
    use_inbound_webhook_on_number: bool = False
    created_at: int = 0
    """Microseconds; 0 where it was set up with the sandbox."""
    updated_at: int = 0
    destinations: tuple[tuple[str, str], ...] = ()
    """Alphanumeric senders of the pool, each with a country that it is for; "" for all."""
    opt_out: OptOutSettings = OptOutSettings()

    def countries(self, sender: str) -> tuple[str, ...]:
        """ISO 3166 codes of what a sender of the pool is only for; `("",)` where it is for all."""
        return tuple(only for each, only in self.destinations if each == sender) or ("",)


class OptOut(msgspec.Struct, frozen=True):
    """A recipient who wrote STOP to a sender.

    It holds for SMS, MMS and RCS alike; of WhatsApp addresses there are records of their own.
    """

    from_: str
    """A number, or the SID of the Messaging Service that it was in."""
    to: str
    at: int = 0
    """Microseconds; 0 where it was set up with the sandbox."""
    by: str = ""
    """The number that was written to, where its service was stopped."""

    @property
    def key(self) -> str:
        """What there is one of."""
        return f"{unprefixed(self.from_)} {unprefixed(self.to)}"


def unprefixed(address: str) -> str:
    """An address without `rcs:`, as opt-outs compare them."""
    return address.removeprefix("rcs:")
