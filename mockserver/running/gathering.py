"""What a server saw, out of its control API: all sandboxes that live, and those that are gone."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from mockserver.handles.connection import ControlClient, Pool
from mockserver.handles.errors import ControlError
from mockserver.handles.records import ApiCall, Callback, Message, read
from mockserver.running.seen import DEFAULT, Clock, Seen

R = TypeVar("R")

MOST: Final = 10_000
"""Entries of a kind and of a sandbox that are looked at, the latest; as many as a journal holds."""

LOOK: Final = 0.05
"""Seconds between two looks at the clocks."""

LONG: Final = 20
"""Looks after which somebody may wonder what is waited for: a second."""

KINDS: Final = ("messages", "requests", "callbacks")

Clocks = Mapping[str, Clock]
"""By the ids of their sandboxes, the oldest first."""

Document = dict[str, Any]


def wait(pool: Pool, seconds: float, excuse: Callable[[], object] = lambda: None) -> Clocks:
    """Let what is under way come to its end, for so many seconds of wall time at most.

    A clock that is moved by hand is not moved. `excuse` is called once if it takes long.
    """
    clocks = look(pool)
    for turn in range(round(seconds / LOOK)):
        busy = [each for each, clock in clocks.items() if _goes_on(clock)]
        if not busy:
            break
        if turn == LONG:
            excuse()
        threading.Event().wait(LOOK)
        clocks = _looked_again(pool, clocks, busy)
    return clocks


def _goes_on(clock: Clock) -> bool:
    return not clock.idle and clock.mode != "manual"


def look(pool: Pool) -> Clocks:
    """The clocks as they are."""
    living = ControlClient(pool).call("GET", "/sandboxes")["sandboxes"]
    return _looked_again(pool, {}, [each["id"] for each in living])


def _looked_again(pool: Pool, clocks: Clocks, wanted: Iterable[str]) -> Clocks:
    """Some of them once more; a sandbox that has idled too long is gone."""
    found = dict(clocks)
    for sandbox in wanted:
        found.pop(sandbox, None)
        try:
            found[sandbox] = read(Clock, ControlClient(pool, sandbox).call("GET", "/clock"))
        except ControlError as refused:
            if refused.status != GONE:
                raise
    return found


GONE: Final = 404
"""Status where there is no such sandbox."""


def gather(pool: Pool, clocks: Clocks) -> Seen:
    """All that the server saw; raises `ServerGone`."""
    order = sorted(clocks, key=lambda sandbox: sandbox == DEFAULT)
    pages = [page for page in (_page(pool, sandbox) for sandbox in order) if page]
    before = ControlClient(pool).call("GET", "/dropped")
    entries = {what: [*_of_those_gone(before[what])] for what in KINDS}
    shown = Counter(each["status"] for each in entries["messages"])
    for page in pages:
        for what in KINDS:
            entries[what] += page[what][0]
    return Seen(
        _records(Message, entries["messages"]),
        _records(ApiCall, entries["requests"]),
        _records(Callback, entries["callbacks"]),
        {what: before["totals"].get(what, 0) + sum(p[what][1] for p in pages) for what in KINDS},
        clocks.get(DEFAULT, Clock()),
        {sandbox: clock for sandbox, clock in clocks.items() if sandbox != DEFAULT},
        before["lives"],
        Counter(before["statuses"]) - shown,
    )


def _of_those_gone(kept: Iterable[Document]) -> Iterator[Document]:
    for each in kept:
        yield {**each["entry"], "sandbox": each["sandbox"], "life": each["life"]}


def _page(pool: Pool, sandbox: str) -> Mapping[str, tuple[Sequence[Document], int]]:
    """The latest entries of each kind, oldest first, and how many there are; {} if it is gone."""
    control = ControlClient(pool, sandbox)
    query = {"order": "desc", "limit": MOST}
    try:
        found = {what: control.call("GET", f"/{what}", query=query) for what in KINDS}
    except ControlError as refused:
        if refused.status != GONE:
            raise
        return {}
    return {
        what: ([{**each, "sandbox": sandbox} for each in page[what][::-1]], page["total"])
        for what, page in found.items()
    }


def _records(record: type[R], documents: Iterable[Document]) -> list[R]:
    return [read(record, each) for each in documents]
