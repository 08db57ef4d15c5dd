"""Batches of events on their way to webhooks: signed, posted, tried again.

Of a sink that takes batches, one goes after the other; of one that takes single events, those of a
message do, and on the instant clock all: only their order tells there whether a sink was well
again in between. What was refused steps aside: the next try waits for the clock, and the others do
not wait for it. That is so but for the first few tries on the instant clock, which are made at
once, as those of status callbacks are.
"""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.events import retries
from mockserver.domain.events.batches import Batch, body
from mockserver.domain.events.retries import BRIEF, SOON, TIMED_OUT, TIMEOUT, UNDELIVERABLE
from mockserver.domain.events.sinks import Sink
from mockserver.domain.overrides import Overrides
from mockserver.domain.signature import sign_json, signed_url
from mockserver.world.callbacks import Attempt, Outcome, Postman, log
from mockserver.world.chains import Item
from mockserver.world.clock import Clock, stopwatch
from mockserver.world.dice import Dice
from mockserver.world.journal import Journal
from mockserver.world.ports import Courier, Parcel, Posting
from mockserver.world.queues import Queues
from mockserver.world.windows import Receiver

LIMITS: Final = Overrides(0, frozenset(), connect=TIMEOUT, read=TIMEOUT, total=TIMEOUT)
"""Of one try. A sink's address has no overrides of its own."""

MOST_WAITING: Final = 100_000
"""Events of one sink that may be on their way; what comes then is dropped. Ours."""

MOST_TOLD: Final = 100
"""Times that are remembered, of a sink: more than posts of before may be under way."""

IN_TIME: Final = frozenset({11201, 11203})
"""The alert codes of a webhook that did not answer, or was not there, in time."""


class Dispatch(Posting, frozen=True):
    """One try at a batch."""

    sink_sid: str = ""
    count: int = 1
    """Events."""
    first_at: int = 0
    """When the first try was due, in microseconds."""
    lost: float = 0.0
    """Seconds of wall time that earlier tries took."""


def dispatch_of(
    sink: Sink,
    batch: Batch,
    due: int,
    account: Account,
    token: str,
    *,
    array: bool,
    in_a_row: bool,
) -> Dispatch:
    """The first try at a batch, due at a time in microseconds; `token` is a UUID.

    `array`: also one event that goes alone is posted in an array. `in_a_row`: single events wait
    for each other, too.
    """
    batched = bool(sink.configuration["batch_events"])
    posted = body(batch, array=array or batched)
    destination = sink.configuration["destination"].partition("#")[0]
    url, signature = sign_json(destination, posted, account.signing_token)
    parcel = Parcel(
        kind="event",
        url=url,
        method=sink.configuration["method"],
        params=(),
        signature=signature,
        idempotency_token=token,
        account_sid=sink.account_sid,
        message_sid=batch.message_sid,
        body=posted,
    )
    alone = f"{sink.sid}/{batch.message_sid or token}"
    return Dispatch(
        parcel,
        due=due,
        chain=sink.sid if batched or in_a_row else alone,
        sink_sid=sink.sid,
        count=len(batch.events),
        first_at=due,
    )


class Standing(msgspec.Struct):
    """How one sink does."""

    since: int | None = None
    """When it began to fail, in microseconds; nothing while it does not."""
    told: set[int] = set()
    """The latest times for which the Debugger was told so; once for each, whoever comes late."""
    waiting: int = 0
    """Events on their way to it."""


