"""What a server saw while a command ran, in all of its sandboxes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.handles.records import ApiCall, Callback, Message
from mockserver.world.journal import NOT_POSTED

DEFAULT: Final = "default"
"""The sandbox that is always there."""

IGNORED: Final = "of this call and was ignored"
"""How a warning ends that names a parameter, or a field of a JSON body, which Twilio does not know;
a hint may follow."""

DELETED: Final = ("api.v2010.DeleteMessage", 204)
"""Operation and status of a call that took a message away."""


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
    """What happened, oldest first; one sandbox behind the other, those that are gone first.

    In an entry's `raw` is its `sandbox`, and of one that is gone its `life`.
    """

    messages: Sequence[Message] = ()
    calls: Sequence[ApiCall] = ()
    callbacks: Sequence[Callback] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    """How many of `messages`, `requests` and `callbacks` there were; more than are here, maybe."""
    clock: Clock = Clock()
    """That of the sandbox `default`."""
    others: Mapping[str, Clock] = field(default_factory=dict)
    """Those of the other sandboxes that live, by their ids."""
    gone: int = 0
    """How many sandboxes were dropped or reset of which there was something to tell."""
    unshown: Mapping[str, int] = field(default_factory=dict)
    """How many messages of these, which are not among `messages`, stood where."""

    @property
    def statuses(self) -> Mapping[str, int]:
        """How many messages stand where, the commonest first."""
        counts = Counter(each.status for each in self.messages) + Counter(self.unshown)
        return dict(counts.most_common())

    @property
    def deleted(self) -> int:
        """How many messages the program took away again; they are not among `messages`."""
        return sum((each.operation, each.response.status) == DELETED for each in self.calls)

    @property
    def undelivered(self) -> Sequence[Callback]:
        """Of each webhook that nobody took in the end, the last attempt.

        But for what weather lost: nobody could have taken it.
        """
        last = {_token(each): each for each in self.callbacks}
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


def _token(attempt: Callback) -> tuple[object, ...]:
    """Sandboxes with one seed have the same tokens."""
    of = attempt.raw.get
    return of("sandbox"), of("life"), attempt.idempotency_token or attempt.id


def _taken(attempt: Callback) -> bool:
    lost = bool(attempt.weather) and (attempt.error or "").startswith(NOT_POSTED)
    return lost or (attempt.error is None and 200 <= (attempt.response_status or 0) < 300)
