"""Callbacks that are late: they wait for the sandbox's clock, as events under way."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

from msgspec.structs import replace

from mockserver.world.clock import Clock
from mockserver.world.memory import Memory
from mockserver.world.ports import Posting
from mockserver.world.tables import Unit


class Copy(NamedTuple):
    """A callback that is to go out, and how much later the very same does again, if it does."""

    posting: Posting
    replay: int = 0
    """Microseconds; 0: never."""


Train = list[Copy]
"""What goes out one after the other."""


class Late(NamedTuple):
    """What waits for the clock."""

    due: int
    number: int
    train: Train


class Latecomers:
    """Those of one sandbox."""

    def __init__(self, clock: Clock, unit: Callable[[], Unit]) -> None:
        """`unit` is what the tick under way writes."""
        self._clock, self._unit = clock, unit
        self.memory: Memory | None = None
        """Who remembers what is not answered yet."""
        self._numbers = count()
        self._late: dict[str, list[Late]] = {}
        """By chain, in the order of their times."""
        self._chains: dict[str, str] = {}
        """The chain of each, by its number."""

    def __contains__(self, chain: str) -> bool:
        return chain in self._late

    def wait(self, chain: str, due: int, train: Train) -> None:
        """Have something go out when its time has come."""
        late = Late(due, next(self._numbers), train)
        self.remember(train, due)
        waiting = self._late.setdefault(chain, [])
        waiting.append(late)
        waiting.sort()
        self._chains[str(late.number)] = chain
        self._clock.book(due, self._arrive, str(late.number))

    def overdue(self, chain: str, at: int) -> Iterator[Posting]:
        """What was due before a later callback of its message, and is still there.

        The instant clock takes several steps of a message at once.
        """
        while (waiting := self._late.get(chain)) and waiting[0].due <= at:
            yield from self._release(chain, waiting[0])

    def go(self, train: Train, at: int) -> Iterator[Posting]:
        """What goes out now."""
        for copy in train:
            posting = replace(copy.posting, due=max(copy.posting.due, at))
            if self.memory is not None:
                self.memory.replace(copy.posting, posting)
            self.replay(Copy(posting, copy.replay))
            yield posting

    def replay(self, copy: Copy) -> None:
        """Have the very same go out again, where it is to."""
        if copy.replay:
            posting = copy.posting
            due = posting.due + copy.replay
            self.wait(posting.chain, due, [Copy(replace(posting, due=due))])

    def remember(self, train: Train, until: int) -> None:
        """What waits here is not answered yet."""
        if self.memory is not None:
            for copy in train:
                self.memory.keep(copy.posting, until)

    def _arrive(self, number: str, at: int) -> None:
        """The time has come for what waited; unless that went before."""
        chain = self._chains.get(number)
        if chain is not None:
            late = next(each for each in self._late[chain] if str(each.number) == number)
            self._unit().notices += self._release(chain, late)

    def _release(self, chain: str, late: Late) -> Iterator[Posting]:
        waiting = self._late[chain]
        waiting.remove(late)
        if not waiting:
            del self._late[chain]
        del self._chains[str(late.number)]
        return self.go(late.train, late.due)
