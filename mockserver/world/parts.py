"""The parts of a sandbox that are not made before somebody asks for them.

Each loads its modules then. A reset forgets them all.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.lifecycle import ANNOUNCED
from mockserver.domain.message import Message
from mockserver.world.accounts import Accounts
from mockserver.world.alerts import Alarms
from mockserver.world.callbacks import Postman
from mockserver.world.changes import Changes
from mockserver.world.clock import Clock
from mockserver.world.dice import Dice
from mockserver.world.house import House
from mockserver.world.journal import Journal
from mockserver.world.messages import Messages
from mockserver.world.outbox import Outbox
from mockserver.world.patience import PatientEngine
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

if TYPE_CHECKING:  # each is loaded when somebody first asks for it
    from mockserver.domain.content import ContentTemplate
    from mockserver.domain.inbound import Facts
    from mockserver.domain.notify.notifications import Notification, NotifyDelivery
    from mockserver.world.answering import Answering
    from mockserver.world.bulk.commands import Bulk
    from mockserver.world.bulk.happened import Events, Happened
    from mockserver.world.content import Templates
    from mockserver.world.events.streams import Streams
    from mockserver.world.inbound import Inbound
    from mockserver.world.market import Market
    from mockserver.world.media import Porter
    from mockserver.world.notify.work import Work as Notifying
    from mockserver.world.services import Services
    from mockserver.world.steps import Steps
    from mockserver.world.weather.marking import Marking
    from mockserver.world.weather.storm import Storm

LATER: Final = (
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
    "steps",
)
"""Parts of a sandbox that are made when they are first asked for, and again after a reset."""


class Parts:
    """What they are made of, and they."""

    house: House
    alarms: Alarms
    postman: Postman
    changes: Changes
    routes: dict[str, tuple[str, str]]
    """The sandbox's own webhook map, by id; who put it there is outside, so it survives all."""
    dice: Dice
    clock: Clock
    journal: Journal
    tables: Tables
    accounts: Accounts
    rules: Rulebook
    outbox: Outbox
    messages: Messages
    engine: PatientEngine

    def heed_switches(self) -> None:
        """Other rules, with other switches, are in force."""
        sending = self.rules.options.sending_callbacks
        self.engine.held_back = self.rules.options.rates.enabled
        self.engine.announced = ANNOUNCED | {"sending"} if sending else ANNOUNCED

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
            self.postman,
            self.messages.dispatch,
            self.porter,
            self.house.inbound_url,
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
    def steps(self) -> "Steps":
        """What takes the scenario's steps; nobody asks for it before there are some."""
        from mockserver.world.steps import Steps

        return Steps(self.clock, self.tables.course, self.rules, self.heed_switches)

    @cached_property
    def storm(self) -> "Storm":
        """The weather over callbacks; once there was some, what it holds back goes through it."""
        from mockserver.world.weather.storm import Storm

        engine = self.engine
        clock, postman = self.clock, self.postman
        unit, announced = lambda: engine.unit, lambda: engine.announced
        return Storm(self.marking, clock, postman, unit, announced)

    @cached_property
    def bulk(self) -> "Bulk":
        """The operations of the Communications API."""
        from mockserver.world.bulk.commands import Bulk
        from mockserver.world.bulk.onlookers import Onlookers

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
                self.tables.messages.shelves,
                self.engine,
                self.changes.watches,
                watched,
                self.house.report_operation or (lambda operation: None),
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
        courier, journal = self.house.courier, self.journal
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
            self.alarms.reviewed(template, before, at)
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
        telling = Telling(self.tables, self.dice, self.alarms, self.journal)
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

        porter = Porter(self.tables.media, self.dice, self.house.fetcher, self.journal)
        porter.routes = self.routes
        return porter

    @cached_property
    def market(self) -> "Market":
        """The numbers that can be bought."""
        from mockserver.world.market import Market

        return Market(self.tables, self.dice)
