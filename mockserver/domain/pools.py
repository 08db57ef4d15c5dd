"""Pools of Messaging Services: what belongs to one, and who may join."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.addresses import BadAddress, Kind, country, parse_from
from mockserver.domain.errors import (
    ALREADY_IN_POOL,
    IN_ANOTHER_POOL,
    POOL_FULL,
    TwilioError,
    problem,
)
from mockserver.domain.numbers import Number, Service

POOL_LIMIT: Final = 400
"""Numbers and short codes in one pool. Source: docs on Messaging Services."""

INCAPABLE: Final = problem(21715)
BAD_ALPHA_SENDER: Final = problem(21709)

CAPABILITIES: Final = (("MMS", "mms"), ("SMS", "sms"), ("Voice", "voice"))
"""What a number can do as lists of members name it, and the field of `Number` that knows."""

SENDER_TYPES: Final = {"whatsapp": "WhatsApp", "messenger": "Messenger", "rcs": "RCS"}
"""By the prefix of a channel's addresses. Source: OpenAPI description of ChannelSenders."""


class Member(msgspec.Struct, frozen=True):
    """A sender as a service's pool shows it; whether it is in there, `Service.senders` says."""

    service_sid: str
    sender: str
    """Normalised."""
    sid: str
    account_sid: str
    country: str = ""
    """ISO 3166 code of the only country that an alphanumeric sender is for; "" for all."""
    created_at: int = 0
    """Microseconds; 0 where it was set up with the sandbox."""
    updated_at: int = 0

    @property
    def key(self) -> str:
        """In the table of members."""
        return f"{self.service_sid}/{self.country}/{self.sender}"

    @property
    def kind(self) -> Kind:
        return kind_of(self.sender)

    @property
    def home(self) -> str:
        """ISO 3166 code of the country it is from; US where a name or a short code has none."""
        return country(self.sender.rpartition(":")[2]) or "US"


def kind_of(sender: str) -> Kind:
    """What a normalised sender is."""
    return parse_from(sender).kind


def is_pool(service: Service) -> bool:
    """Whether all senders of a service are senders."""
    try:
        return all(map(kind_of, service.senders))
    except BadAddress:
        return False


def members(service: Service) -> Iterator[tuple[str, str]]:
    """Senders in the order of the pool, each with the country that it is only for, or ""."""
    for sender in service.senders:
        for only in service.countries(sender):
            yield sender, only


def joined(service: Service, sender: str, only: str = "") -> Service:
    """With one more sender, `only` for a country where it is an alphanumeric one."""
    has = sender in service.senders
    senders = service.senders if has else (*service.senders, sender)
    if kind_of(sender) != "alphanumeric":
        return replace(service, senders=senders)
    countries = (*(service.countries(sender) if has else ()), only)
    return replace(service, senders=senders, destinations=_with(service, sender, countries))


def left(service: Service, sender: str, only: str = "") -> Service:
    """Without a sender; one that is there for several countries stays for the others."""
    countries = tuple(each for each in service.countries(sender) if each != only)
    senders = service.senders
    if not countries:
        senders = tuple(each for each in senders if each != sender)
    return replace(service, senders=senders, destinations=_with(service, sender, countries))


def _with(service: Service, sender: str, countries: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    others = (pair for pair in service.destinations if pair[0] != sender)
    return (*others, *((sender, only) for only in countries))


def check_number(service: Service, number: Number, owner: Service | None) -> None:
    """Raise the `TwilioError` for a number that may not join: 21710, 21712, 21715, 21714.

    `owner` is the service in whose pool it is.
    """
    if owner is not None:
        raise TwilioError(ALREADY_IN_POOL if owner.sid == service.sid else IN_ANOTHER_POOL)
    if not (number.sms or number.mms):
        raise TwilioError(INCAPABLE)
    counted = [each for each in service.senders if each.startswith("+") or each.isdigit()]
    if len(counted) >= POOL_LIMIT and (number.is_phone or number.is_short_code):
        raise TwilioError(POOL_FULL)


def check_alpha(service: Service, sender: str, only: str, *, trial: bool) -> None:
    """Raise the `TwilioError` for an alphanumeric sender that may not join: 21709, 21710, 21714.

    Trial accounts have none, and a service has one for each country and one for all others.
    """
    if trial or not is_alpha(sender):
        raise TwilioError(BAD_ALPHA_SENDER)
    for other, country_ in members(service):
        if country_ == only and kind_of(other) == "alphanumeric":
            raise TwilioError(ALREADY_IN_POOL if other == sender else POOL_FULL)


def is_alpha(text: str) -> bool:
    """Whether it may be an alphanumeric sender."""
    try:
        return kind_of(text) == "alphanumeric"
    except BadAddress:
        return False


def capabilities(number: Number) -> list[str]:
    """`["MMS", "SMS", "Voice"]`; a short code takes no calls."""
    can = [name for name, field in CAPABILITIES if getattr(number, field)]
    return [name for name in can if number.is_phone or name != "Voice"]
