"""All sandboxes of a server, by id and by account."""

from collections.abc import Iterator
from typing import Final

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.world.clock import stopwatch
from mockserver.world.holders import AccountTaken, Holders, TooManyAccounts
from mockserver.world.orders import DEFAULT, Defaults, Order, overruled, planned
from mockserver.world.sandbox import House, Plan, Sandbox

__all__ = ["DEFAULT", "AccountTaken", "Defaults", "Order", "Sandboxes", "TooManyAccounts"]

FIRST: Final = Account(DEFAULT_SID, DEFAULT_TOKEN)


class Sandboxes:
    """The living sandboxes. `default` is always there."""

    def __init__(
        self, house: House, defaults: Defaults, accounts: tuple[Account, ...] = ()
    ) -> None:
        """`accounts` are set up in the sandbox `default`, beside or in place of its own."""
        self.house, self.defaults = house, defaults
        self.holders = Holders(defaults.max_accounts)
        self._by_id: dict[str, Sandbox] = {}
        self._used: dict[str, float] = {}
        wanted = self.plan(Order(account=FIRST, others=accounts), DEFAULT)
        self._bring_back()
        self.default = self._by_id.get(DEFAULT) or self._build(wanted)
        self.overruled = tuple(overruled(wanted, self.default.plan))
        """What of its settings does not hold, in words: its default sandbox was kept."""

    def _bring_back(self) -> None:
        """The sandboxes that were kept, with whoever leads to them."""
        archive = self.house.archive
        for kept in () if archive is None else archive.kept():
            sandbox = Sandbox(kept.plan, self.house, self.holders.claim, kept)
            self.holders.reserve(sandbox)
            self._keep(sandbox)

    def __iter__(self) -> Iterator[Sandbox]:
        """Those that live, the oldest first."""
        return iter(self._living())

    def __len__(self) -> int:
        return len(self._living())

    def make(self, order: Order) -> Sandbox:
        """A new sandbox; raise `AccountTaken`, `TooManyAccounts`, or `ValueError` for a clock."""
        return self._build(self.plan(order))

    def plan(self, order: Order, sandbox_id: str = "") -> Plan:
        """What would be made of an order; raise `AccountTaken`, or `ValueError` for a clock."""
        self._living()  # whoever idled too long makes room
        plan = planned(order, self.defaults, sandbox_id)
        self.holders.want(plan.account.sid)
        return plan

    def _build(self, plan: Plan) -> Sandbox:
        return self.admit(Sandbox(plan, self.house, self.holders.claim))

    def admit(self, sandbox: Sandbox) -> Sandbox:
        """Take a sandbox in, and lead requests for its accounts to it; raise as `Holders.claim`.

        One that cannot be taken in is dropped.
        """
        try:
            for sid in sandbox.tables.accounts:
                self.holders.claim(sid, sandbox)
        except (AccountTaken, TooManyAccounts):
            self.drop(sandbox)
            raise
        self._keep(sandbox)
        return sandbox

    def _keep(self, sandbox: Sandbox) -> None:
        self._by_id[sandbox.id] = sandbox
        self._used[sandbox.id] = stopwatch()

    def get(self, sandbox_id: str) -> Sandbox | None:
        """A living sandbox, which is used hereby."""
        sandbox = self._by_id.get(sandbox_id)
        return sandbox if sandbox is not None and self._touch(sandbox) else None

    def of_account(self, sid: str) -> Sandbox | None:
        """The sandbox that holds an account or a key."""
        sandbox = self.holders.get(sid)
        if sandbox is not None and sandbox.plan.ttl and not self._touch(sandbox):
            return None
        return sandbox

    @property
    def home(self) -> Sandbox:
        """Where strangers come into being."""
        return self._living()[-1] if self.defaults.newcomers == "newest" else self.default

    def drop(self, sandbox: Sandbox) -> None:
        """End a sandbox and forget its accounts."""
        sandbox.close()
        if self.house.archive is not None:
            self.house.archive.forget(sandbox.id)
        self._by_id.pop(sandbox.id, None)
        self._used.pop(sandbox.id, None)
        self.holders.forget(sandbox)

    def stop(self) -> None:
        """End all of them."""
        for sandbox in self:
            sandbox.close()

    def _living(self) -> list[Sandbox]:
        """All that have not idled too long; the others are dropped."""
        return [each for each in tuple(self._by_id.values()) if self._lives(each)]

    def _touch(self, sandbox: Sandbox) -> bool:
        """Somebody uses it; false when it had idled too long and is gone."""
        if lives := self._lives(sandbox):
            self._used[sandbox.id] = stopwatch()
        return lives

    def _lives(self, sandbox: Sandbox) -> bool:
        """Drop the sandbox when it has idled longer than its `ttl`; whether it has not."""
        ttl = sandbox.plan.ttl
        if ttl and stopwatch() - self._used[sandbox.id] > ttl:
            self.drop(sandbox)
            return False
        return True
