"""A scenario as records: what is given, and how the world behaves."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from mockserver.domain.consent import OptOutSettings
from mockserver.domain.durations import written
from mockserver.domain.faults.documents import document, unfilled
from mockserver.domain.faults.rules import (
    SECTIONS,
    DeliveryRule,
    FaultRule,
    HandsetRule,
    Rule,
    WeatherRule,
)
from mockserver.domain.faults.steps import Step
from mockserver.domain.numbers import OptOut
from mockserver.domain.options import Strictness, Texts
from mockserver.domain.rates import Rates

if TYPE_CHECKING:  # few scenarios have any
    from mockserver.domain.audiences.given import GivenCohort, GivenStore

SWITCHES: Final = (
    "senders",
    "numbers",
    "trial_unverified_code",
    "error_texts",
    "magic_numbers",
    "rates",
)
"""Fields of `Options` that are keys of a scenario; the others stand under its key `options`."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


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
    geo_permissions_off: tuple[str, ...] = ()
    """ISO 3166 codes of countries that it may not write to."""


class GivenNumber(msgspec.Struct, frozen=True):
    """A number that an account owns."""

    phone_number: str
    """In E.164, a short code, an alphanumeric id, or an address on a channel."""
    account_sid: str = ""
    """"" for the sandbox's own account."""
    sms: bool = True
    mms: bool = True
    sms_url: str = ""
    sms_method: Literal["GET", "POST"] = "POST"
    country: str = ""
    """ISO 3166 code, for a short code of another country than the US."""
    sid: str = ""
    """PN…, or SC… for a short code; "" for the one that the seed gives."""
    friendly_name: str = ""
    voice: bool = True
    sms_fallback_url: str = ""
    sms_fallback_method: Literal["GET", "POST"] = "POST"


class GivenHandset(msgspec.Struct, frozen=True):
    """A recipient that is not as any other."""

    phone_number: str
    line_type: Literal["mobile", "landline"] = "mobile"
    rcs: bool = False
    """Whether the device does RCS."""
    joined: bool = False
    """Whether it has joined the WhatsApp sandbox."""
    profile_name: str = ""
    """On WhatsApp; "" for one that the seed makes up."""


class GivenService(msgspec.Struct, frozen=True):
    """A Messaging Service."""

    sid: str
    account_sid: str = ""
    """"" for the sandbox's own account."""
    friendly_name: str = ""
    senders: tuple[str, ...] = ()
    destination_alpha_senders: Mapping[str, str] = _NOTHING
    """Alphanumeric senders by the country that each is only for."""
    status_callback: str = ""
    smart_encoding: bool = True
    sticky_sender: bool = True
    area_code_geomatch: bool = True
    mms_converter: bool = True
    validity_period: int = 36_000
    """Seconds."""
    inbound_request_url: str = ""
    inbound_method: Literal["GET", "POST"] = "POST"
    fallback_url: str = ""
    fallback_method: Literal["GET", "POST"] = "POST"
    use_inbound_webhook_on_number: bool = False
    opt_out: OptOutSettings = OptOutSettings()


class GivenTemplate(msgspec.Struct, frozen=True):
    """A content template."""

    sid: str
    types: Mapping[str, Any]
    """Attributes by type."""
    account_sid: str = ""
    """"" for the sandbox's own account."""
    friendly_name: str = ""
    language: str = "en"
    variables: Mapping[str, str] = _NOTHING
    approval: str = "approved"
    """WhatsApp's; one of `domain.content.Approval`."""
    legacy_template_name: str = ""
    legacy_body: str = ""


class Given(msgspec.Struct, frozen=True):
    """What there is before the first request."""

    accounts: tuple[GivenAccount, ...] = (GivenAccount(),)
    """The first is the sandbox's own, whatever its SID; there always is one."""
    numbers: tuple[GivenNumber, ...] = ()
    verified_callers: tuple[str, ...] = ()
    """Recipients, in E.164, that Trial accounts may write to."""
    services: tuple[GivenService, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    handsets: tuple[GivenHandset, ...] = ()
    content: tuple[GivenTemplate, ...] = ()
    stores: "tuple[GivenStore, ...]" = ()
    cohorts: "tuple[GivenCohort, ...]" = ()

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
            "handsets": [document(handset) for handset in self.handsets],
            "content": [document(template) for template in self.content],
            "stores": [store.document() for store in self.stores],
            "cohorts": [cohort.document() for cohort in self.cohorts],
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
    error_texts: Texts | None = None
    magic_numbers: bool | None = None
    rates: Rates | None = None
    options: Mapping[str, Any] = _NOTHING
    """Further fields of `Options`, by name."""
    delivery: tuple[DeliveryRule, ...] = ()
    faults: tuple[FaultRule, ...] = ()
    weather: tuple[WeatherRule, ...] = ()
    handsets: tuple[HandsetRule, ...] = ()
    steps: tuple[Step, ...] = ()
    """In the order of their times."""

    def rules(self, section: str) -> tuple[Rule, ...]:
        """Those of one of `SECTIONS`."""
        rules: tuple[Rule, ...] = getattr(self, section)
        return rules

    @property
    def switches(self) -> dict[str, Any]:
        """Fields of `Options` that the scenario sets."""
        said = {name: getattr(self, name) for name in SWITCHES}
        return {
            **self.options,
            **{name: value for name, value in said.items() if value is not None},
        }

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
            "error_texts": self.error_texts,
            "magic_numbers": self.magic_numbers,
            "rates": self.rates and {"enabled": self.rates.enabled, **document(self.rates)},
            "options": _spelt(self.options),
            **{name: [rule.document() for rule in self.rules(name)] for name in SECTIONS},
            "steps": [step.document() for step in self.steps],
        }
        said = {name: part for name, part in parts.items() if part not in (None, "", [], {})}
        return {name: unfilled(part) for name, part in said.items()}


def _spelt(options: Mapping[str, Any]) -> dict[str, object]:
    """Options as in a scenario."""
    spelt = {key: list(each) if isinstance(each, tuple) else each for key, each in options.items()}
    if "template_review" in options:
        spelt["template_review"] = written(options["template_review"])
    if "prices" in options:
        spelt["prices"] = [_row(start, rate) for start, rate in options["prices"].items()]
    return spelt


def _row(start: str, rate: int) -> dict[str, object]:
    return {**({"to": start} if start else {}), "per_segment": rate / 100_000}
