"""Who is told what happens to operations, besides those who hear of events."""

from collections.abc import Callable, Mapping

from mockserver.world.bulk.attempts import OWN
from mockserver.world.bulk.operation import Operation
from mockserver.world.engine import Engine
from mockserver.world.shelves import Shelf


class Onlookers:
    """Those of one sandbox."""

    def __init__(
        self,
        shelves: Mapping[str, Shelf],
        engine: Engine,
        watches: list[set[str]],
        all_steps: Callable[[], bool],
        over: Callable[[Operation], None],
    ) -> None:
        self._shelves, self._engine = shelves, engine
        self._told_over: set[str] = set()
        self.watches = watches
        """Each gets the SIDs of messages that are made or take a step."""
        self.all_steps = all_steps
        """Whether somebody wants to see every step of every message."""
        self.over = over
        """Told of an operation once nothing more becomes of its messages by itself."""

    def mark(self, operation: Operation, number: int) -> None:
        """An attempt changed, which those who wait look at when they come to it."""
        for watch in self.watches:
            watch.add(operation.sid(number))

    def observe(self, operation: Operation, number: int, taken: int) -> None:
        """Have an attempt observed like any message."""
        shelf = self._shelves[operation.ids.head]
        ordinal = operation.attempts.ordinal[number]
        delivery = operation.attempts.delivery(number)  # nobody asks for the price
        self._engine.observe(shelf.message(ordinal), delivery, taken)

    def end(self, operation: Operation) -> None:
        """Tell that it is over, once; its ordinary messages go on alone."""
        if OWN not in operation.attempts.taken and operation.id not in self._told_over:
            self._told_over.add(operation.id)
            self.over(operation)
