"""All sandboxes of a server, by id and by account; an account belongs to one living sandbox."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.faults import Scenario
from mockserver.domain.sids import mint
from mockserver.world.accounts import MAX_ACCOUNTS, ServerFull
from mockserver.world.clock import Mode, stopwatch
from mockserver.world.dice import fresh_entropy, fresh_seed
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.scenarios import from_document
from mockserver.world.tables import Tables

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot import Snapshot

DEFAULT: Final = "default"

FIRST: Final = Account(DEFAULT_SID, DEFAULT_TOKEN)


class AccountTaken(Exception):
    """Another living sandbox holds the account."""

    def __init__(self, sid: str, holder: str) -> None:
        super().__init__(f"account {sid} belongs to sandbox {holder}; drop that one first")
        self.sid, self.holder = sid, holder


class TooManyAccounts(ServerFull):
    """The server holds as many accounts as it may."""


class Order(msgspec.Struct, frozen=True):
    """What somebody wants of a new sandbox; `None` and "" leave it to the server."""

    scenario: Scenario | None = None
    clock: str = ""
    start: int | None = None
    seed: int | None = None
    ttl: float = 0.0
    account: Account | None = None
    """Its SID may be ""."""
    others: tuple[Account, ...] = ()
    origin: "Snapshot | None" = None
    """What it begins with, when it is a fork."""


class Defaults(msgspec.Struct, frozen=True):
    """How a server makes sandboxes."""

    clock: str = "real"
    seed: int | None = None
    scenario: Scenario = Scenario("")
    newcomers: str = DEFAULT
    """Where an account that nobody set up comes into being: `default`, or `newest`."""
    strict_accounts: bool = False
    max_accounts: int = MAX_ACCOUNTS


class Sandboxes:
    """The living sandboxes. `default` is always there."""

    def __init__(
        self, house: House, defaults: Defaults, accounts: tuple[Account, ...] = ()
    ) -> None:
        """`accounts` are set up in the sandbox `default`, beside or in place of its own."""
        self.house, self.defaults = house, defaults
        self._by_id: dict[str, Sandbox] = {}
        self._by_account: dict[str, Sandbox] = {}
        self._used: dict[str, float] = {}
        wanted = self._planned(DEFAULT, Order(account=FIRST, others=accounts))
        self._bring_back()
        self.default = self._by_id.get(DEFAULT) or self._admitted(
            Sandbox(wanted, house, self.claim)
        )
        self.overruled = tuple(overruled(wanted, self.default.plan))
        """What of its settings does not hold, in words: its default sandbox was kept."""

    def _bring_back(self) -> None:
        """The sandboxes that were kept, with whoever leads to them."""
        archive = self.house.archive
        for kept in () if archive is None else archive.kept():
            sandbox = Sandbox(kept.plan, self.house, self.claim, kept)
            tables = sandbox.tables
            deleted = tables.deleted.get("keys", {})
            for sid in (*tables.accounts, *tables.keys, *deleted):
                self._by_account.setdefault(sid, sandbox)
            self._by_id[sandbox.id] = sandbox
            self._used[sandbox.id] = stopwatch()

    def __iter__(self) -> Iterator[Sandbox]:
        self._sweep()
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        self._sweep()
        return len(self._by_id)

    def make(self, order: Order) -> Sandbox:
        """A new sandbox; raise `AccountTaken`, `TooManyAccounts`, or `ValueError` for a clock."""
        self._sweep()
        return self._build(_fresh_id(), order)

    def fork(self, source: Sandbox, order: Order) -> Sandbox:
        """A new sandbox with what is in `source`; as `make` otherwise.

        What the order leaves open is as there: scenario and rules, clock, time, seed.
        """
        return self.make(self._forking(source, source.snapshot(), order))

    async def forked(self, source: Sandbox, order: Order) -> Sandbox:
        """The same, beside the event loop."""
        self._sweep()
        plan = self._planned(_fresh_id(), self._forking(source, await source.told(), order))
        sandbox = Sandbox(replace(plan, origin=None), self.house, self.claim)
        sandbox.plan = plan
        try:
            await sandbox.replay()
        except BaseException:
            sandbox.close()
            raise
        return self._admitted(sandbox)

    def _forking(self, source: Sandbox, origin: "Snapshot", order: Order) -> Order:
        scenario = order.scenario
        if scenario is None:
            scenario = _scenario_of(origin)
        else:
            origin = msgspec.structs.replace(origin, counters={}, course=None)
        return replace(
            order,
            scenario=scenario,
            clock=order.clock or source.clock.mode.name,
            start=origin.at if order.start is None else order.start,
            seed=source.plan.seed if order.seed is None else order.seed,
            origin=origin.rehomed(lambda _: mint("AC", fresh_entropy())),
        )

    def restore(self, sandbox: Sandbox, origin: "Snapshot") -> Tables:
        """Put a snapshot in; the old tables come back.

        Accounts that another sandbox holds come in under fresh SIDs. Raise `ScenarioError` for its
        scenario, or `TooManyAccounts`.
        """
        scenario, origin = _scenario_of(origin), self._rehomed(sandbox, origin)
        return self._rerouted(sandbox, sandbox.restore(origin, scenario))

    async def restored(self, sandbox: Sandbox, origin: "Snapshot") -> Tables:
        """The same, beside the event loop: until it is done, the sandbox goes on as it was.

        Raise `Stopped` also if it is dropped meanwhile.
        """
        scenario, origin = _scenario_of(origin), self._rehomed(sandbox, origin)
        sids = [account.sid for account in origin.accounts[1:]]
        self._by_account |= dict.fromkeys(sids, sandbox)  # or others would take them meanwhile
        try:
            old = await sandbox.replay(origin, scenario)
        finally:
            for sid in set(sids) - sandbox.tables.accounts.keys():
                self._by_account.pop(sid, None)
        return self._rerouted(sandbox, old)

    def _rehomed(self, sandbox: Sandbox, origin: "Snapshot") -> "Snapshot":
        """With accounts that nobody else holds; raise `TooManyAccounts`."""
        if len(self._by_account) + len(origin.accounts) > self.defaults.max_accounts:
            raise self._full()

        def free(sid: str) -> str:
            held = self._by_account.get(sid, sandbox)
            return sid if held is sandbox else mint("AC", fresh_entropy())

        return origin.rehomed(free)

    def reset(self, sandbox: Sandbox) -> Tables:
        """Begin a sandbox again as it was made; the old tables come back.

        Accounts that came into being since are nobody's again.
        """
        return self._rerouted(sandbox, sandbox.reset())

    async def renewed(self, sandbox: Sandbox) -> Tables:
        """As `reset`; what was forked is filled again beside the event loop."""
        if sandbox.plan.origin is None:
            return self.reset(sandbox)
        return self._rerouted(sandbox, await sandbox.replay())

    def _rerouted(self, sandbox: Sandbox, old: Tables) -> Tables:
        """Route a sandbox's accounts as its tables are now."""
        self._forget(sandbox)
        self._by_account |= dict.fromkeys(sandbox.tables.accounts, sandbox)
        return old

    def get(self, sandbox_id: str) -> Sandbox | None:
        """A living sandbox."""
        sandbox = self._by_id.get(sandbox_id)
        return sandbox if sandbox is not None and self._touch(sandbox) else None

    def of_account(self, sid: str) -> Sandbox | None:
        """The sandbox that holds an account or a key."""
        sandbox = self._by_account.get(sid)
        if sandbox is not None and sandbox.plan.ttl and not self._touch(sandbox):
            return None
        return sandbox

    @property
    def home(self) -> Sandbox:
        """Where strangers come into being."""
        if self.defaults.newcomers == "newest":
            self._sweep()
            return next(reversed(self._by_id.values()))
        return self.default

    def claim(self, sid: str, sandbox: Sandbox) -> None:
        """Route an account or key to a sandbox; raise `AccountTaken` or `TooManyAccounts`."""
        holder = self._by_account.get(sid)
        if holder is sandbox:
            return
        if holder is not None:
            raise AccountTaken(sid, holder.id)
        if len(self._by_account) >= self.defaults.max_accounts:
            raise self._full()
        self._by_account[sid] = sandbox

    def _full(self) -> TooManyAccounts:
        return TooManyAccounts(f"this server holds at most {self.defaults.max_accounts} accounts")

    def claim_given(self, scenario: Scenario, sandbox: Sandbox) -> None:
        """Route the accounts that a scenario gives, all or none."""
        sids = {account.sid for account in scenario.given.accounts[1:]}
        for sid in sorted(sids):
            holder = self._by_account.get(sid, sandbox)
            if holder is not sandbox:
                raise AccountTaken(sid, holder.id)
        routed = self._by_account | dict.fromkeys(sids, sandbox)
        if len(routed) > self.defaults.max_accounts:
            raise self._full()
        self._by_account = routed

    def drop(self, sandbox: Sandbox) -> None:
        """End a sandbox and forget its accounts."""
        self._end(sandbox)
        self._by_id.pop(sandbox.id, None)
        self._used.pop(sandbox.id, None)
        self._forget(sandbox)

    def _end(self, sandbox: Sandbox) -> None:
        sandbox.close()
        if self.house.archive is not None:
            self.house.archive.forget(sandbox.id)

    def _forget(self, sandbox: Sandbox) -> None:
        self._by_account = {s: held for s, held in self._by_account.items() if held is not sandbox}

    def stop(self) -> None:
        """End all of them."""
        for sandbox in self:
            sandbox.close()

    def _build(self, sandbox_id: str, order: Order) -> Sandbox:
        plan = self._planned(sandbox_id, order)
        return self._admitted(Sandbox(plan, self.house, self.claim))

    def _planned(self, sandbox_id: str, order: Order) -> Plan:
        scenario = _heeding(order, order.scenario or self.defaults.scenario)
        account = self._own_account(order, scenario)
        if (holder := self._by_account.get(account.sid)) is not None:
            raise AccountTaken(account.sid, holder.id)
        given_seed = self.defaults.seed if order.seed is None else order.seed
        return Plan(
            sandbox_id,
            account,
            seed=fresh_seed() if given_seed is None else given_seed,
            seed_given=given_seed is not None,
            mode=Mode.parse(order.clock or scenario.clock or self.defaults.clock),
            start=order.start,
            scenario=scenario,
            others=order.others,
            ttl=order.ttl,
            origin=order.origin,
        )

    def _admitted(self, sandbox: Sandbox) -> Sandbox:
        """A sandbox among the others, and requests for its accounts led to it."""
        try:
            for sid in sandbox.tables.accounts:
                self.claim(sid, sandbox)
        except (AccountTaken, TooManyAccounts):
            self._end(sandbox)
            self._forget(sandbox)
            raise
        self._by_id[sandbox.id] = sandbox
        self._used[sandbox.id] = stopwatch()
        return sandbox

    def _own_account(self, order: Order, scenario: Scenario) -> Account:
        """The sandbox's first account: as ordered, else as given, else with a fresh name."""
        wanted, given = order.account or Account(""), scenario.given.accounts[0]
        return Account(
            sid=wanted.sid or given.sid or mint("AC", fresh_entropy()),
            auth_token=wanted.auth_token or given.auth_token or fresh_entropy().hex(),
            type=wanted.type,
            mode=wanted.mode,
            friendly_name=wanted.friendly_name,
        )

    def _touch(self, sandbox: Sandbox) -> bool:
        """Somebody uses it; false when it had idled too long and is gone."""
        if living := self._living(sandbox):
            self._used[sandbox.id] = stopwatch()
        return living

    def _living(self, sandbox: Sandbox) -> bool:
        """Drop the sandbox when it has idled longer than its `ttl`; whether it has not."""
        ttl = sandbox.plan.ttl
        if ttl and stopwatch() - self._used[sandbox.id] > ttl:
            self.drop(sandbox)
            return False
        return True

    def _sweep(self) -> None:
        """Drop whatever has idled too long."""
        for sandbox in tuple(self._by_id.values()):
            self._living(sandbox)