class SinkPostman(Postman):
    """Makes one try at a batch, and writes it into the journal."""

    def __init__(
        self,
        clock: Clock,
        courier: Courier,
        dice: Dice,
        journal: Journal,
        kept: Callable[[], Awaitable[None]],
    ) -> None:
        """`kept` returns once nothing is on its way into the store."""
        super().__init__(clock, courier, dice, journal)
        self._kept = kept
        self._standings: dict[str, Standing] = {}
        """By sink."""

    async def make(self, posting: Posting) -> Attempt:
        """Post it once."""
        dispatch = of(posting)
        await self._kept()
        started, at = stopwatch(), max(self._clock.now(), posting.due)
        outcome = self._judged(await self._carry(posting, LIMITS))
        duration = stopwatch() - started
        again = self._next(dispatch, outcome, duration)
        entry = self._entry(posting, outcome, at, duration)
        self._journal.record_callback(entry)
        self._remember(dispatch, outcome, self.failed_at(dispatch))
        if again is None:
            self._standing(dispatch).waiting -= dispatch.count
        return Attempt(outcome, entry, again)

    def drop(self, posting: Posting, reason: str) -> None:
        """Write into the journal that it is not posted, and why."""
        super().drop(posting, reason)
        dispatch = of(posting)
        self._standing(dispatch).waiting -= dispatch.count

    def accept(self, dispatch: Dispatch) -> bool:
        """Whether there is room for more events of its sink; if not, that is written down."""
        standing = self._standing(dispatch)
        standing.waiting += dispatch.count
        if standing.waiting <= MOST_WAITING:
            return True
        waiting = f"{MOST_WAITING:,} events wait for {_where(dispatch)} already"
        self.drop(dispatch, f"not posted: {waiting}")
        return False

    def _standing(self, dispatch: Dispatch) -> Standing:
        return self._standings.setdefault(dispatch.sink_sid, Standing())

    def _judged(self, outcome: Outcome) -> Outcome:
        """Under the code that Event Streams has for it, and whether it is to be tried again."""
        if not outcome.error:
            return outcome
        answer = outcome.answer
        code, said = UNDELIVERABLE, outcome.error
        if answer.error_code in IN_TIME:
            code, said = TIMED_OUT, f"no answer within {TIMEOUT:g} s"
        refused = not answer.status and not outcome.strained  # by this server's own rules
        retry = not refused and retries.verdict(answer.status) == "again"
        return replace(outcome, answer=replace(answer, error_code=code), error=said, retry=retry)

    def _next(self, dispatch: Dispatch, outcome: Outcome, duration: float) -> Dispatch | None:
        """The next try, where there is to be one."""
        if not outcome.retry:
            return None
        frozen, tries = self._clock.mode.frozen, dispatch.attempt
        now = dispatch.due if frozen else self._clock.now()  # wall time leaves no trace
        key = f"{dispatch.parcel.idempotency_token}/{tries}"
        chance = self._dice.fraction("event-wait", key)
        due = retries.next_try(dispatch.first_at, now, tries, chance)
        if due is None:
            return None
        return replace(dispatch, due=due, attempt=tries + 1, lost=dispatch.lost + duration)

    def _remember(self, dispatch: Dispatch, outcome: Outcome, at: int) -> None:
        """Tell the log and the Debugger of a failure, not too often."""
        standing = self._standing(dispatch)
        if not outcome.error:
            # of posts of one moment any may be the first to be answered: it does not count as later
            if standing.since is not None and at > standing.since:
                standing.since = None
            return
        log.warning("events for %s: %s", _where(dispatch), outcome.error)
        standing.since = at if standing.since is None else standing.since
        told_at = retries.reminder(standing.since, at)
        if told_at not in standing.told:
            standing.told = {*sorted(standing.told)[-MOST_TOLD:], told_at}
            answer, sid = outcome.answer, dispatch.sink_sid
            told = replace(dispatch, due=told_at)
            self.alert(told, answer.error_code, outcome.error, answer, sid)


def of(posting: Posting) -> Dispatch:
    """What is posted here; raise `TypeError` for a callback."""
    if not isinstance(posting, Dispatch):
        raise TypeError(f"{posting.parcel.kind} callbacks are posted elsewhere")
    return posting


def _where(dispatch: Dispatch) -> str:
    """The address, without a password, and without what signs the body."""
    return signed_url(dispatch.parcel.url).partition("?")[0]


class SinkQueues(Queues):
    """The queues of a sandbox's events."""

    def __init__(
        self,
        clock: Clock,
        postman: SinkPostman,
        is_there: Callable[[str], bool],
        done: Callable[[], None],
    ) -> None:
        """`is_there` tells whether a sink is; where it is not, nothing is tried again."""
        super().__init__(clock, postman, frozenset(), done)
        self._is_there = is_there
        self._later: dict[str, Dispatch] = {}
        """Tries that wait for the clock."""
        self._numbers = count()

    def _again(self, key: str, again: Posting, receiver: Receiver) -> bool:
        """Have it go at once, or when its time has come; its chain does not wait for that."""
        dispatch, clock = of(again), self._clock
        soon = dispatch.attempt <= 1 + SOON and dispatch.lost < BRIEF
        if soon and clock.mode.name == "instant":
            return super()._again(key, again, receiver)
        self._wait(dispatch, soon=soon)
        return False

    def _wait(self, dispatch: Dispatch, *, soon: bool) -> None:
        clock, number = self._clock, str(next(self._numbers))
        self._later[number] = dispatch
        due = max(dispatch.due, clock.now())
        (clock.book if soon else clock.appoint)(due, self._return, number)

    def resume(self, item: Item) -> None:
        """Go on with one that was kept; what waited for its time does again."""
        dispatch = item if isinstance(item, Dispatch) else None
        if dispatch is None or dispatch.due <= self._clock.now():
            self.post(item)
            return
        if self.memory is not None:
            self.memory.keep(dispatch)
        self._wait(dispatch, soon=dispatch.attempt <= 1 + SOON and dispatch.lost < BRIEF)

    def _return(self, number: str, at: int) -> None:
        dispatch = self._later.pop(number, None)
        if dispatch is not None and self._is_there(dispatch.sink_sid):
            self.post(dispatch)

    def stop(self) -> None:
        """Give up whatever is under way, and take nothing more."""
        super().stop()
        self._later.clear()
