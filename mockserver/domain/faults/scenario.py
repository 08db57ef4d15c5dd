"""A scenario as records: what is given, and how the world behaves."""

from typing import Literal

import msgspec

from mockserver.domain.faults.documents import document
from mockserver.domain.faults.rules import DeliveryRule, FaultRule
from mockserver.domain.numbers import OptOut

Strictness = Literal["any", "strict"]


class GivenAccount(msgspec.Struct, frozen=True):
    """What is said about an account; "" leaves a thing as it is, or as it is by default."""

    sid: str = ""
    """"" for the sandbox's own."""
    auth_token: str = ""
    type: Literal["", "Full", "Trial"] = ""
    mode: Literal["", "live", "test"] = ""
    owner_account_sid: str = ""
    """The parent."""
    friendly_name: str = ""


class GivenNumber(msgspec.Struct, frozen=True):
    """A number that an account owns."""

    phone_number: str
    """In E.164, or a short code."""
    account_sid: str = ""
    """"" for the sandbox's own account."""
    sms: bool = True
    mms: bool = True
    sms_url: str = ""
    sms_method: Literal["GET", "POST"] = "POST"


class GivenService(msgspec.Struct, frozen=True):
    """A Messaging Service."""

    sid: str
    account_sid: str = ""
    """"" for the sandbox's own account."""
    senders: tuple[str, ...] = ()
    status_callback: str = ""
    smart_encoding: bool = True


class Given(msgspec.Struct, frozen=True):
    """What there is before the first request."""

    accounts: tuple[GivenAccount, ...] = (GivenAccount(),)
    """The first is the sandbox's own, whatever its SID; there always is one."""
    numbers: tuple[GivenNumber, ...] = ()
    verified_callers: tuple[str, ...] = ()
    """Recipients, in E.164, that Trial accounts may write to."""
    services: tuple[GivenService, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        own, *others = self.accounts
        parts: dict[str, object] = {
            "account": document(own),
            "accounts": [document(account) for account in others],
            "numbers": [document(number) for number in self.numbers],
            "verified_callers": list(self.verified_callers),
            "services": [document(service) for service in self.services],
            "opt_outs": [document(opt_out) for opt_out in self.opt_outs],
        }
        return {name: part for name, part in parts.items() if part}


class Scenario(msgspec.Struct, frozen=True):
    """A checked scenario; `None` means that it says nothing about a thing."""

    name: str
    summary: str = ""
    given: Given = Given()
    clock: str | None = None
    """A clock's mode, such as `scaled:60`."""
    senders: Strictness | None = None
    numbers: Strictness | None = None
    trial_unverified_code: Literal[21219, 21608] | None = None
    delivery: tuple[DeliveryRule, ...] = ()
    faults: tuple[FaultRule, ...] = ()

    def document(self) -> dict[str, object]:
        """As JSON; reading it gives an equal scenario."""
        parts: dict[str, object] = {
            "name": self.name,
            "summary": self.summary,
            "given": self.given.document(),
            "clock": self.clock,
            "senders": self.senders,
            "numbers": self.numbers,
            "trial_unverified_code": self.trial_unverified_code,
            "delivery": [rule.document() for rule in self.delivery],
            "faults": [rule.document() for rule in self.faults],
        }
        return {name: part for name, part in parts.items() if part}
