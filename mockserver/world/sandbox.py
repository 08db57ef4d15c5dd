"""One isolated Twilio, assembled. Making one parses nothing, compiles nothing, opens nothing."""

from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from mockserver.domain.faults import Scenario
from mockserver.domain.lifecycle import ANNOUNCED
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.accounts import Accounts, unclaimed
from mockserver.world.alerts import Alarms
from mockserver.world.beside import beside
from mockserver.world.callbacks import Postman
from mockserver.world.changes import Changes
from mockserver.world.clock import SEEDED_START, Clock
from mockserver.world.dice import Dice
from mockserver.world.house import House, Kept, Plan
from mockserver.world.journal import Journal
from mockserver.world.messages import Messages
from mockserver.world.outbox import Outbox
from mockserver.world.parts import LATER, Parts
from mockserver.world.patience import PatientEngine
from mockserver.world.ports import Posting
from mockserver.world.rulebook import Rulebook
from mockserver.world.seed import furnish
from mockserver.world.tables import Tables, Unit
from mockserver.world.visits import Stopped

if TYPE_CHECKING:  # each is loaded when somebody first asks for it
    from mockserver.world.snapshot import Snapshot
    from mockserver.world.snapshot_form import KeptCourse

__all__ = ["House", "Plan", "Sandbox"]

