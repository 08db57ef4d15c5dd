"""Which sandbox a request belongs to: an account, or a key, belongs to one living sandbox."""

from typing import TYPE_CHECKING

from mockserver.domain.faults import Scenario
from mockserver.domain.sids import mint
from mockserver.world.accounts import MAX_ACCOUNTS, ServerFull
from mockserver.world.dice import fresh_entropy
from mockserver.world.sandbox import Sandbox

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot import Snapshot


class AccountTaken(Exception):
    """Another living sandbox holds the account."""

    def __init__(self, sid: str, holder: str) -> None:
        super().__init__(f"account {sid} belongs to sandbox {holder}; drop that one first")
        self.sid, self.holder = sid, holder


class TooManyAccounts(ServerFull):
    """The server holds as many accounts as it may."""


class Holders:
    """Who holds which account and which key."""

    def __init__(self, max_accounts: int = MAX_ACCOUNTS) -> None:
        self.max_accounts = max_accounts
        self._by_sid: dict[str, Sandbox] = {}

    def get(self, sid: str) -> Sandbox | None:
        """Who holds it, living or idled too long."""
        return self._by_sid.get(sid)

    def want(self, sid: str) -> None:
        """Raise `AccountTaken` when anybody holds it."""
        if (holder := self._by_sid.get(sid)) is not None:
            raise AccountTaken(sid, holder.id)

    def claim(self, sid: str, sandbox: Sandbox) -> None:
        """Route an account or key to a sandbox; raise `AccountTaken` or `TooManyAccounts`."""
        if self._by_sid.get(sid) is sandbox:
            return
        self.want(sid)
        self._make_room(len(self._by_sid) + 1)
        self._by_sid[sid] = sandbox

    def claim_given(self, scenario: Scenario, sandbox: Sandbox) -> None:
        """Route the accounts that a scenario gives, all or none; raise as `claim`."""
        sids = {account.sid for account in scenario.given.accounts[1:]}
        for sid in sorted(sids):
            if self._by_sid.get(sid, sandbox) is not sandbox:
                self.want(sid)
        routed = self._by_sid | dict.fromkeys(sids, sandbox)
        self._make_room(len(routed))
        self._by_sid = routed

    def reserve(self, sandbox: Sandbox) -> None:
        """Route all that a sandbox has, and had, but for what others hold already."""
        tables = sandbox.tables
        for sid in (*tables.accounts, *tables.keys, *tables.deleted.get("keys", {})):
            self._by_sid.setdefault(sid, sandbox)

    def reroute(self, sandbox: Sandbox) -> None:
        """Route a sandbox's accounts as its tables are now."""
        self.forget(sandbox)
        self._by_sid |= dict.fromkeys(sandbox.tables.accounts, sandbox)

    def forget(self, sandbox: Sandbox) -> None:
        """It holds nothing any more."""
        self._by_sid = {sid: held for sid, held in self._by_sid.items() if held is not sandbox}

    def expect(self, sids: list[str], sandbox: Sandbox) -> None:
        """A sandbox is about to have them: nobody else takes them meanwhile."""
        self._by_sid |= dict.fromkeys(sids, sandbox)

    def release(self, sids: list[str], sandbox: Sandbox) -> None:
        """Of those that were expected, it got what is in its tables."""
        for sid in set(sids) - sandbox.tables.accounts.keys():
            if self._by_sid.get(sid) is sandbox:  # it may be dropped, and others have them
                del self._by_sid[sid]

    def rehomed(self, origin: "Snapshot", sandbox: Sandbox) -> "Snapshot":
        """With fresh SIDs for accounts that others hold; raise `TooManyAccounts`."""
        self._make_room(len(self._by_sid) + len(origin.accounts))

        def free(sid: str) -> str:
            held = self._by_sid.get(sid, sandbox)
            return sid if held is sandbox else mint("AC", fresh_entropy())

        return origin.rehomed(free)

    def _make_room(self, count: int) -> None:
        if count > self.max_accounts:
            raise TooManyAccounts(f"this server holds at most {self.max_accounts} accounts")
