"""One isolated Twilio, assembled. Making one parses nothing, compiles nothing, opens nothing."""

import asyncio
from collections.abc import Callable
from copy import copy
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.domain.lifecycle import ANNOUNCED
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.domain.options import USUAL, Options
from mockserver.world.accounts import Accounts, unclaimed
from mockserver.world.alerts import Alarms
from mockserver.world.beside import beside
from mockserver.world.callbacks import Postman
from mockserver.world.clock import REAL, SEEDED_START, Clock, Mode
from mockserver.world.dice import Dice
from mockserver.world.driver import Bounds
from mockserver.world.journal import Journal
from mockserver.world.messages import Messages
from mockserver.world.outbox import Outbox
from mockserver.world.patience import PatientEngine
from mockserver.world.ports import Courier, Fetcher, Nowhere
from mockserver.world.rulebook import Rulebook
from mockserver.world.seed import furnish
from mockserver.world.store import Store
from mockserver.world.tables import Tables, Unit
from mockserver.world.visits import Stopped

if TYPE_CHECKING:  # each is loaded when somebody first asks for it
    from mockserver.domain.content import ContentTemplate
    from mockserver.domain.inbound import Facts
    from mockserver.domain.notify.notifications import Notification, NotifyDelivery
    from mockserver.world.answering import Answering
    from mockserver.world.bulk.commands import Bulk
    from mockserver.world.bulk.happened import Events, Happened
    from mockserver.world.bulk.operation import Operation
    from mockserver.world.content import Templates
    from mockserver.world.events.streams import Streams
    from mockserver.world.inbound import Inbound
    from mockserver.world.market import Market
    from mockserver.world.media import Porter
    from mockserver.world.notify.work import Work as Notifying
    from mockserver.world.services import Services
    from mockserver.world.snapshot import Snapshot
    from mockserver.world.weather.marking import Marking
    from mockserver.world.weather.storm import Storm

_LATER: Final = (
    "bulk",
    "events",
    "streams",
    "inbound",
    "answering",
    "services",
    "templates",
    "porter",
    "market",
    "notifying",
    "marking",
    "storm",
)
"""Parts of a sandbox that are made when they are first asked for, and again after a reset."""


NAMELESS: Final = Scenario("")


class Route(Protocol):
    """Leads requests in the name of an account or a key to a sandbox."""

    def __call__(self, sid: str, sandbox: "Sandbox") -> None:
        """Raise `ServerFull` where there is no room for one more."""


class House(msgspec.Struct, frozen=True):
    """What all sandboxes of a server share, and their defaults."""

    courier: Courier
    store: Store
    grace: float = 0.02
    """Seconds of wall time between a create response and its first callback."""
    options: Options = USUAL
    """Switches of which a scenario says nothing."""
    report: Callable[[Message, Delivery], None] | None = None
    """Told of every message that has come to its end; of an operation's, of those that failed."""
    report_operation: "Callable[[Operation], None] | None" = None
    """Told of every operation of which nothing more becomes by itself."""
    bounds: Bounds = Bounds()
    """Of one `advance`."""
    fetcher: Fetcher = Nowhere()
    """Of media."""
    inbound_url: str = ""
    """The webhook of numbers that have none."""


class Plan(msgspec.Struct, frozen=True):
    """How a sandbox is made, and made again by `reset`."""

    id: str
    account: Account
    seed: int
    seed_given: bool = False
    mode: Mode = REAL
    start: int | None = None
    scenario: Scenario = Scenario("")
    others: tuple[Account, ...] = ()
    """Further accounts that were set up with it."""
    ttl: float = 0.0
    """Seconds of idling after which it is dropped; 0: never."""
    origin: "Snapshot | None" = None
    """What it was forked from."""


class Changes:
    """Wakes those who wait for something to change in the sandbox."""

    __slots__ = ("_waiters", "watches")

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self.watches: list[set[str]] = []
        """Each gets the SIDs of messages that are made or take a step."""

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
        try:
            done, _ = await asyncio.wait((waiter,), timeout=timeout)
        finally:
            if not waiter.done():
                self._waiters.remove(waiter)
        return bool(done)


