"""What a server saw while a command ran, out of its control API."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from mockserver.handles.connection import ControlClient
from mockserver.handles.records import ApiCall, Callback, Message, read

R = TypeVar("R")

MOST: Final = 10_000
"""Entries of a kind that are looked at, the latest; as many as a journal holds."""

IGNORED: Final = "of this call and was ignored"
"""How a warning ends that names a parameter, or a field of a JSON body, which Twilio does not know;
a hint may follow."""

DELETED: Final = ("api.v2010.DeleteMessage", 204)
"""Operation and status of a call that took a message away."""

LOOK: Final = 0.05
"""Seconds between two looks at the clock."""

LONG: Final = 20
"""Looks after which somebody may wonder what is waited for: a second."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How the sandbox's time passes, and what it holds yet."""

    mode: str = ""
    now: str = ""
    pending: int = 0
    """Steps of messages, retries and appointments that are booked."""
    next: str | None = None
    idle: bool = True
    """Whether nothing but appointments is due, and no webhook is under way."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened, oldest first."""

    messages: Sequence[Message] = ()
    calls: Sequence[ApiCall] = ()
    callbacks: Sequence[Callback] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    """How many of `messages`, `requests` and `callbacks` there were; more than are here, maybe."""
    clock: Clock = Clock()
    elsewhere: int = 0
    """Messages in other sandboxes."""

    @property
    def statuses(self) -> Mapping[str, int]:
        """How many messages stand where, the commonest first."""
        return dict(Counter(each.status for each in self.messages).most_common())

    @property
    def deleted(self) -> int:
        """How many messages the program took away again; they are not among `messages`."""
        return sum((each.operation, each.response.status) == DELETED for each in self.calls)

    @property
    def undelivered(self) -> Sequence[Callback]:
        """Of each webhook that nobody took in the end, the last attempt."""
        last = {each.idempotency_token or each.id: each for each in self.callbacks}
        return [each for each in last.values() if not _taken(each)]

    @property
    def unknown(self) -> Sequence[tuple[ApiCall, str]]:
        """Calls with a parameter that Twilio does not know, and what was said of it."""
        return [(call, said) for call in self.calls for said in call.warnings if IGNORED in said]

    @property
    def unserved(self) -> Sequence[ApiCall]:
        """Calls of Twilio's operations that this mock does not have."""
        return [each for each in self.calls if not each.served]

    @property
    def refused(self) -> Sequence[ApiCall]:
        """Calls that it has, and that were not answered as the program wished."""
        return [each for each in self.calls if each.served and each.response.status >= 400]


def _taken(attempt: Callback) -> bool:
    return attempt.error is None and 200 <= (attempt.response_status or 0) < 300


def wait(
    control: ControlClient, seconds: float, excuse: Callable[[], object] = lambda: None
) -> Clock:
    """Let what is under way come to its end, for so many seconds of wall time at most.

    A clock that is moved by hand is not moved. `excuse` is called once if it takes long.
    """
    clock = look(control)
    for turn in range(round(seconds / LOOK)):
        if clock.idle or clock.mode == "manual":
            break
        if turn == LONG:
            excuse()
        threading.Event().wait(LOOK)
        clock = look(control)
    return clock


def look(control: ControlClient) -> Clock:
    """The clock as it is."""
    return read(Clock, control.call("GET", "/clock"))


def gather(control: ControlClient, clock: Clock, sandbox: str = "default") -> Seen:
    """All that the sandbox saw which `control` is for; raises `ServerGone`."""
    found = {what: _listed(control, what) for what in ("messages", "requests", "callbacks")}
    others = ControlClient(control.pool).call("GET", "/sandboxes")["sandboxes"]
    return Seen(
        _records(Message, found["messages"][0]),
        _records(ApiCall, found["requests"][0]),
        _records(Callback, found["callbacks"][0]),
        {what: total for what, (_, total) in found.items()},
        clock,
        sum(each["messages"] for each in others if each["id"] != sandbox),
    )


def _listed(control: ControlClient, what: str) -> tuple[Sequence[Mapping[str, Any]], int]:
    query = {"order": "desc", "limit": MOST}
    document = control.call("GET", f"/{what}", query=query)
    return document[what][::-1], document["total"]


def _records(record: type[R], documents: Iterable[Mapping[str, Any]]) -> list[R]:
    return [read(record, each) for each in documents]
