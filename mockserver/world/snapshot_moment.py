"""A sandbox's tables as they are at one moment, copied at once: a few milliseconds.

Records never change, so what is copied is who is where; what does change (operations in columns,
how far a notification has come) is copied itself. A snapshot is made of the copy at leisure, beside
the loop, while the tables go on. Of messages, of which there may be a million, nothing is copied:
whoever changes one meanwhile keeps what it was (`world/still.py`).
"""

from collections.abc import Iterable
from copy import copy
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.faults import Scenario
from mockserver.world.snapshot import Snapshot, take
from mockserver.world.tables import MessageTable, Tables
from mockserver.world.weather.waiting import Late

PIECE: Final = 1_000
"""Records that are let go at once."""

if TYPE_CHECKING:  # loaded with the first operation
    from mockserver.world.audiences.stores import Cohort
    from mockserver.world.bulk.operation import Operation


def moment(tables: Tables) -> Tables:
    """The copy, of use to `snapshot.take` alone: it has no indexes.

    Its messages are to be let go with `Moments.go_on`.
    """
    fields = {name: _copied(getattr(tables, name)) for name in Tables.__struct_fields__}
    fields["deleted"] = {name: dict(places) for name, places in tables.deleted.items()}
    fields["operations"] = {id_: _stilled(each) for id_, each in tables.operations.items()}
    fields["cohorts"] = {id_: _closed(each) for id_, each in tables.cohorts.items()}
    return Tables(**fields)


def told(still: Tables, rules: Scenario, at: int, retries: Iterable[Late]) -> Snapshot:
    """What `snapshot.take` makes of a moment, whose messages then are let go a few at a time."""
    snapshot = take(still, rules, at, retries)
    while still.messages.shed(PIECE):
        pass
    return snapshot


def _copied(part: Any) -> Any:
    """A dictionary, set or list, a struct of these, or a table that copies itself."""
    for kind in (dict, set, list):
        if isinstance(part, kind):
            return kind(part)
    if isinstance(part, msgspec.Struct):
        return replace(part, **{name: _value(part, name) for name in part.__struct_fields__})
    return part.moments.stilled() if isinstance(part, MessageTable) else part.copied()


def _value(part: msgspec.Struct, name: str) -> Any:
    value = getattr(part, name)
    return _copied(value) if isinstance(value, dict | set | list) else value


def _stilled(operation: "Operation") -> "Operation":
    """What changes while it is worked off; the rest is as it was accepted.

    Other columns only grow, and are cut where `taken` ends by who reads them.
    """
    still, attempts = copy(operation), copy(operation.attempts)
    for name in ("course", "start", "taken"):
        setattr(attempts, name, getattr(attempts, name)[:])
    attempts.courses = list(attempts.courses)
    still.attempts, still.states = attempts, operation.states[:]
    still.due = {tick: numbers[:] for tick, numbers in operation.due.items()}
    still.runs = {at: copy(run) for at, run in operation.runs.items()}
    return still


def _closed(cohort: "Cohort") -> "Cohort":
    """Nobody joins it any more."""
    return cohort if cohort.places is None else replace(cohort, places=cohort.places[:])
