"""Messages, API calls and callbacks as the matcher looks at them: computed only where asked."""

from collections.abc import Callable, Mapping
from typing import Final

from mockserver.domain.matching import Subject
from mockserver.domain.message import Delivery, Message
from mockserver.world.journal import CallbackEntry
from mockserver.world.shelves import Shelf
from mockserver.world.tables import MessageTable

_FROM_MESSAGE: Final[Mapping[str, str]] = {"from": "from_"}
_FROM_DELIVERY: Final = frozenset({"status", "timeline"})


class MessageSubject:
    """A message under the names of the control API; before its creation it has no delivery."""

    __slots__ = ("delivery", "message")

    def __init__(self, message: Message, delivery: Delivery | None) -> None:
        self.message, self.delivery = message, delivery

    def get(self, name: str, /) -> object:
        """The value under `name`; `None` for what a message has not."""
        if name in _FROM_DELIVERY:
            return getattr(self.delivery, name, None)
        if name == "error_code":
            return self.delivery.error_code or None if self.delivery else None
        return getattr(self.message, _FROM_MESSAGE.get(name, name), None)


class ShelfSubject:
    """A message on a shelf; its text is written only for a filter that asks for it."""

    __slots__ = ("_ordinal", "_shelf")

    def __init__(self, shelf: Shelf, ordinal: int) -> None:
        self._shelf, self._ordinal = shelf, ordinal

    def get(self, name: str, /) -> object:
        """The value under `name`; `None` for what a message has not."""
        return self._shelf.fact(self._ordinal, name)


def message_at(table: MessageTable, place: int) -> MessageSubject | ShelfSubject | None:
    """The message at a place as the matcher looks at it; nothing where it was deleted."""
    row = table.places.row(place)
    if row is None:
        return None
    if isinstance(row, Message):
        return MessageSubject(row, table.find_delivery(row.sid))
    return ShelfSubject(row, place)


class CallSubject:
    """An API call, before or after its answer; parameters are read only when asked for."""

    __slots__ = ("_params", "_read", "facts")

    def __init__(self, facts: Mapping[str, object], read: Callable[[], Mapping[str, str]]) -> None:
        self.facts, self._read = facts, read
        self._params: Mapping[str, str] | None = None

    def get(self, name: str, /) -> object:
        """A fact of the call, one of its parameters `To`, `From` and `Body`, or `parameters`."""
        if name in self.facts:
            return self.facts[name]
        if self._params is None:
            self._params = self._read()
        if name == "parameters":
            return self._params
        return self._params.get(name.capitalize())


def path_of(call: Subject) -> str:
    """The path of an API call as it was sent, which may have a second name."""
    path = call.get("path")
    return str(path[0] if isinstance(path, tuple) else path)


class CallbackSubject:
    """One attempt at a callback."""

    __slots__ = ("entry",)

    def __init__(self, entry: CallbackEntry) -> None:
        self.entry = entry

    def get(self, name: str, /) -> object:
        """A field of the entry."""
        return getattr(self.entry, name, None)
