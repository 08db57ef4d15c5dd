"""One isolated Twilio, assembled. Making one parses nothing, compiles nothing, opens nothing."""

from functools import partial
from typing import TYPE_CHECKING, Protocol

from mockserver.domain.faults import Scenario
from mockserver.world.accounts import Accounts, unclaimed
from mockserver.world.alerts import Alarms
from mockserver.world.beginning import fill, furnish
from mockserver.world.beside import beside
from mockserver.world.callbacks import Postman
from mockserver.world.changes import Changes
from mockserver.world.clock import SEEDED_START, Clock
from mockserver.world.dice import Dice
from mockserver.world.house import House, Kept, Plan
from mockserver.world.journal import Journal
from mockserver.world.messages import Messages
from mockserver.world.observing import Observer
from mockserver.world.outbox import Outbox
from mockserver.world.parts import LATER, Parts
from mockserver.world.patience import PatientEngine
from mockserver.world.ports import Posting
from mockserver.world.regime import Regime
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

if TYPE_CHECKING:  # each is loaded when somebody first asks for it
    from mockserver.world.snapshot import Snapshot

__all__ = ["House", "Plan", "Sandbox"]


class Route(Protocol):
    """Leads requests in the name of an account or a key to a sandbox."""

    def __call__(self, sid: str, sandbox: "Sandbox") -> None:
        """Raise `ServerFull` where there is no room for one more."""


class Sandbox(Parts):
    """One isolated Twilio: accounts, numbers, messages, clock, scenario, journal."""

    def __init__(
        self,
        plan: Plan,
        house: House,
        route: "Route | None" = None,
        kept: Kept | None = None,
        *,
        blank: bool = False,
    ) -> None:
        """`route` makes the SIDs of accounts and keys that are made later lead here.

        With `kept` it goes on where that one was. A `blank` one is there once
        `twins.begin` has made it.
        """
        self.plan = plan
        self.house = house
        self._claim = partial(route, sandbox=self) if route is not None else unclaimed
        self.changes = Changes()
        self.closed = False
        self.routes = kept.routes if kept is not None else {}
        if kept is not None:
            self.frame(plan, kept)
            kept.fill(self)
            self.keep()
        elif not blank:
            self._assemble(plan)

    def _assemble(self, plan: Plan) -> None:
        self.frame(plan)
        fill(self, self.regime, plan)
        furnish(self, self.regime, plan)
        self.keep()

    def frame(self, plan: Plan, kept: Kept | None = None) -> None:
        """All parts, with nothing in the tables."""
        house = self.house
        self.dice = Dice(plan.seed)
        self.clock = _clock(plan) if kept is None else kept.clock
        ledger = self.ledger = house.ledger(self.plan) if kept is None else kept.ledger
        self.journal = Journal()
        for name in LATER:
            self.__dict__.pop(name, None)
        self.alarms = Alarms(self.journal, self.dice, self.clock)
        self.tables = Tables() if ledger is None else ledger.tables
        self.accounts = Accounts(self.tables, self.clock, plan.account, self._claim)
        self.rules = Rulebook(self.tables, self.dice, house.options, self.clock.now)
        self.postman = Postman(self.clock, house.courier, self.dice, self.journal)
        self.postman.routes = self.routes
        self.outbox = Outbox(self.clock, self.postman, house.grace)
        self.outbox.queues.memory = ledger
        self.ringing: dict[str, Posting] = {} if ledger is None else ledger.ringing
        self.messages = Messages(self.tables, self.accounts, self.dice, self.rules, self.clock)
        self.engine = PatientEngine(
            lambda: self.porter,
            messages=self.tables.messages,
            clock=self.clock,
            store=house.store if ledger is None else ledger,
            outbox=self.outbox,
            announce=self.messages.announce,
            settle=self.messages.dispatch.settle,
            price=self.messages.price,
            changed=self.changes.ring,
            observe=Observer(self).observe,
            bounds=house.bounds,
        )
        self.engine.barred = self.accounts.barred
        self.messages.connect(self.engine, self.outbox, self.alarms.refused)
        self.regime = Regime(self, plan.account)

    def keep(self) -> None:
        """From now on it is this one that comes back."""
        if self.ledger is not None:
            self.ledger.follow(self.clock, self.rules, self.routes)

    def reset(self) -> Tables:
        """Begin again as it was made; what was in flight is cancelled. The old tables come back."""
        return self._begin_again(self.plan)

    def snapshot(self) -> "Snapshot":
        """The tables as they are now."""
        from mockserver.world.second_attempts import parked
        from mockserver.world.snapshot import take

        self.engine.catch_up()
        retries = parked(self.outbox.queues, self.marking)
        return take(self.tables, self.rules.in_force(), self.clock.now(), retries)

    async def told(self) -> "Snapshot":
        """The same, made beside the event loop of a copy of the tables."""
        from mockserver.world.second_attempts import parked
        from mockserver.world.snapshot_moment import moment, told

        self.engine.catch_up()
        rules, now = self.rules.in_force(), self.clock.now()
        retries = parked(self.outbox.queues, self.marking)
        messages, still = self.tables.messages, moment(self.tables)
        try:
            return await beside(partial(told, still, rules, now, retries))
        finally:
            messages.moments.go_on(still.messages)

    def restore(self, origin: "Snapshot", scenario: Scenario) -> Tables:
        """Go on from a snapshot: its tables, its scenario, and on a frozen clock its time.

        Like a reset otherwise: the journal begins anew, and the old tables come back.
        """
        return self._begin_again(self.plan.restoring(origin, scenario, self.clock))

    def give_up(self) -> None:
        """Nobody is to know one that was begun."""
        self.stop()
        if self.ledger is not None:
            self.ledger.give_up()

    def _begin_again(self, plan: Plan) -> Tables:
        self._part()
        old, journal = self.tables, self.journal
        self.stop()
        self._assemble(plan)
        self.journal.take_over(journal)
        self.changes.ring()
        return old

    def become(self, twin: "Sandbox") -> Tables:
        """Go on as one that was made of a copy of this one; the old tables come back."""
        self._part()
        twin.keep()
        old, journal = self.tables, self.journal
        self.stop()
        self.__dict__ = twin.__dict__  # the twin's parts know it as theirs: so both are one
        self.journal.take_over(journal)
        self.changes.ring()
        return old

    def _part(self) -> None:
        """Have remembered what was seen here, before it is gone."""
        if self.house.partings is not None:
            self.house.partings.take(self)

    def stop(self) -> None:
        """Cancel whatever is in flight."""
        self.engine.stop()
        self.outbox.stop()

    def close(self) -> None:
        """End for good: those who wait for something, or read the feed, are told."""
        self.closed = True
        self._part()
        self.stop()
        self.journal.end()
        self.changes.ring()

    @property
    def id(self) -> str:
        return self.plan.id


def _clock(plan: Plan) -> Clock:
    """As it stands when a sandbox is made."""
    seeded = SEEDED_START if plan.seed_given and plan.mode.frozen else None
    return Clock(plan.mode, seeded if plan.start is None else plan.start)
