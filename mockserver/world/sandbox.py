"""One isolated Twilio, assembled. Making one parses nothing, compiles nothing, opens nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.accounts import Accounts
from mockserver.world.callbacks import Outbox
from mockserver.world.clock import SEEDED_START, Clock, Mode
from mockserver.world.dice import Dice
from mockserver.world.engine import Engine
from mockserver.world.journal import Journal
from mockserver.world.messages import Messages
from mockserver.world.ports import Courier
from mockserver.world.rulebook import Rulebook
from mockserver.world.seed import furnish
from mockserver.world.store import Store
from mockserver.world.tables import Tables, Unit


@dataclass(frozen=True, slots=True)
class House:
    """What all sandboxes of a server share, and their defaults."""

    courier: Courier
    store: Store
    grace: float = 0.02
    """Seconds of wall time between a create response and its first callback."""
    strict_senders: bool = False
    trial_unverified_code: int = 21219
    report: Callable[[Message, Delivery], None] | None = None
    """Told of every message that has come to its end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sandbox is made, and made again by `reset`."""

    id: str
    account: Account
    seed: int
    seed_given: bool = False
    mode: Mode = field(default_factory=lambda: Mode.parse("real"))
    start: int | None = None
    scenario: Scenario = Scenario("")
    others: tuple[Account, ...] = ()
    """Further accounts that were set up with it."""
    ttl: float = 0.0
    """Seconds of idling after which it is dropped; 0: never."""


class Changes:
    """Wakes those who wait for something to change in the sandbox."""

    __slots__ = ("_waiters",)

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        """Something changed."""
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self, timeout: float) -> bool:
        """Whether something changed within `timeout` seconds of wall time."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        done, _ = await asyncio.wait((waiter,), timeout=timeout)
        return bool(done)


class Sandbox:
    """One isolated Twilio: accounts, numbers, messages, clock, scenario, journal."""

    def __init__(self, plan: Plan, house: House) -> None:
        self.plan = plan
        self._house = house
        self.changes = Changes()
        self.tables: Tables
        self._assemble()

    def _assemble(self) -> None:
        plan, house = self.plan, self._house
        seeded = SEEDED_START if plan.seed_given and plan.mode.frozen else None
        self.dice = Dice(plan.seed)
        self.clock = Clock(plan.mode, seeded if plan.start is None else plan.start)
        self.journal = Journal()
        self.tables = Tables()
        self.accounts = Accounts(self.tables, self.clock, plan.account)
        self.rules = Rulebook(
            self.tables, self.dice, house.strict_senders, house.trial_unverified_code
        )
        self.outbox = Outbox(self.clock, house.courier, self.dice, self.journal, house.grace)
        self.messages = Messages(self.tables, self.accounts, self.dice, self.rules.fate)
        self.engine = Engine(
            self.tables.messages,
            self.clock,
            house.store,
            self.outbox,
            self.messages.announce,
            self.messages.settle,
            self.changes.ring,
            self._observe,
        )
        self.messages.connect(self.engine, self.outbox)
        unit = Unit()
        for account in plan.others:
            self.accounts.set_up(account, unit)
        self.put_scenario(plan.scenario, unit)

    def put_scenario(self, scenario: Scenario, unit: Unit) -> None:
        """Put a scenario in force: rules, counters and switches are replaced, `given` is added."""
        self.rules.put(scenario)
        furnish(scenario.given, self.tables, self.accounts, unit)

    def reset(self) -> Tables:
        """Begin again as it was made; what was in flight is cancelled. The old tables come back."""
        old = self.tables
        self.stop()
        self._assemble()
        self.changes.ring()
        return old

    def stop(self) -> None:
        """Cancel whatever is in flight."""
        self.engine.stop()
        self.outbox.stop()

    def _observe(self, message: Message, delivery: Delivery, taken: int) -> None:
        """A message took so many steps; none when it was made."""
        if self.journal.watched:
            self._tell(message, delivery, taken)
        if not delivery.steps and self._house.report is not None:
            self._house.report(message, delivery)

    def _tell(self, message: Message, delivery: Delivery, taken: int) -> None:
        if not taken:
            self.journal.tell("message", partial(dict, sid=message.sid, status=delivery.status))
            return
        for status in delivery.timeline[-taken * STEP :: STEP]:
            self.journal.tell("transition", partial(dict, sid=message.sid, status=status))

    @property
    def id(self) -> str:
        return self.plan.id

    @property
    def idle(self) -> bool:
        """Nothing due but appointments, no webhook under way, no response unwritten."""
        return self.outbox.idle and not self.clock.under_way.count
