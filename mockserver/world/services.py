"""The commands of Messaging Services: make, change, delete, and pages of a list."""

from itertools import count
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.numbers import Service
from mockserver.domain.paging import PageAsk
from mockserver.domain.services import changed, check
from mockserver.domain.sids import mint
from mockserver.world.accounts import Accounts
from mockserver.world.dice import Dice
from mockserver.world.engine import Engine
from mockserver.world.registry import Registry
from mockserver.world.schemas import Reading
from mockserver.world.tables import Tables, Unit

TABLE: Final = "services"


class Services:
    """What can be done to a sandbox's Messaging Services, one command a method."""

    __slots__ = ("_accounts", "_dice", "_engine", "_registry", "_tables")

    def __init__(self, tables: Tables, accounts: Accounts, dice: Dice, engine: Engine) -> None:
        self._tables, self._accounts, self._dice, self._engine = tables, accounts, dice, engine
        self._registry = Registry(tables, TABLE, tables.services)

    def find(self, account: Account, sid: str) -> Service | None:
        """A service, if it is the account's."""
        service = self._tables.services.get(sid)
        return service if service is not None and service.account_sid == account.sid else None

    async def create(self, account: Account, reading: Reading) -> Service:
        """Make a service without senders, or raise the `TwilioError` that refuses it."""
        check(reading.values, reading.breaches)
        now, unit = self._engine.clock.now(), Unit()
        self._accounts.come_into_being(account, unit)
        service = Service(self._free_sid(), account.sid, created_at=now)
        return await self._put(changed(service, reading.values, now), unit)

    async def update(self, service: Service, reading: Reading) -> Service:
        """Set what is given, or raise the `TwilioError` that refuses it."""
        check(reading.values, reading.breaches)
        return await self._put(changed(service, reading.values, self._engine.clock.now()), Unit())

    async def _put(self, service: Service, unit: Unit) -> Service:
        self._registry.put(service.sid, service, unit)
        await self._engine.commit(unit)
        return service

    async def delete(self, service: Service) -> None:
        """Free its senders, and forget it but for its place, which page tokens may still name."""
        unit = Unit()
        self._registry.remove(service.sid, unit)
        self._clear_up(service.sid, unit)
        await self._engine.commit(unit)

    def _clear_up(self, sid: str, unit: Unit) -> None:
        """What was known of a service's pool, and its campaign, go with it."""
        tables = self._tables
        tables.deleted.pop(f"members/{sid}", None)
        for key in [key for key, each in tables.members.items() if each.service_sid == sid]:
            del tables.members[key]
            unit.put("members", key, None)
        filings = Registry(tables, "filings", tables.filings)
        for key in [key for key, each in tables.filings.items() if each.of == sid]:
            filings.remove(key, unit)

    def page(self, account: Account, ask: PageAsk) -> tuple[list[Service], bool]:
        """A page of the account's services, newest first, and whether more are behind it.

        Raise `TwilioError` 21481 for a token that names no service.
        """
        return self._registry.page(account, ask, lambda _: True)

    def _free_sid(self) -> str:
        ordinals = count(len(self._tables.services) + len(self._tables.deleted[TABLE]))
        return self._registry.free(mint("MG", self._dice.of(TABLE, str(each))) for each in ordinals)
