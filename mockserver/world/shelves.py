"""What the table of messages asks of messages that are kept somewhere else, in columns."""

from array import array
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from mockserver.domain.message import Delivery, Message

Price = Callable[[str, str, int], str]
"""What a message costs by its channel, recipient and segments, as Twilio renders it."""


class Bill(NamedTuple):
    """What a message costs that went out."""

    sent_at: int
    channel: str
    from_: str
    price: str


class Shelf(Protocol):
    """Classic messages of one account that are computed when somebody looks.

    Their ordinals are given by the table, in ascending order; they change only through their owner.
    """

    @property
    def account_sid(self) -> str: ...

    @property
    def head(self) -> str:
        """The 16 hexadecimal digits that all their SIDs begin with, behind `SM` or `MM`."""

    def ordinal(self, sid: str) -> int | None:
        """The place of a message that is here."""

    def message(self, ordinal: int) -> Message:
        """The message at a place; it is one of theirs."""

    def fact(self, ordinal: int, name: str) -> object:
        """What a filter of the control API asks of it, at the least cost; `None` for nothing."""

    def made_at(self, ordinal: int) -> int:
        """When the message at a place was made, without writing it."""

    def delivery(self, ordinal: int) -> Delivery:
        """What became of it."""

    def bills(self) -> Iterator[Bill]:
        """Of all that went out."""

    def places(self, to: str | None, from_: str | None) -> "array[int]":
        """Ascending ordinals of those to and from an address; of all without either."""

    def let_go(self, ordinal: int) -> None:
        """A message becomes the table's own: it is no longer here."""

    def forget(self, ordinal: int) -> None:
        """A message that had become the table's own is deleted."""
