"""Accounts and API keys as records, and what their credentials allow."""

from typing import Final

import msgspec

DEFAULT_SID: Final = "AC00000000000000000000000000002010"
DEFAULT_TOKEN: Final = "00000000000000000000000000002010"
"""The account that always exists; every mock's documents may name it, so it is no secret."""

TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "
"""Put before the body of every message of a Trial account. Source: captures of 2014 to 2017."""


class Account(msgspec.Struct, frozen=True):
    """One account as the sandbox knows it."""

    sid: str
    auth_token: str = ""
    """"" until the first request that succeeds tells it."""
    type: str = "Full"
    mode: str = "live"
    """`test` makes it Twilio's test credentials."""
    status: str = "active"
    friendly_name: str = ""
    owner_account_sid: str = ""
    """The parent of a subaccount; "" for an account of its own."""
    created_at: int = 0
    """0 for an account that only was asked about: it comes into being at its first write."""

    @property
    def trial(self) -> bool:
        return self.type == "Trial"

    @property
    def test(self) -> bool:
        return self.mode == "test"

    @property
    def active(self) -> bool:
        return self.status == "active"

    @property
    def signing_token(self) -> str:
        """What signs this account's webhooks: its token, or the default one while it is unknown."""
        return self.auth_token or DEFAULT_TOKEN


class ApiKey(msgspec.Struct, frozen=True):
    """An `SK…` and the account it belongs to."""

    sid: str
    secret: str
    account_sid: str
