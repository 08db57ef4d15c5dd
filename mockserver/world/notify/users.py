"""The commands of a service's users: make, delete, join and leave segments, list."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mockserver.domain.errors import (
    ALREADY_IN_SEGMENT,
    USER_EXISTS,
    USER_HAS_BINDINGS,
    TwilioError,
)
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User, joined, left
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import mint
from mockserver.world.notify.segments import Segments
from mockserver.world.notify.tables import USERS
from mockserver.world.notify.user_table import UserTable
from mockserver.world.registry import DELETED
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from mockserver.world.notify.binding_table import BindingTable


class Users:
    """What can be done to the users of one service, one command a method."""

    __slots__ = ("_sandbox", "_service", "table")

    def __init__(self, sandbox: Sandbox, service: NotifyService) -> None:
        self._sandbox, self._service = sandbox, service
        self.table = sandbox.tables.notify.users.setdefault(service.sid, UserTable())

    def find(self, name: str) -> User | None:
        """A user by identity, else by SID."""
        return self.table.named(name) or self.table.find(name)

    async def create(self, identity: str, segments: Sequence[str]) -> User:
        """Make a user who is in some segments; raise `TwilioError` 52304 for one that is there."""
        if self.table.named(identity) is not None:
            raise TwilioError(USER_EXISTS)
        unit = Unit()
        user = self.ensure(identity, unit)
        for segment in dict.fromkeys(segments):
            user = self._join(user, segment, unit)
        await self._sandbox.engine.commit(unit)
        return user

    def ensure(self, identity: str, unit: Unit) -> User:
        """The user of an identity, made where there is none."""
        if (user := self.table.named(identity)) is not None:
            return user
        now, service = self._sandbox.clock.now(), self._service
        sid = self.table.free(self._mint)
        user = User(sid, service.account_sid, service.sid, identity, (), now, now)
        return self._put(user, unit)

    async def delete(self, user: User, bindings: "BindingTable") -> None:
        """Forget one; raise `TwilioError` 52306 for a user who has bindings."""
        if bindings.identified(user.identity):
            raise TwilioError(USER_HAS_BINDINGS)
        unit = Unit()
        place = self.table.remove(user.sid)
        unit.put(USERS, user.sid, None)
        unit.put(DELETED, f"{USERS} {user.sid}", place)
        await self._sandbox.engine.commit(unit)

    async def join(self, user: User, segment: str) -> None:
        """Put a user into a segment; raise `TwilioError` 52305 for one who is in it."""
        if segment in user.segments:
            raise TwilioError(ALREADY_IN_SEGMENT)
        unit = Unit()
        self._join(user, segment, unit)
        await self._sandbox.engine.commit(unit)

    async def leave(self, user: User, segment: str) -> None:
        """Take a user out of a segment, which stays."""
        unit = Unit()
        self._put(left(user, segment, self._sandbox.clock.now()), unit)
        await self._sandbox.engine.commit(unit)

    def page(
        self, ask: PageAsk, identities: Iterable[str], segments: Iterable[str]
    ) -> tuple[list[User], bool]:
        """A page of the users, newest first, and whether more are behind it.

        Where they are given: of any of the identities, in all of the segments. Raise `TwilioError`
        21481 for a token that names nobody.
        """
        found = [self.table.called(identities)] if identities else []
        found += [self.table.gathered(segments)] if segments else []
        places = sorted(found[0].intersection(*found)) if found else None
        return self.table.page(ask, places, lambda _: True)

    def _join(self, user: User, segment: str, unit: Unit) -> User:
        Segments(self._sandbox).ensure(self._service, segment, unit)
        return self._put(joined(user, segment, self._sandbox.clock.now()), unit)

    def _put(self, user: User, unit: Unit) -> User:
        self.table.put(user)
        unit.put(USERS, user.sid, user)
        return user

    def _mint(self, ordinal: int) -> str:
        return mint("US", self._sandbox.dice.of("notify user", f"{self._service.sid} {ordinal}"))
