"""The messages of a sandbox with what became of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.domain.message import Delivery, Message
from mockserver.world.fragments import Fragments
from mockserver.world.leaves import Leaves
from mockserver.world.message_lists import MessageLists
from mockserver.world.paper import Paper, loose
from mockserver.world.places import Places
from mockserver.world.shelving import Shelving
from mockserver.world.still import Moments
from mockserver.world.unit import Unit


class MessageTable:
    """The messages of a sandbox with what became of them, by SID; its parts have them otherwise.

    Those on shelves are found like any other, but to change one it is taken down first.
    """

    __slots__ = (
        *("_deliveries", "_messages", "fragments", "gone", "lists", "moments"),
        *("places", "repeats", "shelves"),
    )

    def __init__(self, paper: Paper = loose) -> None:
        self._messages: Leaves[Message] = Leaves(paper, "messages")
        self._deliveries: Leaves[Delivery] = Leaves(paper, "deliveries")
        self.places = Places(paper)
        self.gone: Mapping[str, int] = self.places.gone
        self.lists = MessageLists(self.places)
        self.shelves = Shelving(self.places, self.lists)
        self.repeats: dict[str, int] = paper("repeats")
        """How often the message that minted a SID came again, by that SID."""
        self.fragments = Fragments(self._messages, self.shelves)
        self.moments = Moments(self.places, self._deliveries, self.repeats)

    def __len__(self) -> int:
        return len(self.places) - len(self.gone)

    def taken(self, sid: str) -> bool:
        """Whether a message has, or had, this SID."""
        here = sid in self._messages[sid[-1:]] or sid in self.gone
        return here or self.shelves.find(sid) is not None

    def get(self, sid: str) -> Message | None:
        message = self._messages[sid[-1:]].get(sid)
        if message is None and (found := self.shelves.find(sid)) is not None:
            shelf, ordinal = found
            return shelf.message(ordinal)
        return message

    def delivery(self, sid: str) -> Delivery:
        """What became of a message; raise `KeyError` for an unknown one."""
        if (found := self._deliveries[sid[-1:]].get(sid) or self.find_delivery(sid)) is None:
            raise KeyError(sid)
        return found

    def find_delivery(self, sid: str) -> Delivery | None:
        delivery = self._deliveries[sid[-1:]].get(sid)
        if delivery is None and (found := self.shelves.find(sid)) is not None:
            shelf, ordinal = found
            return shelf.delivery(ordinal)
        return delivery

    def owns(self, sid: str) -> bool:
        """Whether it is an ordinary message, on no shelf."""
        return sid in self._messages[sid[-1:]]

    def place(self, sid: str) -> int | None:
        """The ordinal of a message that is, or was, there."""
        if (found := self.shelves.find(sid)) is not None:
            return found[1]
        message = self._messages[sid[-1:]].get(sid)
        return self.gone.get(sid) if message is None else message.ordinal

    def pairs(self) -> Iterator[tuple[Message, Delivery]]:
        """Every message that is on no shelf with what became of it, oldest first."""
        return self.moments.now().pairs()

    def add(self, message: Message, delivery: Delivery, unit: Unit) -> None:
        """The next message: its ordinal is the length of `places`."""
        sid = message.sid
        self._messages[sid[-1:]][sid] = message
        self.places.append(message)
        self.lists[message.account_sid].add(message)
        self._deliveries[sid[-1:]][sid] = delivery
        unit.rows.append(("messages", sid, message))
        unit.rows.append(("deliveries", sid, delivery))

    def take_down(self, sid: str, unit: Unit) -> Delivery | None:
        """Make an ordinary message of one on a shelf, before something happens to it alone.

        What became of it, its steps to come included; nothing where it is an ordinary one.
        """
        if self.owns(sid) or (found := self.shelves.find(sid)) is None:
            return None
        shelf, ordinal = found
        message, delivery = shelf.message(ordinal), shelf.delivery(ordinal)
        self.moments.leave_out(ordinal)
        shelf.let_go(ordinal)
        self._messages[sid[-1:]][sid] = self.places[ordinal] = message
        self._deliveries[sid[-1:]][sid] = delivery
        self.lists[message.account_sid].adopt(message)
        unit.put("messages", sid, message)
        unit.put("deliveries", sid, delivery)
        return delivery

    def deliver(self, sid: str, delivery: Delivery, unit: Unit) -> None:
        """Put what became of a message."""
        if self.moments.stills:
            self.moments.spare(self._messages[sid[-1:]][sid])
        self._deliveries[sid[-1:]][sid] = delivery
        self.fragments.pop(sid, None)
        unit.rows.append(("deliveries", sid, delivery))

    def replace(self, message: Message, unit: Unit) -> None:
        """Put a redacted message, or one whose service has chosen a sender."""
        sid = message.sid
        messages = self._messages[sid[-1:]]
        before = messages[sid]
        self.moments.spare(before)
        messages[sid] = self.places[message.ordinal] = message
        self.fragments.pop(sid, None)
        if message.from_ != before.from_:
            self.lists[message.account_sid].add_sender(message)
        unit.rows.append(("messages", sid, message))

    def delete(self, sid: str, unit: Unit) -> None:
        """Forget a message but for its place, which page tokens may still name."""
        message = self._messages[sid[-1:]][sid]
        self.moments.spare(message)
        del self._messages[sid[-1:]][sid]
        del self._deliveries[sid[-1:]][sid]
        self.fragments.pop(sid, None)
        self.places[message.ordinal] = None
        self.places.gone[sid] = message.ordinal
        if message.operation_id and (shelf := self.shelves.get(sid[2:18])) is not None:
            shelf.forget(message.ordinal)
        unit.put("messages", sid, None)
        unit.put("gone", sid, message.ordinal)

    def shed(self, count: int) -> bool:
        """Free some records of a table that nobody uses any more; whether any are left.

        A hundred thousand freed at once would stop the world for tens of milliseconds.
        """
        if self.moments.stills:
            return True
        parts: list[dict[str, Any]] = [*self._messages.values(), *self._deliveries.values()]
        parts += [self.places.gone, self.repeats, self.fragments, self.shelves]
        parts += [leaf for index in self.lists.values() for leaf in index.leaves()]
        for part in parts:
            while part and count:
                part.popitem()
                count -= 1
        del self.places[max(0, len(self.places) - count) :]
        return any(parts) or bool(self.places)
