"""Bindings: an identity's address on a channel, and how a new one replaces an older."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.addresses import is_phone_number
from mockserver.domain.notify.channels import PUSH, UNVERSIONED
from mockserver.domain.notify.services import NotifyService

NO_VERSION: Final = "default"
"""What bindings without a protocol version show for it. Source: an official sample of 2017."""


class Binding(msgspec.Struct, frozen=True, gc=False):
    """One binding."""

    sid: str
    account_sid: str
    service_sid: str
    identity: str = ""
    binding_type: str = ""
    address: str = ""
    """Any text: what is wrong with it shows when something is sent."""
    tags: tuple[str, ...] = ()
    """As given; implicit ones are not here."""
    notification_protocol_version: str = ""
    credential_sid: str = ""
    endpoint: str = ""
    """Names application, device and user: a binding with the same one is replaced."""
    inactive: bool = False
    """Whether a push service said that its token is used no more; it is skipped from then on."""
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0


def changed(binding: Binding, form: Mapping[str, Any], service: NotifyService, at: int) -> Binding:
    """The binding as the checked parameters of a create make it at a time, in microseconds.

    One that replaces another keeps SID and, where none is given, endpoint; a tag counts once.
    """
    channel = form["BindingType"]
    return replace(
        binding,
        identity=form["Identity"],
        binding_type=channel,
        address=form["Address"],
        tags=tuple(dict.fromkeys(form.get("Tag", ()))),
        notification_protocol_version=_version(channel, form, service),
        credential_sid=form.get("CredentialSid", "") if channel in PUSH else "",
        endpoint=form.get("Endpoint", binding.endpoint),
        inactive=False,
        updated_at=at,
    )


def _version(channel: str, form: Mapping[str, Any], service: NotifyService) -> str:
    if channel in UNVERSIONED:
        return NO_VERSION
    given: str = form.get("NotificationProtocolVersion", "")
    return given or service.default_version(channel)


def is_reachable(channel: str, address: str) -> bool:
    """Whether something can be sent to an address; else 52001. Only text messages look at it."""
    return bool(address) if channel != "sms" else is_phone_number(address)


def unreachable_text(channel: str, address: str, sid: str = "null") -> str:
    """What the alert about a 52001 says; `sid` is that of a stored binding. Source: an alert."""
    wrong = "a valid phone number" if channel == "sms" else "given"
    return (
        f"Invalid {channel} binding with address '{address}' sid '{sid}': "
        f"Address of {channel} binding must be {wrong}"
    )
