"""Callbacks that wait, in order, in a chain for each message."""

from collections.abc import Iterator

from mockserver.world.ports import Notice, Posting

Item = Notice | Posting


class Chains:
    """Those of one sandbox."""

    __slots__ = ("_parked", "active")

    def __init__(self) -> None:
        self.active: dict[str, list[Item]] = {}
        """By message. One that is being posted stays until it is empty."""
        self._parked: dict[str, list[Item]] = {}
        """Those whose first is another attempt at what failed, and waits for the clock."""

    def add(self, item: Item) -> str:
        """Put it behind what waits of its message; the key of its chain where that is a new one."""
        key = item.message.sid if isinstance(item, Notice) else self._key(item)
        chain = self.active.get(key)
        if chain is None and self._parked:
            chain = self._parked.get(key)
        if chain is not None:
            chain.append(item)
            return ""
        self.active[key] = [item]
        return key

    def _key(self, posting: Posting) -> str:
        """What was asked for by itself waits for no other's next attempt."""
        if posting.chain:
            return posting.chain
        token = posting.parcel.idempotency_token
        key = posting.parcel.message_sid or token
        return f"{token}/{posting.attempt}" if key in self._parked else key

    def park(self, key: str) -> None:
        """A chain waits for the clock; what is added meanwhile waits with it."""
        self._parked[key] = self.active.pop(key)

    def unpark(self, key: str) -> None:
        """Its time has come."""
        self.active[key] = self._parked.pop(key)

    def parked(self) -> Iterator[tuple[str, list[Item]]]:
        """Those that wait for the clock, by key."""
        return iter(self._parked.items())

    def clear(self) -> None:
        self.active.clear()
        self._parked.clear()


def url_of(item: Item) -> str:
    """Where it goes."""
    return item.message.status_callback if isinstance(item, Notice) else item.parcel.url
