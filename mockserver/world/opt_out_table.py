"""Who has stopped whom, by recipient: most recipients of a create have stopped nobody."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from mockserver.world.paper import Paper, loose

if TYPE_CHECKING:
    from mockserver.domain.numbers import OptOut


class Writes(Protocol):
    """The unit of writes, which takes rows."""

    def put(self, table: str, key: str, record: object) -> None: ...


class OptOutTable:
    """One record for each pair of a sender (a number or a service) and a recipient."""

    __slots__ = ("_by_recipient", "_records")

    def __init__(self, paper: Paper = loose) -> None:
        self._records: dict[str, OptOut] = paper("opt_outs")
        self._by_recipient: dict[str, dict[str, OptOut]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> "Iterator[OptOut]":
        """Oldest first."""
        return iter(tuple(self._records.values()))

    def copied(self) -> "OptOutTable":
        """As it is now, for a snapshot: without the index."""
        copy = OptOutTable()
        copy._records = dict(self._records)
        return copy

    def of(self, to: str) -> "tuple[OptOut, ...]":
        """A recipient's, whether it is named with `rcs:` or without."""
        if not self._by_recipient:
            return ()  # asked for every message
        found = self._by_recipient.get(to.removeprefix("rcs:"))
        return tuple(found.values()) if found else ()

    def add(self, out: "OptOut", unit: Writes) -> "OptOut":
        """Keep it, and give back what is kept: where there is one already, that one stays."""
        if (present := self._records.get(out.key)) is not None:
            return present
        self._records[out.key] = out
        self._by_recipient.setdefault(_recipient(out), {})[out.key] = out
        unit.put("opt_outs", out.key, out)
        return out

    def remove(self, out: "OptOut", unit: Writes) -> None:
        """Forget it; raise `KeyError` for one that is not there."""
        del self._records[out.key]
        others = self._by_recipient[_recipient(out)]
        del others[out.key]
        if not others:
            del self._by_recipient[_recipient(out)]
        unit.put("opt_outs", out.key, None)


def _recipient(out: "OptOut") -> str:
    return out.to.removeprefix("rcs:")
