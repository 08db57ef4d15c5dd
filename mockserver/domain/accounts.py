"""Accounts and API keys as records, what their credentials allow, and what refuses a change."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from mockserver.domain.errors import Problem, problem
from mockserver.domain.message import SECOND

DEFAULT_SID: Final = "AC00000000000000000000000000002010"
DEFAULT_TOKEN: Final = "00000000000000000000000000002010"
"""The account that always exists; every mock's documents may name it, so it is no secret."""

TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "
"""Put before the body of every message of a Trial account. Source: captures of 2014 to 2017."""

UNNAMED: Final = "My first Twilio account"
"""What an account is called whose owner gave it no name. Source: accounts that signed up."""

SUBACCOUNTS: Final = {"Full": 1_000, "Trial": 1}
"""Subaccounts that are not closed, by the parent's type; 21480. Source: docs on subaccounts."""

OPENING_BALANCE: Final = {"Full": 100_000_000, "Trial": 1_550_000}
"""Hundred-thousandths of a dollar, by type: 1,000.00 is ours, 15.50 what new trials were seen with.
"""


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
    geo_permissions_off: tuple[str, ...] = ()
    """ISO 3166 codes of countries that it may not write to; its subaccounts neither."""
    updated_at: int = 0
    """Microseconds; 0 where nothing changed since it was made."""
    secondary_token: str = ""
    """Authenticates as the first one does, until it is promoted to take its place."""
    secondary_at: int = 0
    """When that was made."""
    former_token: str = ""
    """The one before, where another was promoted to its place."""
    by_twilio: bool = False
    """Whether Twilio itself suspended it: its parent cannot undo that."""

    @property
    def trial(self) -> bool:
        return self.type == "Trial"

    @property
    def test(self) -> bool:
        return self.mode == "test"

    @property
    def unlimited(self) -> bool:
        """Whether it may write to everybody: no trial, no test, no subaccount, all countries."""
        if self.type == "Trial" or self.mode == "test":
            return False
        return not (self.owner_account_sid or self.geo_permissions_off)

    @property
    def active(self) -> bool:
        return self.status == "active"

    @property
    def account_sid(self) -> str:
        """Its owner as the API shows it: the parent, or itself."""
        return self.owner_account_sid or self.sid

    @property
    def name(self) -> str:
        """Its name as the API shows it."""
        return self.friendly_name or UNNAMED

    @property
    def signing_token(self) -> str:
        """What signs this account's webhooks: its token, or the default one while it is unknown."""
        return self.auth_token or DEFAULT_TOKEN

    def accepts(self, token: str) -> bool:
        """Whether a token is one of its own; the first one ever seen is."""
        return self.auth_token in ("", token) or (bool(token) and token == self.secondary_token)


def subaccount_name(at: int) -> str:
    """What a subaccount is called that was made at a time, in microseconds, without a name."""
    made = datetime.fromtimestamp(at // SECOND, UTC)
    return f"SubAccount Created at {made:%Y-%m-%d %I:%M} {'am' if made.hour < 12 else 'pm'}"


def status_refusal(account: Account, parent: Account | None, status: str) -> Problem | None:
    """Why an account may not get another status, if anything is against it.

    One that it has already is no change, but for parents. Source: Twilio's error dictionary.
    """
    if parent is None:
        return problem(21477)
    if status == account.status:
        return None
    if account.status == "closed":
        return problem(21479)
    if not parent.active:
        return problem(21476)
    return problem(21478) if account.by_twilio else None


class ApiKey(msgspec.Struct, frozen=True):
    """An `SK…` and the account it belongs to."""

    sid: str
    secret: str
    account_sid: str
    kind: str = "main"
    """`standard`: it may not manage accounts and keys. One that nobody made here may do all."""
    friendly_name: str = ""
    created_at: int = 0
    """Microseconds; 0 for one that came with a request."""
    updated_at: int = 0

    @property
    def standard(self) -> bool:
        return self.kind == "standard"


class SafeNumber(msgspec.Struct, frozen=True):
    """A number on an account's safe list."""

    sid: str
    account_sid: str
    phone_number: str
