"""What the table of messages asks of messages that are kept somewhere else, in columns."""

from array import array
from typing import Protocol

from mockserver.domain.message import Delivery, Message


class Shelf(Protocol):
    """Classic messages of one account that are computed when somebody looks.

    Their ordinals are given by the table, in ascending order; they change only through their owner.
    """

    @property
    def account_sid(self) -> str: ...

    @property
    def operation_id(self) -> str:
        """What made them."""

    @property
    def head(self) -> str:
        """The 16 hexadecimal digits that all their SIDs begin with, behind `SM` or `MM`."""

    def ordinal(self, sid: str) -> int | None:
        """The place of a message that is here."""

    def message(self, ordinal: int) -> Message:
        """The message at a place; it is one of theirs."""

    def made_at(self, ordinal: int) -> int:
        """When the message at a place was made, without writing it."""

    def delivery(self, ordinal: int) -> Delivery:
        """What became of it."""

    def places(self, to: str | None, from_: str | None) -> "array[int]":
        """Ascending ordinals of those to and from an address; of all without either."""

    def let_go(self, ordinal: int) -> None:
        """A message becomes the table's own: it is no longer here."""
