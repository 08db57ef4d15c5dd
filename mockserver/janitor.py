"""The garbage of a process of the server's own."""

import gc
from collections.abc import Callable
from typing import Final

from mockserver.world.sandboxes import Sandboxes

LOOK: Final = 0.05
"""Seconds between two looks."""

YOUNG: Final = 10_000
"""New objects that a collection goes through: two milliseconds."""

MUCH: Final = 100_000
"""New objects since the last look that only a snapshot can have brought."""

SELDOM: Final = 5
"""Looks, of which one is also for what went."""

GONE: Final = 2_000
"""Messages that went, after which all that lives is worth looking through in a quiet moment."""

TOO_MUCH: Final = 50_000
"""Those after which a quiet moment is not waited for any longer: there may never be one. 2,500
empty sandboxes are 50 MB."""

EMPTY: Final = 20
"""What a sandbox that went counts for without its messages."""


class Janitor:
    """Keeps the garbage collector out of requests: it runs between them, and what lives is frozen.

    The automatic one is to be off.
    """

    def __init__(self, sandboxes: Sandboxes, requests: Callable[[], int]) -> None:
        """`requests` says how many there were so far, of whatever kind."""
        self._sandboxes, self._requests = sandboxes, requests
        self._looks = self._gone = self._asked = 0
        """`_gone`: a reset, or a sandbox that went, left so much frozen garbage."""
        self._seen: dict[int, int] = {}
        """Messages that there were so far, by the tables that hold them."""

    def look(self) -> None:
        """Collect when there is much that is new, or much went and nobody wants anything."""
        young = gc.get_count()[0]
        if young >= YOUNG:
            if young < MUCH:  # else unseen; what of it is garbage is swept with the rest
                gc.collect()
            gc.freeze()
            self._seen |= self._counts()  # they are frozen, and may go before the next sweep
        self._looks += 1
        if self._looks % SELDOM == 0:
            self._sweep()

    def _sweep(self) -> None:
        before, self._seen = self._seen, self._counts()
        for which, messages in before.items():
            if self._seen.get(which, -1) < messages:
                self._gone += EMPTY + messages
        asked, self._asked = self._asked, self._requests()
        quiet = asked == self._asked and not self._at_work()
        if self._gone >= TOO_MUCH or (self._gone >= GONE and quiet):
            self._gone = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def _counts(self) -> dict[int, int]:
        tables = (each.tables for each in self._sandboxes)
        return {id(each): len(each.messages.places) for each in tables}

    def _at_work(self) -> bool:
        return any(each.engine.today.due() for each in self._sandboxes)
