"""Which places the messages of a snapshot take."""

from collections.abc import Iterable, Iterator, Set
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from mockserver.domain.bulk.statuses import OF_CLASSIC
from mockserver.domain.message import STEP
from mockserver.domain.sids import is_sid
from mockserver.world.audiences.keeping import loaded as loaded_stores
from mockserver.world.bulk.attempts import OVER, OWN
from mockserver.world.leaves import Leaves
from mockserver.world.pieces import marked
from mockserver.world.snapshot_form import KeptMessage, Snapshot

if TYPE_CHECKING:  # loaded with the first operation
    from mockserver.world.bulk.operation import Operation


class Laid:
    """Rows, what was deleted, and what is in columns of operations."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._operations: dict[str, Operation] = {}
        """By what their SIDs begin with."""
        self._rows = Leaves[int]()
        """Places by SID."""
        for row in snapshot.messages:
            sid = row.message.sid
            self._rows[sid[-1:]][sid] = row.message.ordinal

    def has(self, sid: str) -> bool:
        """Whether there is a message with a SID; after `complaints`."""
        return sid in self._rows[sid[-1:]] or (is_sid(sid, "SM", "MM") and self._is_shelved(sid))

    def complaints(self, names: Set[str]) -> Iterable[str]:
        """What is wrong with operations, then with the places of all messages."""
        if self._snapshot.operations:
            yield from self._misoperated(names)
        gone, rows = self._snapshot.gone, self._snapshot.messages
        count = len(rows) + len(gone) + sum(1 for _ in self._shelved())
        every = marked(chain(self._ordinals(), gone.values(), self._shelved()), count)
        if every is None or any(after <= before for before, after in pairwise(self._ordinals())):
            yield "the ordinals of messages and `gone` must be 0, 1, 2, … with each one in order"
        if not all(is_sid(sid, "SM", "MM") for sid in gone):
            yield "gone must hold SIDs of messages"
        different = sum(map(len, self._rows.values()))
        if different < len(rows) or any(sid in self._rows[sid[-1:]] for sid in gone):
            yield "a message's SID is there twice"
        yield from self._misclaimed()

    def _ordinals(self) -> Iterator[int]:
        """Those of the rows."""
        return (row.message.ordinal for row in self._snapshot.messages)

    def crumble(self) -> None:
        """Forget the rows leaf by leaf: all at once would hold everybody up."""
        while self._rows:
            self._rows.popitem()

    def _misoperated(self, names: Set[str]) -> Iterable[str]:
        from mockserver.world.bulk.keeping import Unbuildable
        from mockserver.world.bulk.keeping_checks import gate, sound

        by, first, ids = gate(), 0, set[str]()
        stores = loaded_stores(self._snapshot.stores, {})
        for place, kept in enumerate(self._snapshot.operations):
            owners = {kept.account_sid, *(sender.account_sid for sender in kept.senders)}
            if kept.template is not None:
                owners.add(kept.template.account_sid)
            if not owners <= names or kept.id in ids:
                yield f"operations[{place}]: it is there twice, or its account is not"
            try:
                operation = sound(kept, first, place, {}, by, stores)
            except Unbuildable as wrong:
                yield f"operations[{place}]: {wrong}"
                return
            first += operation.count
            ids.add(kept.id)
            if self._operations.setdefault(operation.ids.head, operation) is not operation:
                yield f"operations[{place}]: its SIDs begin as another one's do"

    def _shelved(self) -> Iterable[int]:
        """Places of what is in columns alone."""
        for operation in self._operations.values():
            attempts = operation.attempts
            for ordinal, taken in zip(attempts.ordinal, attempts.taken, strict=True):
                if taken < OWN:
                    yield ordinal

    def _is_shelved(self, sid: str) -> bool:
        operation = self._operations.get(sid[2:18])
        if operation is None:
            return False
        number, attempts = operation.ids.number(sid), operation.attempts
        here = number < len(attempts) and attempts.taken[number] < OWN
        return here and operation.sid(number) == sid

    def _misclaimed(self) -> Iterable[str]:
        """Where rows and columns say different things of the attempts that are in both."""
        both = {
            operation.sid(number): (operation, number)
            for operation in self._operations.values()
            for number, taken in enumerate(operation.attempts.taken)
            if taken >= OWN
        }
        rows, gone = self._rows, self._snapshot.gone
        for sid, (operation, number) in both.items():
            place = rows[sid[-1:]].get(sid, gone.get(sid))
            if place != operation.attempts.ordinal[number]:
                yield f"{operation.id}: its attempt {number} is at another place, or nowhere"
        if any(map(self._is_shelved, chain(gone, *rows.values()))):
            yield "a message is in a row, and in an operation's columns"
        for place, row in enumerate(self._snapshot.messages):
            if row.message.operation_id and not _is_attempt(row, both.get(row.message.sid)):
                yield f"messages[{place}] is no attempt of its operation"


def _is_attempt(row: KeptMessage, found: "tuple[Operation, int] | None") -> bool:
    if found is None:
        return False
    operation, number = found
    return (
        row.message.operation_id == operation.id
        and row.message.account_sid == operation.account_sid
        and (operation.attempts.taken[number] == OVER) == (not row.delivery.steps)
        and all(status in OF_CLASSIC for status in row.delivery.timeline[::STEP])
        and all(status in OF_CLASSIC for status in row.delivery.steps[::STEP])
    )
