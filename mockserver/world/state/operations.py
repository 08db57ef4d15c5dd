"""Operations on their way into the file, and out of it.

What was accepted is written once; the columns of what becomes of it in parts, of which only those
that changed are written. Of a large operation that is worked off in thousands of slices, not every
slice is: what is written stays behind by a twentieth of the time, at most, and an operation that
comes back does again what it had done since. That is the same: fates, SIDs and tokens hang on the
operation and the recipient alone. Attempts that are ordinary messages do not wait for that.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.world.audiences.keeping import KeptAudience
from mockserver.world.audiences.stores import Store
from mockserver.world.bulk.attempts import OWN, Course
from mockserver.world.bulk.keeping import (
    KeptAttempts,
    KeptOperation,
    KeptRun,
    build,
    in_their_order,
    keep,
    packed,
    unpacked,
)
from mockserver.world.bulk.operation import Operation
from mockserver.world.clock import TICK, stopwatch
from mockserver.world.state.audiences import Audiences, Put, Records
from mockserver.world.state.columns import Column
from mockserver.world.state.pages import Page

ORDERS: Final = "operation_orders"
HEADS: Final = "operation_heads"
COLUMNS: Final = "operation_columns"
RUNS: Final = "operation_runs"
"""What pages are called; of columns and runs, with the operation's id behind it."""

LAG: Final = 20
"""How many times as long as writing it takes nobody writes a large operation again."""

SMALL: Final = 10_000
"""Recipients, at most, of one that is written whenever it changed: in a tenth of a millisecond."""

ORDERED: Final = 1_000
"""Attempts under way, at most, whose order is kept; of more, it is that of their times."""

FIXED: Final = ("place", "ordinal", "way", "end", "segments", "made")
"""Columns of attempts that never change but at their end."""

