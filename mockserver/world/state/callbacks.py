"""Callbacks that nobody has answered yet: each is remembered until its last attempt is over."""

from msgspec.structs import replace

from mockserver.world.chains import Item
from mockserver.world.ports import Posting
from mockserver.world.state.forms import Waiting
from mockserver.world.state.pages import Page


class Callbacks:
    """Those of one sandbox, on a page of their own."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._keys: dict[int, tuple[str, Item]] = {}
        """By identity: two that are equal are two callbacks."""
        self._last = 0

    def keep(self, item: Item, until: int = 0) -> None:
        """One that is to be posted, though not before a time in microseconds.

        One that is remembered already stays as it is.
        """
        if id(item) not in self._keys:
            self._last += 1
            self._put(str(self._last), item)
            if until and isinstance(item, Posting):
                self._page[str(self._last)] = replace(item, due=until)

    def replace(self, item: Item, again: Item) -> None:
        """An attempt is over, and another one is to follow."""
        if (known := self._keys.pop(id(item), None)) is not None:
            self._put(known[0], again)

    def forget(self, item: Item) -> None:
        """It was answered, or given up."""
        if (known := self._keys.pop(id(item), None)) is not None:
            del self._page[known[0]]

    def come_back(self, key: str, kept: Waiting) -> None:
        """One that the file remembers."""
        self._last = max(self._last, int(key))
        self._put(key, kept.item)

    def every(self) -> list[Item]:
        """All of them, oldest first."""
        return list(self._page.values())

    def _put(self, key: str, item: Item) -> None:
        self._keys[id(item)] = key, item
        self._page[key] = item
