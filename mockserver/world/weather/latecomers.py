"""Callbacks that are held back: they wait for the sandbox's clock, as events under way, or for the
next callback of their message.

All of it is in a table, so it is in snapshots too, and comes back with a sandbox that was kept.
"""

from bisect import insort
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from mockserver.world.clock import Clock
from mockserver.world.ports import Posting
from mockserver.world.tables import Tables, Unit
from mockserver.world.weather.waiting import Copy, Late, Train


class Latecomers:
    """Those of one sandbox."""

    def __init__(self, tables: Tables, clock: Clock, unit: Callable[[], Unit]) -> None:
        """`unit` is what the tick under way writes."""
        self._table, self._clock, self._unit = tables.late, clock, unit
        self._last = 0
        self._waiting: dict[str, list[tuple[int, int]]] = {}
        """Times and numbers of what waits for the clock, by chain, in their order."""
        self._held: dict[str, str] = {}
        """The number of what waits for the next callback, by chain."""

    def resume(self, signed: Callable[[Copy], Copy]) -> None:
        """Have what is in the table wait again, oldest first, each with the signature it is due."""
        for number, late in self._table.items():
            self._table[number] = replace(late, train=tuple(map(signed, late.train)))
            self._last = max(self._last, int(number))
            self._put(number, late)

    def __contains__(self, chain: str) -> bool:
        return chain in self._waiting or chain in self._held

    def wait(self, chain: str, due: int, train: Train) -> None:
        """Have something go out when its time has come."""
        self._add(Late(chain, due, train))

    def hold(self, chain: str, train: Train) -> None:
        """Have something go out behind the next of its chain; nothing else does already."""
        self._add(Late(chain, 0, train))

    def behind(self, chain: str) -> Train:
        """What waited for a callback that is here now."""
        number = self._held.pop(chain, "")
        return self._table.pop(number).train if number else ()

    def overdue(self, chain: str, at: int) -> Iterator[Posting]:
        """What was due before a later callback of its message, and is still there.

        The instant clock takes several steps of a message at once.
        """
        while (waiting := self._waiting.get(chain)) and waiting[0][0] <= at:
            yield from self._release(str(waiting[0][1]))

    def go(self, train: Train, at: int) -> Iterator[Posting]:
        """What goes out now."""
        for copy in train:
            posting = replace(copy.posting, due=max(copy.posting.due, at))
            self.replay(replace(copy, posting=posting))
            yield posting

    def replay(self, copy: Copy) -> None:
        """Have the very same go out again, where it is to."""
        if copy.replay:
            posting = copy.posting
            due = posting.due + copy.replay
            again = replace(copy, posting=replace(posting, due=due), replay=0)
            self.wait(posting.chain, due, (again,))

    def _add(self, late: Late) -> None:
        self._last += 1
        number = str(self._last)
        self._table[number] = late
        self._put(number, late)

    def _put(self, number: str, late: Late) -> None:
        if late.due:
            insort(self._waiting.setdefault(late.chain, []), (late.due, int(number)))
            self._clock.book(late.due, self._arrive, number)
        else:
            self._held[late.chain] = number

    def _arrive(self, number: str, at: int) -> None:
        """The time has come for what waited; unless that went before."""
        if number in self._table:
            self._unit().notices += self._release(number)

    def _release(self, number: str) -> Iterator[Posting]:
        late = self._table.pop(number)
        waiting = self._waiting[late.chain]
        waiting.remove((late.due, int(number)))
        if not waiting:
            del self._waiting[late.chain]
        return self.go(late.train, late.due)
