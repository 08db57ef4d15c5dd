"""The messages of each account: walked in order, found by their addresses, counted."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from mockserver.domain.message import Message
from mockserver.world.message_index import NOWHERE, MessageIndex
from mockserver.world.places import Places

TIMES_COUNTED: Final = 3
"""Moments for which the messages since then stay counted: a day, the day before, and ever."""


class MessageLists(dict[str, MessageIndex]):
    """An index for each account that has messages, by account."""

    __slots__ = ("_places",)

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, account_sid: str) -> MessageIndex:
        index = self[account_sid] = MessageIndex()
        return index

    def ordinals(self, to: Collection[str], from_: Collection[str]) -> Sequence[int]:
        """Ascending places, in all accounts: to any of `to`, else from any of `from_`, else all."""
        if not to and not from_:
            return range(len(self._places))
        found: set[int] = set()
        for index in self.values():
            for each in to or from_:
                found.update(index.places(each, None) if to else index.places(None, each))
        return sorted(found)

    def inbound(self, account_sid: str) -> Sequence[int]:
        """Ascending places of what handsets sent to an account; it grows as more comes."""
        index = self.get(account_sid)
        return NOWHERE if index is None else index.inbound

    def outbound(self, account_sid: str, since: int) -> int:
        """Messages that an account has sent since a time; those deleted once counted stay so.

        Each is looked at once, however often it is asked.
        """
        if (index := self.get(account_sid)) is None:
            return 0
        done, count = index.counted.get(since, (0, 0))
        count += sum(self._went_out(index.every[n], since) for n in range(done, len(index.every)))
        index.counted = {**index.counted, since: (len(index.every), count)}
        if len(index.counted) > TIMES_COUNTED:
            del index.counted[min(index.counted.keys() - {0})]
        return count

    def _went_out(self, ordinal: int, since: int) -> bool:
        row = self._places[ordinal]
        if isinstance(row, Message):
            return row.direction != "inbound" and row.created_at >= since
        return row is not None and row.made_at(ordinal) >= since

    def newest_first(
        self, account_sid: str, before: int | None, to: str | None, from_: str | None
    ) -> Iterator[Message]:
        """An account's messages made before the ordinal `before`, and those with `to`, `from_`."""
        if (index := self.get(account_sid)) is None:
            return
        places, rows = index.places(to, from_), self._places
        end = len(places) if before is None else bisect_left(places, before)
        both = to is not None and from_ is not None
        for position in range(end - 1, -1, -1):
            message = rows[places[position]]
            if message is not None and not isinstance(message, Message):
                message = message.message(places[position])
            if message is not None and (not both or message.from_ == from_):
                yield message

    def oldest_first_after(
        self, account_sid: str, after: int, to: str | None, from_: str | None
    ) -> Iterator[Message]:
        """An account's messages made after the ordinal `after`, in order of creation."""
        if (index := self.get(account_sid)) is None:
            return
        places, rows = index.places(to, from_), self._places
        both = to is not None and from_ is not None
        for position in range(bisect_right(places, after), len(places)):
            message = rows[places[position]]
            if message is not None and not isinstance(message, Message):
                message = message.message(places[position])
            if message is not None and (not both or message.from_ == from_):
                yield message
