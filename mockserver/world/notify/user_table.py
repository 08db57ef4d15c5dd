"""A service's users, and where to find them: by identity and by segment."""

from collections.abc import Iterable, Sequence

from mockserver.domain.notify.users import User
from mockserver.world.notify.rows import Rows


class UserTable(Rows[User]):
    """The users of one service, one for each identity."""

    __slots__ = ("_by_identity", "_by_segment")

    def __init__(self) -> None:
        super().__init__()
        self._by_identity: dict[str, int] = {}
        self._by_segment: dict[str, set[int]] = {}

    def named(self, identity: str) -> User | None:
        """The user of an identity."""
        place = self._by_identity.get(identity)
        return None if place is None else self._records[place]

    def called(self, identities: Iterable[str]) -> set[int]:
        """Places of the users of some identities."""
        return {self._by_identity[each] for each in identities if each in self._by_identity}

    def gathered(self, segments: Iterable[str]) -> set[int]:
        """Places of the users who are in all of some segments; raise `ValueError` for none."""
        members = [self._by_segment.get(segment, set()) for segment in segments]
        smallest, *others = sorted(members, key=len)
        return smallest.intersection(*others)

    def identities(self, places: Iterable[int]) -> Sequence[str]:
        """Of the users at some places."""
        found = (self._records[place] for place in places)
        return [user.identity for user in found if user is not None]

    def put(self, record: User) -> int:
        """Keep a user, in the same place where one with that SID is there; that place."""
        before = self.find(record.sid)
        place = super().put(record)
        if before is not None:
            self._forget(before, place)
        self._by_identity[record.identity] = place
        for segment in record.segments:
            self._by_segment.setdefault(segment, set()).add(place)
        return place

    def remove(self, sid: str) -> int:
        """Forget a user but for the place, which is given back; raise `KeyError`."""
        if (user := self.find(sid)) is not None:
            self._forget(user, self.place(sid))
        return super().remove(sid)

    def _forget(self, user: User, place: int) -> None:
        del self._by_identity[user.identity]
        for segment in user.segments:
            self._by_segment[segment].discard(place)

    def shed(self, most: int) -> bool:
        """Free some records of a table that nobody uses any more; whether any are left."""
        self._by_segment.clear()
        while self._by_identity and most > 0:
            self._by_identity.popitem()
            most -= 1
        return super().shed(most) or most <= 0
