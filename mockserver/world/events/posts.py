"""How events leave a sandbox: gathered, signed, posted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.events.batches import Batch
from mockserver.domain.events.envelope import Event, encoded
from mockserver.domain.events.sinks import ACTIVE, WEBHOOK, Sink
from mockserver.world.accounts import Accounts
from mockserver.world.clock import Clock
from mockserver.world.dice import Dice
from mockserver.world.events.delivery import Dispatch, SinkPostman, SinkQueues, dispatch_of
from mockserver.world.events.gathering import Gathering
from mockserver.world.memory import Gathered
from mockserver.world.outbox import Outbox
from mockserver.world.ports import Posting
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables

if TYPE_CHECKING:  # loaded with the first weather rule
    from mockserver.world.weather.marking import Marking

TESTED: Final = 1
"""The version of a test event."""

LONG_AGO: Final = 0
"""So long that there is no time for another try."""

Ends = tuple[tuple[str, int], ...]
"""The SIDs of sinks, and the versions of a schema that they get."""


class Posts:
    """Those of one sandbox. Its outbox waits for them as for callbacks."""

    def __init__(
        self,
        tables: Tables,
        accounts: Accounts,
        dice: Dice,
        rules: Rulebook,
        outbox: Outbox,
        clock: Clock,
        postman: SinkPostman,
        marking: "Callable[[], Marking]",
    ) -> None:
        """`marking` is what weather does to webhooks, asked for where there is any."""
        self._marking = marking
        self._tables, self._accounts, self._dice, self._rules = tables, accounts, dice, rules
        self._outbox, self._postman, self._clock = outbox, postman, clock
        self._gathering = Gathering(clock, outbox, self._send)
        self._queues = SinkQueues(clock, postman, tables.sinks.__contains__, outbox.tell)
        self._queues.memory = outbox.queues.memory
        outbox.poster = self

    def take(self, event: Event, ends: Ends, message_sid: str = "", *, alone: bool = False) -> None:
        """Deliver an event to those who are webhooks, each in its version."""
        for sid, version in ends:
            sink = self._tables.sinks.get(sid)
            if sink is not None and sink.type == WEBHOOK and sink.status == ACTIVE:
                add = self._gathering.add_alone if alone else self._gathering.add
                add(sink, encoded(event, version), event.at, message_sid)

    def gather_again(self, gathered: Gathered) -> None:
        """One that was kept while it waited."""
        if (sink := self._tables.sinks.get(gathered.sink_sid)) is not None:
            add = self._gathering.add_alone if gathered.alone else self._gathering.add
            add(sink, gathered.event, gathered.at, gathered.message_sid)

    def try_out(self, sink: Sink, event: Event) -> None:
        """Deliver a test event, which waits for no others; whatever the sink's status."""
        if sink.type == WEBHOOK:
            self._gathering.add_alone(sink, encoded(event, TESTED), event.at)

    def repeat(self, posting: Posting) -> None:
        """Post once more what was posted before."""
        parcel, due, attempt = posting.parcel, posting.due, posting.attempt
        self._post(Dispatch(parcel, due=due, attempt=attempt, first_at=LONG_AGO))

    def resume(self, dispatch: Dispatch) -> None:
        """Go on with one that was kept; what waited for its time does again."""
        if self._postman.accept(dispatch):
            self._queues.resume(dispatch)

    @property
    def under_way(self) -> str:
        """What is, in words; "" for nothing."""
        batches = self._gathering.count + len(self._queues.under_way)
        return f"{batches} posts of events" if batches else ""

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""
        self._gathering.stop()
        self._queues.stop()

    def _send(self, sink: Sink, batch: Batch, due: int) -> None:
        account = self._accounts.find(sink.account_sid) or Account(sink.account_sid)
        token = self._dice.uuid("event-post", f"{sink.sid}/{_first(batch)}")
        array = self._rules.options.events_always_array
        in_a_row = self._clock.mode.name == "instant"
        self._post(dispatch_of(sink, batch, due, account, token, array=array, in_a_row=in_a_row))

    def _post(self, dispatch: Dispatch) -> None:
        if self._rules.weather and dispatch.attempt == 1:
            dispatch, _ = self._marking().asked(dispatch)
        if self._postman.accept(dispatch):
            self._queues.post(dispatch)


class _Data(msgspec.Struct):
    test_id: str = ""


class _Named(msgspec.Struct):
    id: str
    data: _Data


def _first(batch: Batch) -> str:
    """What the first event of a batch is called, and no other batch's to the same sink.

    Test events are all called after the account.
    """
    event = msgspec.json.decode(batch.events[0], type=_Named)
    return event.data.test_id or event.id