MOVING: Final = ("course", "start", "taken")
"""Those that do; the first two where an account is suspended."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Head(msgspec.Struct, frozen=True):
    """How far an operation has come, beside its columns."""

    status: str
    updated_at: int
    courses: list[Course]
    runs: list[KeptRun]
    """Without places; those stand apart."""
    placed: list[int]
    """Runs that have places."""
    under_way: bytes | None = None
    """As in a snapshot; nothing where there are many."""


class Written:
    """What the file has of an operation."""

    def __init__(self) -> None:
        self.head = b""
        self.status = ""
        self.runs: set[int] = set()
        """Those whose places it has."""
        self.columns = {
            **{name: Column(grows=True) for name in FIXED},
            **{name: Column(grows=False) for name in (*MOVING, "states")},
        }
        self.again = 0.0
        """Not to be written before then, on the stopwatch."""

    def is_due(self, operation: Operation, now: float) -> bool:
        """Whether it was written long enough ago; what somebody decided cannot wait."""
        small = operation.count <= SMALL
        return small or now >= self.again or self.status != operation.status


class Returning(msgspec.Struct, frozen=True):
    """An operation that comes back."""

    kept: KeptOperation
    """As in a snapshot."""
    ordered: bool
    """Whether it knows the order in which its attempts take their steps."""

    def build(self, first: int, number: int, stores: Sequence[Store]) -> Operation:
        """As in `world/bulk/keeping.py`."""
        return build(self.kept, first, number, {}, stores)

    def under_way(self, operation: Operation) -> "array[int]":
        """Its attempts that have steps to take."""
        return unpacked("I", self.kept.under_way) if self.ordered else under_way(operation)


class Operations:
    """Those of one sandbox."""

    def __init__(self, page: Page, audiences: Audiences, put: Put) -> None:
        self._page, self._audiences, self._put = page, audiences, put
        self._known: dict[str, Written] = {}
        self._waiting: dict[str, None] = {}
        """Those that changed, and are not written yet."""

    @property
    def waiting(self) -> bool:
        """Whether some are still to be written."""
        return bool(self._waiting)

    def read_off(self, urgent: Iterable[str], *, at_once: bool = False) -> None:
        """Write what changed; the `urgent` ones, by id, in any case, and all of them `at_once`."""
        self._waiting |= dict.fromkeys(change.key for change in self._page.changes())
        self._waiting |= dict.fromkeys(urgent)
        now, hurried = stopwatch(), set(urgent)
        for id_ in tuple(self._waiting):
            operation: Operation = self._page[id_]
            known = self._known.get(id_)
            if known is None:
                known = self._accept(operation)
            elif not (at_once or id_ in hurried or known.is_due(operation, now)):
                continue
            del self._waiting[id_]
            self._write(operation, known)
            known.again = stopwatch() + LAG * (stopwatch() - now)

    def _accept(self, operation: Operation) -> Written:
        """Write what was accepted."""
        known = self._known[operation.id] = Written()
        kept = keep(operation, {}, self._audiences)
        bare = replace(kept, states=b"", attempts=KeptAttempts(), under_way=b"", runs=[])
        self._put(ORDERS, operation.id, _encode(bare))
        return known

    def _write(self, operation: Operation, known: Written) -> None:
        attempts, page = operation.attempts, f"{COLUMNS}/{operation.id}"
        for name, column in known.columns.items():
            content = operation.states if name == "states" else getattr(attempts, name)
            for key, part in column.changes(content):
                self._put(page, f"{name} {key}", part)
        known.status = operation.status
        self._write_runs(operation, known)
        head = _encode(_head(operation))
        if head != known.head:
            known.head = head
            self._put(HEADS, operation.id, head)

    def _write_runs(self, operation: Operation, known: Written) -> None:
        page = f"{RUNS}/{operation.id}"
        for at in known.runs - operation.runs.keys():
            known.runs.discard(at)
            self._put(page, str(at), None)
        for at, run in operation.runs.items():
            if run.places is not None and at not in known.runs:
                known.runs.add(at)
                self._put(page, str(at), packed(run.places))

    # Coming back

    def come_back(self, records: Records) -> Iterator[Returning]:
        """Those of the file, in order."""
        heads, places = dict(records.of(HEADS, Head)), self._audiences.places()
        for id_, order in records.of(ORDERS, KeptOperation):
            yield _returning(order, heads[id_], records, places)

    def know(self) -> None:
        """The file has them all as they are."""
        for id_, operation in self._page.items():
            known = self._known[id_] = Written()
            put, self._put = self._put, _nowhere
            self._write(operation, known)
            self._put = put
        for _ in self._page.changes():
            """No change."""


def under_way(operation: Operation) -> "array[int]":
    """Attempts that have steps to take, by the tick of the next one; ordinary messages last."""
    attempts = operation.attempts
    moments = ((attempts.next_at(number), number) for number in range(len(attempts)))
    found = sorted((-(-at // TICK), number) for at, number in moments if at is not None)
    own = (number for number, taken in enumerate(attempts.taken) if taken == OWN)
    return array("I", (*(number for _, number in found), *own))


def _head(operation: Operation) -> Head:
    runs = operation.runs
    few = sum(map(len, operation.due.values())) <= ORDERED
    return Head(
        operation.status,
        operation.updated_at,
        operation.attempts.courses,
        [KeptRun(at, begun=run.begun) for at, run in runs.items()],
        [at for at, run in runs.items() if run.places is not None],
        packed(in_their_order(operation)) if few else None,
    )


def _returning(
    order: KeptOperation, head: Head, records: Records, places: Mapping[int, int]
) -> Returning:
    """`places` are those of stores in a list, by their numbers in the file."""
    id_, columns = order.id, records.columns(f"{COLUMNS}/{order.id}")
    runs = records.raw(f"{RUNS}/{id_}")
    attempts = {name: columns.get(name, b"") for name in (*FIXED, *MOVING)}
    kept = replace(
        order,
        status=head.status,
        updated_at=head.updated_at,
        states=columns.get("states", b""),
        audience=_moved(order.audience, places),
        attempts=KeptAttempts(**attempts, courses=head.courses),
        under_way=head.under_way or b"",
        runs=[
            replace(run, places=runs[str(run.at)] if run.at in head.placed else None)
            for run in head.runs
        ],
    )
    return Returning(kept, head.under_way is not None)


def _moved(audience: KeptAudience, places: Mapping[int, int]) -> KeptAudience:
    stores = {id_: places[number] for id_, number in audience.stores.items()}
    cohorts = {
        id_: replace(crowd, store=places[crowd.store]) for id_, crowd in audience.cohorts.items()
    }
    return KeptAudience(stores, cohorts)


def _nowhere(page: str, key: str, content: bytes | None) -> None:
    """It is there already."""
