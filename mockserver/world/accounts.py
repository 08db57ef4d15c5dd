"""Accounts of a sandbox: who they are, how unknown ones come into being, whose token counts."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account, ApiKey
from mockserver.world.clock import Clock, iso
from mockserver.world.tables import Tables, Unit

MAX_ACCOUNTS: Final = 10_000
"""Accounts of one server; ours."""

Claim = Callable[[str], None]
"""Makes the SID of an account or key lead to the sandbox; raises `ServerFull` where it cannot."""


class ServerFull(Exception):
    """The server holds as many accounts and keys as it may."""


def unclaimed(sid: str) -> None:
    """For a sandbox that no requests are routed to."""


class Accounts:
    """One sandbox's accounts and API keys."""

    def __init__(
        self, tables: Tables, clock: Clock, first: Account, claim: Claim = unclaimed
    ) -> None:
        self._tables = tables
        self._clock = clock
        self.claim = claim
        self.first_sid = first.sid
        self.barred: set[str] = set()
        """Accounts that may do nothing: suspended or closed, or their parents are.

        Always the same set, so that who looks at it often may hold on to it.
        """
        self._fixed_by: dict[str, str] = {}
        self.set_up(first, Unit())

    @property
    def first(self) -> Account:
        """The account that the sandbox was made with."""
        return self._tables.accounts[self.first_sid]

    def find(self, sid: str) -> Account | None:
        return self._tables.accounts.get(sid)

    def key(self, sid: str) -> ApiKey | None:
        return self._tables.keys.get(sid)

    def set_up(self, account: Account, unit: Unit) -> Account:
        """Put an account that somebody described; the rest of a known one stays."""
        known = self.find(account.sid)
        account = replace(
            account,
            auth_token=account.auth_token or (known.auth_token if known else ""),
            created_at=account.created_at or self._clock.now(),
        )
        return self._put(account, unit)

    def come_into_being(self, account: Account, unit: Unit) -> Account:
        """The first successful write of an account that nobody set up."""
        if account.created_at:
            return account
        account = self.find(account.sid) or account  # another request may have been faster
        if account.created_at:
            return account
        return self._put(replace(account, created_at=self._clock.now()), unit)

    def change(self, account: Account, unit: Unit) -> Account:
        """Put an account as a request has made it; one that was only asked about comes into being.

        Who once brought a token that is replaced is forgotten.
        """
        known, now = self.find(account.sid), self._clock.now()
        if known is not None and known.auth_token != account.auth_token:
            self._fixed_by.pop(account.sid, None)
        made = account.created_at or now
        return self._put(replace(account, created_at=made, updated_at=now), unit)

    def learn_token(self, sid: str, token: str) -> None:
        """The Auth Token of the first request that succeeded is the account's."""
        account = self.find(sid) or Account(sid)
        if not account.auth_token:
            self._put(replace(account, auth_token=token), Unit())

    def learn_key(self, key: ApiKey) -> None:
        """The first secret of an unknown API key wins."""
        self._tables.keys.setdefault(key.sid, key)

    def note_fixed(self, user: str, request_id: str) -> None:
        """Remember which request brought the secret of an account or key that nobody set up."""
        self._fixed_by[user] = f"request {request_id} at {iso(self._clock.now())}"

    def fixed_by(self, user: str) -> str:
        """`request req-7 at 2026-…`; "" for what was set up, or is not known."""
        return self._fixed_by.get(user, "")

    def _put(self, account: Account, unit: Unit) -> Account:
        accounts = self._tables.accounts
        accounts[account.sid] = account
        unit.put("accounts", account.sid, account)
        if self.barred or not account.active:
            self.bar()
        return account

    def bar(self) -> None:
        """Find out who is barred."""
        accounts = self._tables.accounts
        idle = {sid for sid, each in accounts.items() if not each.active}
        self.barred.clear()
        self.barred |= idle
        self.barred |= {s for s, each in accounts.items() if each.owner_account_sid in idle}
