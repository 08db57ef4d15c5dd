"""The commands of Notify Services: make, change, delete with all that is in them, list."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TOO_MANY_SERVICES, TwilioError
from mockserver.domain.notify.limits import SERVICES
from mockserver.domain.notify.services import NotifyService, changed
from mockserver.domain.sids import mint
from mockserver.world.notify.binding_table import BindingTable
from mockserver.world.notify.tables import BINDINGS, SEGMENTS, USERS
from mockserver.world.notify.user_table import UserTable
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Tables, Unit

TABLE: Final = "notify_services"


class NotifyServices(Registry[NotifyService]):
    """What can be done to a sandbox's Notify Services, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, TABLE, sandbox.tables.notify.services)
        self._sandbox = sandbox

    def find(self, account: Account, sid: str) -> NotifyService | None:
        """A service, if it is the account's; what is due has happened to all that is in it."""
        self._sandbox.engine.catch_up()
        service = self._sandbox.tables.notify.services.get(sid)
        return service if service is not None and service.account_sid == account.sid else None

    async def create(self, account: Account, form: Mapping[str, Any]) -> NotifyService:
        """Make one of checked parameters; raise `TwilioError` 20001 where there are too many."""
        if sum(1 for _ in self.own(account)) >= SERVICES:
            raise TwilioError(TOO_MANY_SERVICES, most=SERVICES)
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        ordinals = count(len(sandbox.tables.notify.services) + len(sandbox.tables.deleted[TABLE]))
        sids = (mint("IS", sandbox.dice.of("notify service", str(n))) for n in ordinals)
        made = NotifyService(self.free(sids), account.sid, created_at=now)
        return await self._keep(changed(made, form, now), unit)

    async def update(self, service: NotifyService, form: Mapping[str, Any]) -> NotifyService:
        """Set what is given; bindings keep the versions that they were made with."""
        return await self._keep(changed(service, form, self._sandbox.clock.now()), Unit())

    async def delete(self, service: NotifyService) -> None:
        """Forget one with its bindings, users and segments."""
        unit, sid, tables = Unit(), service.sid, self._sandbox.tables
        self.remove(sid, unit)
        _empty(tables, sid, unit)
        await self._sandbox.engine.commit(unit)

    async def _keep(self, service: NotifyService, unit: Unit) -> NotifyService:
        self.put(service.sid, service, unit)
        await self._sandbox.engine.commit(unit)
        return service


def _empty(tables: Tables, sid: str, unit: Unit) -> None:
    """Forget what is in a service; nobody asks for its pages any more."""
    for binding in tables.notify.bindings.pop(sid, BindingTable()):
        unit.put(BINDINGS, binding.sid, None)
    for user in tables.notify.users.pop(sid, UserTable()):
        unit.put(USERS, user.sid, None)
    segments = tables.notify.segments
    for key in [key for key, segment in segments.items() if segment.service_sid == sid]:
        del segments[key]
        unit.put(SEGMENTS, key, None)
