"""How many callbacks may be under way at once, receiver by receiver.

A receiver is scheme, host and port of a URL. Each has a window like TCP's: it begins small, opens
with every answer that came while all of it was in use, as far as the receiver's slowness asks for
it, and closes by half when the receiver cannot keep up. A window's first places are its own; what
goes beyond is taken from what all receivers of a sandbox have in common, so that those which hang
cannot hold the others up.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from mockserver.world.clock import stopwatch

FIRST: Final = 8
"""Callbacks under way at once that every receiver may always have. All numbers here are ours."""

MOST: Final = 256
"""More than that to one receiver helps no more: at 100 ms an answer it is 2,560 callbacks/s."""

CHEAP: Final = 32
"""So many cost nothing. Over 256 connections a callback takes a fifth more of our own time."""

PACE: Final = 4_000
"""Callbacks a second to one receiver; beyond what is cheap, no window is wider than that asks."""

COMMON: Final = 512
"""Callbacks under way that the receivers of a sandbox have in common, beyond the first of each."""

LONG: Final = 0.5
"""Seconds to a connection that tell of a listen backlog that overflows: the system asks again after
one second. Python's `http.server` has a backlog of 5."""

CALM: Final = 5.0
"""Seconds of wall time for which a window does not open after it had to close; twice as long each
time that happens again, up to `CALMEST`."""

CALMEST: Final = 40.0

REMEMBERED: Final = 1_024
"""Receivers kept; of more than that, those with nothing to do are forgotten."""

_ORIGIN: Final = re.compile(r"(https?)://(?:[^/?#]*@)?([^/?#]*?)(?::([0-9]*))?(?:[/?#]|$)", re.I)
_PORTS: Final = {"http": "80", "https": "443"}


class Common:
    """The places that windows share."""

    __slots__ = ("free",)

    def __init__(self, places: int = COMMON) -> None:
        self.free = places


class Window:
    """One receiver's."""

    __slots__ = ("_calm", "_common", "_still_until", "_stopwatch", "size", "under_way")

    def __init__(self, common: Common, watch: Callable[[], float] = stopwatch) -> None:
        self._common, self._stopwatch = common, watch
        self._calm, self._still_until = CALM, 0.0
        self.size = FIRST
        self.under_way = 0

    def enter(self) -> bool:
        """Take a place, if there is one."""
        if self.under_way >= self.size:
            return False
        if self.under_way >= FIRST:
            if not self._common.free:
                return False
            self._common.free -= 1
        self.under_way += 1
        return True

    def leave(self) -> None:
        """Give a place back."""
        self.under_way -= 1
        if self.under_way >= FIRST:
            self._common.free += 1

    @property
    def crowded(self) -> bool:
        """Whether more are under way than should be, since it closed meanwhile."""
        return self.under_way > self.size

    def heed(self, took: float, waited: float, *, strained: bool) -> None:
        """Open or close a little after an attempt that went well, by half after one that did not.

        It took so many seconds, of which `waited` passed until there was a connection; `strained`
        where there was none, or no answer in time.
        """
        if strained or waited >= LONG:
            self._close()
            return
        size, wanted = self.size, max(CHEAP, took * PACE)
        if size > wanted:
            self.size = size - 1
        elif self.under_way == size < wanted and size < MOST and self._may_open:
            self.size = size + 1

    def _close(self) -> None:
        self.size = max(FIRST, self.size // 2)
        now = self._stopwatch()
        if now >= self._still_until:  # the others of the same crowd tell nothing new
            self._still_until = now + self._calm
            self._calm = min(2 * self._calm, CALMEST)

    @property
    def _may_open(self) -> bool:
        """Whether nothing went wrong lately."""
        return not self._still_until or self._stopwatch() >= self._still_until


class Receiver:
    """Who is called, and who waits to be."""

    __slots__ = ("name", "ready", "refuses", "waiting", "window")

    def __init__(self, name: str, common: Common) -> None:
        self.name = name
        self.window = Window(common)
        self.ready: deque[str] = deque()
        """Keys of what could be posted at once."""
        self.waiting = 0
        """Callbacks that wait, for whatever reason."""
        self.refuses = False
        """Whether so many waited that one was dropped."""

    @property
    def idle(self) -> bool:
        return not (self.waiting or self.window.under_way or self.ready)


class Receivers:
    """All those of a sandbox."""

    __slots__ = ("_by_name", "_by_start", "_common")

    def __init__(self) -> None:
        self._common = Common()
        self._by_name: dict[str, Receiver] = {}
        self._by_start: dict[str, Receiver] = {}
        """By how a URL begins, up to its path."""

    def of(self, url: str) -> Receiver:
        """The one that a URL leads to."""
        end = url.find("/", len("https://"))
        start = url[:end] if end > 0 else url
        return self._by_start.get(start) or self._find(start)

    def __iter__(self) -> Iterator[Receiver]:
        return iter(tuple(self._by_name.values()))

    def _find(self, start: str) -> Receiver:
        name = origin(start)
        found = self._by_name.get(name)
        if found is None:
            if len(self._by_name) >= REMEMBERED:
                self._forget()
            found = self._by_name[name] = Receiver(name, self._common)
        if len(self._by_start) >= REMEMBERED:
            self._by_start.clear()
        self._by_start[start] = found
        return found

    def _forget(self) -> None:
        self._by_name = {name: each for name, each in self._by_name.items() if not each.idle}
        self._by_start.clear()


def origin(url: str) -> str:
    """`http://localhost:80`: in lower case, with a port, without a password.

    Of what is no URL, the whole text.
    """
    found = _ORIGIN.match(url)
    if found is None:
        return url
    scheme, host, port = found.groups()
    scheme = scheme.lower()
    return f"{scheme}://{host.lower()}:{port or _PORTS[scheme]}"