def overruled(wanted: Plan, kept: Plan) -> Iterator[str]:
    """What is wanted of a sandbox that was kept as another one, in words."""
    if wanted.mode != kept.mode:
        yield f"its clock is {kept.mode.name}, not {wanted.mode.name}"
    if wanted.seed_given and wanted.seed != kept.seed:
        yield f"its seed is {kept.seed}, not {wanted.seed}"
    if wanted.scenario != kept.scenario:
        names = (each.scenario.name or "none" for each in (kept, wanted))
        yield "the scenario it was made with is {}, not {}".format(*names)
    for sid in sorted({a.sid for a in (wanted.account, *wanted.others)}):
        if _account_of(wanted, sid) != _account_of(kept, sid):
            yield f"account {sid} stays as it is"


def _account_of(plan: Plan, sid: str) -> Account | None:
    return next((each for each in (*plan.others, plan.account) if each.sid == sid), None)


def _fresh_id() -> str:
    return f"sb-{fresh_entropy().hex()[:12]}"


def _scenario_of(origin: "Snapshot") -> Scenario:
    """The scenario in a snapshot, nameless where it was."""
    return replace(from_document(origin.scenario), name=origin.scenario.get("name", ""))


def _heeding(order: Order, scenario: Scenario) -> Scenario:
    """The scenario, but for a token that the order overrules."""
    own, *others = scenario.given.accounts
    if order.account is None or not order.account.auth_token or not own.auth_token:
        return scenario
    accounts = (replace(own, auth_token=order.account.auth_token), *others)
    return replace(scenario, given=replace(scenario.given, accounts=accounts))
