"""A service's bindings, and where to find them: by identity, tag, channel and endpoint."""

from typing import Final

from mockserver.domain.notify.bindings import Binding
from mockserver.world.notify.rows import Rows

_NOWHERE: Final[frozenset[int]] = frozenset()


class BindingTable(Rows[Binding]):
    """The bindings of one service; the index that `domain/notify/selection.py` selects from."""

    __slots__ = ("_by_endpoint", "_by_identity", "_by_tag")

    def __init__(self) -> None:
        super().__init__()
        self._by_endpoint: dict[str, int] = {}
        self._by_identity: dict[str, tuple[int, ...]] = {}
        """Few have more than one; all places of one are ascending."""
        self._by_tag: dict[str, set[int]] = {}
        """Channels are tags like any other here."""

    def tagged(self, tag: str) -> frozenset[int] | set[int]:
        """Places of those with a tag, or on the channel of that name."""
        return self._by_tag.get(tag, _NOWHERE)

    def identified(self, identity: str) -> tuple[int, ...]:
        """Places of an identity's, ascending."""
        return self._by_identity.get(identity, ())

    def of_identity(self, identity: str) -> list[Binding]:
        """An identity's, oldest first."""
        found = (self._records[place] for place in self.identified(identity))
        return [binding for binding in found if binding is not None]

    def of_endpoint(self, endpoint: str) -> Binding | None:
        """The one with an endpoint; nothing for ""."""
        place = self._by_endpoint.get(endpoint)
        return None if place is None else self._records[place]

    def put(self, record: Binding) -> int:
        """Keep a binding, in its place where one with its SID is there; that place."""
        before = self.find(record.sid)
        place = super().put(record)
        if before is not None:
            self._forget(before, place)
        for tag in (*record.tags, record.binding_type):
            self._by_tag.setdefault(tag, set()).add(place)
        own = self._by_identity.get(record.identity, ())
        self._by_identity[record.identity] = tuple(sorted((*own, place)))
        if record.endpoint:
            self._by_endpoint[record.endpoint] = place
        return place

    def remove(self, sid: str) -> int:
        """Forget a binding but for its place, which is given back; raise `KeyError`."""
        if (binding := self.find(sid)) is not None:
            self._forget(binding, self.place(sid))
        return super().remove(sid)

    def _forget(self, binding: Binding, place: int) -> None:
        for tag in {*binding.tags, binding.binding_type}:
            places = self._by_tag[tag]
            places.discard(place)
            if not places:
                del self._by_tag[tag]
        left = tuple(other for other in self._by_identity[binding.identity] if other != place)
        if left:
            self._by_identity[binding.identity] = left
        else:
            del self._by_identity[binding.identity]
        if self._by_endpoint.get(binding.endpoint) == place:
            del self._by_endpoint[binding.endpoint]

    def shed(self, most: int) -> bool:
        """Free some records of a table that nobody uses any more; whether any are left."""
        for part in (self._by_endpoint, self._by_identity, self._by_tag):
            while part and most > 0:
                part.popitem()
                most -= 1
        return super().shed(most) or most <= 0
