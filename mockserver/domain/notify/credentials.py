"""Credentials of push services. What is secret in them is not kept: nothing here would use it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace


class Credential(msgspec.Struct, frozen=True):
    """One credential."""

    sid: str
    account_sid: str
    type: str = ""
    """The channel it is for: `apn`, `fcm` or `gcm`."""
    friendly_name: str = ""
    sandbox: bool = False
    """Whether it is for the sandbox of APNs."""
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0


FIELDS: Final[Mapping[str, str]] = {
    "Type": "type",
    "FriendlyName": "friendly_name",
    "Sandbox": "sandbox",
}
"""Parameters, and what each sets. Source: OpenAPI description of the Credential resource."""

SECRETS: Final = ("Certificate", "PrivateKey", "ApiKey", "Secret")
"""Parameters that are read and forgotten."""


def changed(credential: Credential, form: Mapping[str, Any], at: int) -> Credential:
    """The credential as checked parameters make it at a time, in microseconds."""
    fields = {FIELDS[name]: value for name, value in form.items() if name not in SECRETS}
    return replace(credential, **fields, updated_at=at)
