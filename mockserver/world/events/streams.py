"""What happens becomes events, for those who have subscribed to them; none are made for others.

What waits to be delivered is in no table: like callbacks, it is in no snapshot and no fork.
"""

from collections.abc import Mapping
from typing import Final

from mockserver.domain.content import ContentTemplate
from mockserver.domain.events import others
from mockserver.domain.events.catalogue import APPROVAL, COMMS, INBOUND, LOGGED, NOTIFIED
from mockserver.domain.events.envelope import EVENT, Event
from mockserver.domain.events.messages import STATUS_TYPES, reached, received
from mockserver.domain.events.others import EVENT_STREAMS, MESSAGING, Changed, Entry, Handed
from mockserver.domain.events.retries import TIMED_OUT, UNDELIVERABLE
from mockserver.domain.events.sinks import Sink
from mockserver.domain.inbound import Facts
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.domain.sids import mint
from mockserver.world.bulk.happened import Events, Happened
from mockserver.world.clock import Clock
from mockserver.world.dice import Dice
from mockserver.world.events.posts import TESTED, Ends, Posts
from mockserver.world.events.streamed import Streamed
from mockserver.world.journal import Alert, Journal
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

OWN_CODES: Final = frozenset({TIMED_OUT, UNDELIVERABLE})
"""What Event Streams itself tells the Debugger."""


class Streams:
    """What the subscribers of one sandbox hear of.

    Whoever tells of something looks first whether there are subscriptions at all.
    """

    def __init__(
        self,
        tables: Tables,
        dice: Dice,
        rules: Rulebook,
        clock: Clock,
        journal: Journal,
        events: Events,
        posts: Posts,
    ) -> None:
        self._tables, self._dice, self._rules, self._clock = tables, dice, rules, clock
        self._journal, self._events, self._posts = journal, events, posts
        self._ends: Mapping[tuple[str, str], Ends] = {}
        """Who wants a type of an account's events."""
        self.follows_messages = False
        """Whether somebody wants to hear of every step of a message."""
        self.repeat, self.resume, self.gather_again = posts.repeat, posts.resume, posts.gather_again
        self.refresh()

    def refresh(self) -> None:
        """Look who has subscribed to what: something of that has changed."""
        ends: dict[tuple[str, str], Ends] = {}
        for each in self._tables.subscriptions.values():
            for name, version in each.types.items():
                key = (each.account_sid, name)
                ends[key] = (*ends.get(key, ()), (each.sink_sid, version))
        names = {name for _, name in ends}
        self._ends, self.follows_messages = ends, not names.isdisjoint(STATUS_TYPES.values())
        self._journal.alerts.heard = self._logged if LOGGED in names else None
        listeners = self._events.listeners
        listeners[:] = [each for each in listeners if each != self._happened]
        if any(name.startswith(COMMS) for name in names):
            listeners.append(self._happened)

    # What happens

    def moved(self, message: Message, delivery: Delivery, taken: int) -> None:
        """A message took so many steps; none when it was made."""
        if message.test or not self.follows_messages:
            return
        line = delivery.timeline[-(taken or 1) * STEP :]
        for place in range(0, len(line), STEP):
            status, at, code = line[place : place + STEP]
            name = STATUS_TYPES.get(status, "")
            ends = self._ends.get((message.account_sid, name), ())
            if ends and (status != "queued" or self._rules.options.queued_events):
                event = reached(self._id(name, message.sid), message, status, at, code)
                self._tell(event, message.account_sid, ends, message.sid)

    def received(self, message: Message, facts: Facts) -> None:
        """A handset's message was taken in."""
        ends = self._ends.get((message.account_sid, INBOUND), ())
        if ends and not message.test:
            event = received(self._id(INBOUND, message.sid), message, facts)
            self._tell(event, message.account_sid, ends, message.sid)

    def notified(
        self, account_sid: str, service_sid: str, notification_sid: str, handed: Handed, at: int
    ) -> None:
        """A channel has taken a delivery of a notification, at a time in microseconds."""
        if ends := self._ends.get((account_sid, NOTIFIED), ()):
            key = self._id(NOTIFIED, f"{notification_sid}/{handed.id}")
            event = others.notified(key, account_sid, service_sid, notification_sid, handed, at)
            self._tell(event, account_sid, ends, notification_sid)

    def reviewed(self, template: ContentTemplate, before: str, at: int) -> None:
        """WhatsApp says something of a template, at a time in microseconds, and said another."""
        account_sid, said = template.account_sid, template.approval
        ends = self._ends.get((account_sid, APPROVAL), ())
        if not ends or said == before or template.submission is None:
            return
        name, key = template.submission.name, f"{template.sid}/{said}/{at}"
        changed = Changed(
            template.sid, template.friendly_name, name, template.language, before, said
        )
        event = others.approval(self._id(APPROVAL, key), account_sid, changed, at)
        self._tell(event, account_sid, ends)

    def try_out(self, sink: Sink) -> None:
        """A test of a sink has begun."""
        now = self._clock.now()
        event = others.of_test(sink.sid, sink.account_sid, sink.test_id, now)
        self._events.tell(event.type, Streamed(event, sink.account_sid, TESTED), now)
        self._posts.try_out(sink, event)

    def _happened(self, happened: Happened) -> None:
        """The Communications API tells of something; what other products tell is known here."""
        about = happened.about
        if isinstance(about, Streamed):
            return
        if ends := self._ends.get((about.account_sid, f"{COMMS}.{happened.kind}"), ()):
            told = self._events.cloud_event(happened)
            data = told["data"]
            event = Event(told["id"], told["type"], told["source"], happened.at, data)
            self._posts.take(event, ends, data.get("downstream_id", ""))

    def _logged(self, alert: Alert) -> None:
        """Something has gone into the Debugger.

        On the instant clock what comes of an answer is delivered alone: when it came is a matter of
        wall time, which must leave no trace.
        """
        if ends := self._ends.get((alert.account_sid, LOGGED), ()):
            alone = bool(alert.url) and self._clock.mode.name == "instant"
            account = self._tables.accounts.get(alert.account_sid)
            entry = Entry(
                alert.sid,
                alert.account_sid,
                alert.at,
                alert.code,
                alert.text,
                resource_sid=alert.resource_sid,
                parent_sid=account.owner_account_sid if account is not None else "",
                product_name=EVENT_STREAMS if alert.code in OWN_CODES else MESSAGING,
            )
            self._tell(others.logged(entry), alert.account_sid, ends, alone=alone)

    # Telling it

    def _id(self, name: str, key: str) -> str:
        return mint(EVENT, self._dice.of("stream-event", f"{name}/{key}"))

    def _tell(
        self,
        event: Event,
        account_sid: str,
        ends: Ends,
        message_sid: str = "",
        *,
        alone: bool = False,
    ) -> None:
        """Put it into the list of all events, and deliver it."""
        latest = max(version for _, version in ends)
        streamed = Streamed(event, account_sid, latest, message_sid)
        self._events.tell(event.type, streamed, event.at)
        self._posts.take(event, ends, message_sid, alone=alone)