NAMELESS: Final = Scenario("")


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

        With `kept` it goes on where that one was. A `blank` one is there once `begin` has made it.
        """
        self.plan = plan
        self._house = house
        self._claim = partial(route, sandbox=self) if route is not None else unclaimed
        self.changes = Changes()
        self.closed = False
        self.routes = kept.routes if kept is not None else {}
        if kept is not None:
            self._frame(plan, kept)
            kept.fill(self)
            self.keep()
        elif not blank:
            self._assemble(plan)

    def _assemble(self, plan: Plan) -> None:
        self._frame(plan)
        self._fill(plan)
        self._furnish(plan)
        self.keep()

    def _frame(self, plan: Plan, kept: Kept | None = None) -> None:
        """All parts, with nothing in the tables."""
        house = self._house
        self.dice = Dice(plan.seed)
        self.clock = _clock(plan) if kept is None else kept.clock
        ledger = self.ledger = house.ledger(self.plan) if kept is None else kept.ledger
        self.journal = Journal()
        for name in LATER:
            self.__dict__.pop(name, None)
        self._alarms = Alarms(self.journal, self.dice, self.clock)
        self.tables = Tables() if ledger is None else ledger.tables
        self.accounts = Accounts(self.tables, self.clock, plan.account, self._claim)
        self.rules = Rulebook(self.tables, self.dice, house.options, self.clock.now)
        self._postman = Postman(self.clock, house.courier, self.dice, self.journal)
        self._postman.routes = self.routes
        self.outbox = Outbox(self.clock, self._postman, house.grace)
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
            observe=self._observe,
            bounds=house.bounds,
        )
        self.engine.barred = self.accounts.barred
        self.messages.connect(self.engine, self.outbox, self._alarms.refused)
        self.rules.on_changed = self._heed_weather

    def _fill(self, plan: Plan) -> None:
        """What is in the tables from the start, and the steps of its messages on the clock."""
        unit = Unit()
        for account in plan.others:
            self.accounts.set_up(account, unit)
        if plan.origin is not None:
            from mockserver.world.snapshot import load

            load(plan.origin, self.tables, self.accounts, self.engine, lambda: self.bulk)
            self.resume_weather()

    def _furnish(self, plan: Plan) -> None:
        """What goes on from there, and the scenario."""
        if plan.origin is not None:
            if self.tables.content:
                self.templates.resume()
            if self.tables.notify.notifications:
                self.notifying.resume()
            if self.tables.answers:
                self.answering.resume()
        course = plan.origin.course if plan.origin is not None else None
        self.put_scenario(plan.scenario, Unit(), course)
        if plan.origin is not None:
            self.tables.counters.update(plan.origin.counters)
            self.tables.calls.update(plan.origin.calls)
            if self.tables.subscriptions:
                self.streams.refresh()
            if plan.origin.retries:
                self._try_again(plan.origin)

    def _try_again(self, origin: "Snapshot") -> None:
        """Have wait again what failed and waits for another attempt."""
        from mockserver.world.second_attempts import resume
        from mockserver.world.snapshot import names_in

        names = names_in(origin, self.accounts.first_sid)
        resume(origin.retries, names, self.outbox.queues, self.marking)

    def resume_weather(self) -> None:
        """Have wait again what the tables say that weather holds back."""
        if self.tables.late or self.tables.foreseen:
            self.storm.resume()
            self._heed_weather()

    def _heed_weather(self) -> None:
        """Other rules are in force."""
        if self.rules.weather or "storm" in self.__dict__:
            self.messages.storm = self.storm
            self.engine.heed(self.storm.sift)
        self.messages.haste = None
        if any(rule.then.early for rule in self.rules.weather):
            from mockserver.world.weather.haste import Haste

            parts = self.marking, self.storm, self.engine, self._postman, self.outbox.visits
            self.messages.haste = Haste(*parts)

    def put_scenario(
        self, scenario: Scenario, unit: Unit, course: "KeptCourse | None" = None
    ) -> None:
        """Put a scenario in force: rules, counters and switches are replaced, `given` is added.

        What the one before made of the sandbox's own account, Trial or test, goes with it. Where
        there is a `course`, it has come as far as that.
        """
        before, own = self.rules.scenario.given.accounts[0], self.accounts.first
        kind = self.plan.account.type if before.type == own.type else own.type
        mode = self.plan.account.mode if before.mode == own.mode else own.mode
        if (kind, mode) != (own.type, own.mode):
            self.accounts.set_up(replace(own, type=kind, mode=mode), unit)
        self.rules.put(scenario)
        if course is not None:
            course.resume(self.tables.course)
        self.heed_rules()
        furnish(scenario.given, self.tables, self.accounts, self.dice, unit)

    def heed_rules(self) -> None:
        """Go on by the rules in force, and from as far as they have come by the tables."""
        self.rules.refresh()
        self.heed_switches()
        if self.rules.scenario.steps or "steps" in self.__dict__:
            self.steps.begin()

    def heed_switches(self) -> None:
        """Other rules, with other switches, are in force."""
        sending = self.rules.options.sending_callbacks
        self.engine.held_back = self.rules.options.rates.enabled
        self.engine.announced = ANNOUNCED | {"sending"} if sending else ANNOUNCED

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
            messages.go_on(still.messages)

    def restore(self, origin: "Snapshot", scenario: Scenario) -> Tables:
        """Go on from a snapshot: its tables, its scenario, and on a frozen clock its time.

        Like a reset otherwise: the journal begins anew, and the old tables come back.
        """
        return self._begin_again(self._restoring(origin, scenario))

    async def replay(
        self, origin: "Snapshot | None" = None, scenario: Scenario = NAMELESS
    ) -> Tables:
        """As `restore`, or without a snapshot as `reset`, but beside the event loop.

        Until then everything goes on as it was. Raise `Stopped` if the sandbox is dropped first.
        """
        plan = self.plan if origin is None else self._restoring(origin, scenario)
        twin = copy(self)
        await twin.begin(plan)
        if self.closed:
            twin.give_up()
            raise Stopped("the sandbox was dropped meanwhile")
        twin.keep()
        old, journal = self.tables, self.journal
        self.stop()
        self.__dict__ = twin.__dict__  # the twin's parts know it as theirs: so both are one
        self._taken_over(journal)
        return old

    async def begin(self, plan: Plan) -> None:
        """Make it beside the event loop. Nobody knows it yet, and nothing is kept before `keep`."""
        self._frame(plan)
        try:
            await self._fill_beside(plan)
        except BaseException:
            self.give_up()
            raise

    async def _fill_beside(self, plan: Plan) -> None:
        clock = self.clock
        woken, clock.on_booked = clock.on_booked, _asleep
        await beside(partial(self._fill, plan))
        if self.ledger is not None:
            await self.ledger.prepare()
        clock.on_booked = woken
        self._furnish(plan)
        self.engine.switch(clock.mode)

    def give_up(self) -> None:
        """Nobody is to know one that was begun."""
        self.stop()
        if self.ledger is not None:
            self.ledger.give_up()

    def _restoring(self, origin: "Snapshot", scenario: Scenario) -> Plan:
        mode = self.clock.mode
        start = origin.at if mode.frozen else max(origin.at, self.clock.now())
        return replace(self.plan, origin=origin, scenario=scenario, start=start, mode=mode)

    def _begin_again(self, plan: Plan) -> Tables:
        old, journal = self.tables, self.journal
        self.stop()
        self._assemble(plan)
        self._taken_over(journal)
        return old

    def _taken_over(self, journal: Journal) -> None:
        """What was subscribed to the old journal hears of the new one; those who wait look."""
        self.journal.take_over(journal)
        self.changes.ring()

    def stop(self) -> None:
        """Cancel whatever is in flight."""
        self.engine.stop()
        self.outbox.stop()

    def close(self) -> None:
        """End for good: those who wait for something, or read the feed, are told."""
        self.closed = True
        self.stop()
        self.journal.end()
        self.changes.ring()

    def _observe(self, message: Message, delivery: Delivery, taken: int) -> None:
        """A message took so many steps; none when it was made."""
        for watch in self.changes.watches:
            watch.add(message.sid)
        if self.journal.watched:
            self._tell(message, delivery, taken)
        if self.tables.subscriptions:
            self.streams.moved(message, delivery, taken)
        if message.operation_id and taken and self.tables.messages.owns(message.sid):
            self.bulk.heard(message, delivery, taken)
        if self.rules.handsets and taken:
            self.answering.hear(message, delivery, taken)
        if delivery.steps:
            return
        if delivery.error_code:
            self._alarms.failed(message, delivery)
        told = delivery.error_code or not message.operation_id  # operations have their own report
        if told and self._house.report is not None:
            self._house.report(message, delivery)

    def _tell(self, message: Message, delivery: Delivery, taken: int) -> None:
        who = {"sid": message.sid, "account_sid": message.account_sid}
        who |= {"from": message.from_, "to": message.to}
        timeline = delivery.timeline[-(taken or 1) * STEP :]
        for place in range(0, len(timeline), STEP):
            status, at, code = timeline[place : place + STEP]
            step = {"status": status, "at": at, "error_code": code or None}
            told = partial(dict[str, object], {**who, **step})
            self.journal.tell("transition" if taken else "message", told)

    @property
    def id(self) -> str:
        return self.plan.id

    @property
    def idle(self) -> bool:
        """Nothing due but appointments, no webhook under way, no response unwritten."""
        return self.engine.idle


def _asleep() -> None:
    """Nobody is woken for what is booked on the clock of a sandbox that nobody knows yet."""


def _clock(plan: Plan) -> Clock:
    """As it stands when a sandbox is made."""
    seeded = SEEDED_START if plan.seed_given and plan.mode.frozen else None
    return Clock(plan.mode, seeded if plan.start is None else plan.start)