class Sandbox:
    """One isolated Twilio: accounts, numbers, messages, clock, scenario, journal."""

    def __init__(self, plan: Plan, house: House, route: "Route | None" = None) -> None:
        """`route` makes the SIDs of accounts and keys that are made later lead here."""
        self.plan = plan
        self._house = house
        self._claim = partial(route, sandbox=self) if route is not None else unclaimed
        self.changes = Changes()
        self.closed = False
        self.routes: dict[str, tuple[str, str]] = {}
        """The sandbox's own webhook map, by id; who put it there is outside, so it survives all."""
        self.tables: Tables
        self._assemble(plan)

    def _assemble(self, plan: Plan) -> None:
        self._frame(plan)
        self._fill(plan)
        self._furnish(plan)

    def _frame(self, plan: Plan) -> None:
        """All parts, with nothing in the tables."""
        house = self._house
        seeded = SEEDED_START if plan.seed_given and plan.mode.frozen else None
        self.dice = Dice(plan.seed)
        self.clock = Clock(plan.mode, seeded if plan.start is None else plan.start)
        self.journal = Journal()
        for name in _LATER:
            self.__dict__.pop(name, None)
        self._alarms = Alarms(self.journal, self.dice, self.clock)
        self.tables = Tables()
        self.accounts = Accounts(self.tables, self.clock, plan.account, self._claim)
        self.rules = Rulebook(self.tables, self.dice, house.options, self.clock.now)
        self._postman = Postman(self.clock, house.courier, self.dice, self.journal)
        self._postman.routes = self.routes
        self.outbox = Outbox(self.clock, self._postman, house.grace)
        self.messages = Messages(self.tables, self.accounts, self.dice, self.rules, self.clock)
        self.engine = PatientEngine(
            lambda: self.porter,
            messages=self.tables.messages,
            clock=self.clock,
            store=house.store,
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

    def _furnish(self, plan: Plan) -> None:
        """What goes on from there, and the scenario."""
        if plan.origin is not None:
            if self.tables.content:
                self.templates.resume()
            if self.tables.notify.notifications:
                self.notifying.resume()
            if self.tables.answers:
                self.answering.resume()
        self.put_scenario(plan.scenario, Unit())
        if plan.origin is not None:
            self.tables.counters.update(plan.origin.counters)
            if self.tables.subscriptions:
                self.streams.refresh()

    @cached_property
    def inbound(self) -> "Inbound":
        """What a handset can do."""
        from mockserver.world.inbound import Inbound

        def told(message: Message, facts: "Facts") -> None:
            self.events.receive(message)
            if self.tables.subscriptions:
                self.streams.received(message, facts)

        return Inbound(
            self.tables,
            self.accounts,
            self.dice,
            self.rules,
            self.engine,
            self.outbox,
            self._postman,
            self.messages.dispatch,
            self.porter,
            self._house.inbound_url,
            told,
            lambda: self.marking,
        )

    @cached_property
    def answering(self) -> "Answering":
        """The handsets that answer by rule; nobody asks for it before there is one."""
        from mockserver.world.answering import Answering

        visits = self.outbox.visits
        return Answering(self.tables, self.rules, self.engine, visits, lambda: self.inbound)

    @cached_property
    def marking(self) -> "Marking":
        """What weather does to a webhook on the wire."""
        from mockserver.world.weather.marking import Marking

        announce = self.messages.announce
        return Marking(self.tables, self.accounts, self.rules, self.dice, announce)

    @cached_property
    def storm(self) -> "Storm":
        """The weather over callbacks; once there was some, what it holds back goes through it."""
        from mockserver.world.weather.storm import Storm

        engine = self.engine
        clock, postman = self.clock, self._postman
        return Storm(self.marking, clock, postman, lambda: engine.unit, lambda: engine.announced)

    def _heed_weather(self) -> None:
        """Other rules are in force."""
        if self.rules.weather or "storm" in self.__dict__:
            self.engine.heed(self.storm.sift)
        self.messages.haste = None
        if any(rule.then.early for rule in self.rules.weather):
            from mockserver.world.weather.haste import Haste

            parts = self.marking, self.storm, self.engine, self._postman, self.outbox.visits
            self.messages.haste = Haste(*parts)

    @cached_property
    def bulk(self) -> "Bulk":
        """The operations of the Communications API."""
        from mockserver.world.bulk.commands import Bulk
        from mockserver.world.bulk.work import Onlookers

        def watched() -> bool:
            followed = self.tables.subscriptions and self.streams.follows_messages
            return self.journal.watched or bool(self.rules.handsets or followed)

        return Bulk(
            self.tables,
            self.accounts,
            self.dice,
            self.rules,
            self.engine,
            self.messages,
            self.events,
            Onlookers(
                watched,
                self.changes.watches,
                self._house.report_operation or (lambda operation: None),
            ),
        )

    @cached_property
    def events(self) -> "Events":
        """What the Communications API tells of."""
        from mockserver.world.bulk.happened import Events

        return Events(self.journal, self._cloud_event)

    @cached_property
    def streams(self) -> "Streams":
        """What those who subscribed to events hear of; nobody asks for it before there are some."""
        from mockserver.world.events.delivery import SinkPostman
        from mockserver.world.events.posts import Posts
        from mockserver.world.events.streams import Streams

        tables, dice, rules, clock = self.tables, self.dice, self.rules, self.clock
        courier, journal = self._house.courier, self.journal
        postman = SinkPostman(clock, courier, dice, journal, self.engine.kept)
        postman.routes = self.routes
        parts = tables, self.accounts, dice, rules, self.outbox, clock, postman
        posts = Posts(*parts, lambda: self.marking)
        return Streams(tables, dice, rules, clock, journal, self.events, posts)

    def _cloud_event(self, event: "Happened") -> dict[str, Any]:
        from mockserver.world.bulk.cloud_events import cloud_event  # only if somebody reads them

        return cloud_event(event, self.tables, self.dice)

    @cached_property
    def services(self) -> "Services":
        """The commands of Messaging Services."""
        from mockserver.world.services import Services

        return Services(self.tables, self.accounts, self.dice, self.engine)

    @cached_property
    def templates(self) -> "Templates":
        """The commands of content templates."""
        from mockserver.world.content import Templates

        def told(template: "ContentTemplate", before: str, at: int) -> None:
            self._alarms.reviewed(template, before, at)
            if self.tables.subscriptions:
                self.streams.reviewed(template, before, at)

        return Templates(
            self.tables,
            self.accounts,
            self.dice,
            self.engine,
            self.rules,
            told,
        )

    @cached_property
    def notifying(self) -> "Notifying":
        """What sends notifications."""
        from mockserver.world.notify.handing import Handing
        from mockserver.world.notify.telling import Telling
        from mockserver.world.notify.work import Work

        handing = Handing(self.tables, self.dice, self.rules, self.messages)
        telling = Telling(self.tables, self.dice, self._alarms, self.journal)
        telling.listeners.append(self._handed)
        return Work(self.tables, self.accounts, self.engine, self.outbox, handing, telling)

    def _handed(self, told: "Notification", made: "NotifyDelivery") -> None:
        """A notification was delivered, or not, to one recipient."""
        if self.tables.subscriptions and made.sid:
            from mockserver.domain.events.others import Handed

            handed = Handed(made.sid, made.address, made.channel)
            whose = (told.account_sid, told.service.sid, told.sid)
            self.streams.notified(*whose, handed, made.at)

    @cached_property
    def porter(self) -> "Porter":
        """What fetches and keeps the media of messages."""
        from mockserver.world.media import Porter

        porter = Porter(self.tables.media, self.dice, self._house.fetcher, self.journal)
        porter.routes = self.routes
        return porter

    @cached_property
    def market(self) -> "Market":
        """The numbers that can be bought."""
        from mockserver.world.market import Market

        return Market(self.tables, self.dice)

    def put_scenario(self, scenario: Scenario, unit: Unit) -> None:
        """Put a scenario in force: rules, counters and switches are replaced, `given` is added.

        What the one before made of the sandbox's own account, Trial or test, goes with it.
        """
        before, own = self.rules.scenario.given.accounts[0], self.accounts.first
        kind = self.plan.account.type if before.type == own.type else own.type
        mode = self.plan.account.mode if before.mode == own.mode else own.mode
        if (kind, mode) != (own.type, own.mode):
            self.accounts.set_up(replace(own, type=kind, mode=mode), unit)
        self.rules.put(scenario)
        sending = self.rules.options.sending_callbacks
        self.engine.held_back = self.rules.options.rates.enabled
        self.engine.announced = ANNOUNCED | {"sending"} if sending else ANNOUNCED
        furnish(scenario.given, self.tables, self.accounts, self.dice, unit)

    def reset(self) -> Tables:
        """Begin again as it was made; what was in flight is cancelled. The old tables come back."""
        return self._begin_again(self.plan)

    def snapshot(self) -> "Snapshot":
        """The tables as they are now."""
        from mockserver.world.snapshot import take

        self.engine.catch_up()
        return take(self.tables, self.rules.in_force(), self.clock.now())

    async def told(self) -> "Snapshot":
        """The same, made beside the event loop of a copy of the tables."""
        from mockserver.world.snapshot import take
        from mockserver.world.snapshot_moment import moment

        self.engine.catch_up()
        still = moment(self.tables), self.rules.in_force(), self.clock.now()
        return await beside(partial(take, *still))

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
        twin._frame(plan)
        await twin.fill(plan)
        if self.closed:
            twin.stop()
            raise Stopped("the sandbox was dropped meanwhile")
        old, journal = self.tables, self.journal
        self.stop()
        self.__dict__ = twin.__dict__  # the twin's parts know it as theirs: so both are one
        self._taken_over(journal)
        return old

    async def fill(self, plan: Plan) -> None:
        """Fill tables beside the event loop, of a sandbox that nobody knows yet; then go on."""
        clock = self.clock
        woken, clock.on_booked = clock.on_booked, _asleep
        await beside(partial(self._fill, plan))
        clock.on_booked = woken
        self._furnish(plan)
        self.engine.switch(clock.mode)

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
