"""What to post to the user's application, when, and when to try again.

A status change makes a `Posting`; the outbox posts it through the `Courier`: in order for each
message, side by side for different ones, and never before the response that made the message was
written and the grace has passed. A retry is booked on the sandbox's clock.
"""

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.message import Message
from mockserver.domain.overrides import Overrides, retryable
from mockserver.domain.overrides import parse as parse_overrides
from mockserver.domain.sids import mint
from mockserver.domain.signature import sign
from mockserver.world.clock import Clock, stopwatch
from mockserver.world.dice import Dice
from mockserver.world.journal import Alert, CallbackEntry, Journal
from mockserver.world.ports import Answer, Courier, Limits, Parcel, Posting, Unreachable

SLOTS: Final = 64
"""Callbacks of one sandbox that may be under way at once; ours."""

RETRY_DELAY: Final = 1_000_000
"""Microseconds between two attempts. Ours: Twilio publishes none."""

API_VERSION: Final = "2010-04-01"


def status_params(message: Message, status: str, at: int, code: int) -> list[tuple[str, str]]:
    """The form of a status callback, in Twilio's order. Source: captured callbacks, 2023."""
    params = []
    if status in ("delivered", "undelivered"):
        params.append(("RawDlrDoneDate", _receipt_date(at)))
    if code:
        params.append(("ErrorCode", str(code)))
    params += [
        ("SmsSid", message.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", message.to),
    ]
    if message.messaging_service_sid:
        params.append(("MessagingServiceSid", message.messaging_service_sid))
    params += [
        ("MessageSid", message.sid),
        ("AccountSid", message.account_sid),
        ("From", message.from_),
        ("ApiVersion", API_VERSION),
    ]
    return params


def status_posting(
    message: Message, account: Account, dice: Dice, status: str, at: int, code: int
) -> Posting:
    """The signed callback that announces a message's status."""
    params = tuple(status_params(message, status, at, code))
    parcel = Parcel(
        kind="status",
        url=message.status_callback,
        method="POST",
        params=params,
        signature=sign(message.status_callback, params, account.signing_token),
        idempotency_token=dice.uuid("idempotency", f"{message.sid}/{status}"),
        account_sid=message.account_sid,
        message_sid=message.sid,
    )
    return Posting(parcel, due=at, status=status)


class Outcome(msgspec.Struct, frozen=True):
    """How one attempt ended."""

    answer: Answer
    error: str = ""
    retry: bool = False


class Outbox:
    """One sandbox's callbacks on their way out."""

    def __init__(
        self, clock: Clock, courier: Courier, dice: Dice, journal: Journal, grace: float
    ) -> None:
        self._clock, self._courier, self._dice, self._journal = clock, courier, dice, journal
        self._grace = grace
        self._slots = asyncio.Semaphore(SLOTS)
        self._chains: dict[str, deque[Posting]] = {}
        """What waits to be posted, by message; a chain with a task stays until it is empty."""
        self._held: set[str] = set()
        """Messages whose create response is not written yet."""
        self._retries: dict[str, Posting] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchers: list[asyncio.Future[None]] = []

    def hold(self, sid: str) -> None:
        """Keep a message's callbacks back until `release`."""
        self._held.add(sid)

    def release(self, sid: str) -> None:
        """The response that made the message is written; its callbacks may go after the grace."""
        if sid not in self._held:
            return
        if self._grace and self._clock.mode.name != "manual":
            asyncio.get_running_loop().call_later(self._grace, self._open, sid)
        else:
            self._open(sid)

    def post(self, posting: Posting) -> None:
        """Post it as soon as those before it, of the same message, are done."""
        key = posting.parcel.message_sid or posting.parcel.idempotency_token
        if (chain := self._chains.get(key)) is not None:
            chain.append(posting)
            return
        self._chains[key] = deque((posting,))
        if key not in self._held:
            self._start(key)

    async def drained(self) -> None:
        """Return once nothing is held, waiting or under way."""
        if self._chains or self._held:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher

    @property
    def busy(self) -> str:
        """What is still under way, in words."""
        return f"callbacks of {len(self._chains)} messages, {len(self._held)} responses"

    @property
    def idle(self) -> bool:
        return not self._chains and not self._held

    def stop(self) -> None:
        """Give up whatever is under way."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()
        self._chains.clear()
        self._told()

    def _open(self, sid: str) -> None:
        self._held.discard(sid)
        if sid in self._chains:
            self._start(sid)
        else:
            self._told()

    def _start(self, key: str) -> None:
        task = asyncio.get_running_loop().create_task(self._post_chain(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post_chain(self, key: str) -> None:
        chain = self._chains[key]
        async with self._slots:
            while chain:
                await self._attempt(chain.popleft())
        self._chains.pop(key, None)
        self._told()

    def _told(self) -> None:
        if self._watchers and self.idle:
            watchers, self._watchers = self._watchers, []
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)

    async def _attempt(self, posting: Posting) -> None:
        overrides = parse_overrides(posting.parcel.url)
        started, at = stopwatch(), self._clock.now()
        outcome = await self._carry(posting.parcel, overrides)
        duration = stopwatch() - started
        self._record(posting, outcome, at, duration)
        spent = posting.spent + duration
        if outcome.retry and posting.attempt <= overrides.retries and spent < overrides.total:
            self._book_retry(replace(posting, attempt=posting.attempt + 1, spent=spent))

    async def _carry(self, parcel: Parcel, overrides: Overrides) -> Outcome:
        limits = Limits(overrides.connect, overrides.read, overrides.total)
        try:
            answer = await self._courier.deliver(parcel, limits)
        except Unreachable as failure:
            nobody = Answer(0, sent_headers=failure.sent_headers, error_code=failure.code)
            retry = failure.phase != "refused" and retryable(overrides, failure.phase)
            return Outcome(nobody, failure.reason, retry)
        if answer.error_code:
            reason = f"the webhook answered HTTP {answer.status}"
            return Outcome(answer, reason, retryable(overrides, answer.status))
        return Outcome(answer)

    def _book_retry(self, posting: Posting) -> None:
        """Counted from the attempt's own due time, so that wall time leaves no trace."""
        due = posting.due + RETRY_DELAY
        posting = replace(posting, due=due)
        key = f"{posting.parcel.idempotency_token}/{posting.attempt}"
        self._retries[key] = posting
        self._clock.book(max(due, self._clock.now()), self._retry, key)

    def _retry(self, key: str, at: int) -> None:
        self.post(self._retries.pop(key))

    def _record(self, posting: Posting, outcome: Outcome, at: int, duration: float) -> None:
        parcel, answer = posting.parcel, outcome.answer
        entry = CallbackEntry(
            id=self._journal.next_callback(),
            at=at,
            due=posting.due,
            url=parcel.url,
            method=parcel.method,
            params=list(parcel.params),
            headers=list(answer.sent_headers),
            signature=parcel.signature,
            response_status=answer.status,
            duration=duration,
            error=outcome.error,
            error_code=answer.error_code,
            attempt=posting.attempt,
            message_sid=parcel.message_sid,
            account_sid=parcel.account_sid,
            kind=parcel.kind,
            status=posting.status,
            idempotency_token=parcel.idempotency_token,
        )
        self._journal.record_callback(entry)
        if answer.error_code:
            key = f"{parcel.idempotency_token}/{posting.attempt}"
            sid = mint("NO", self._dice.of("alert", key))
            self._journal.alerts.append(
                Alert(sid, at, answer.error_code, outcome.error, parcel.message_sid, parcel.url)
            )


def _receipt_date(at: int) -> str:
    """`YYMMDDhhmm` of the carrier's receipt; UTC here, which carriers do not promise."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%y%m%d%H%M")
