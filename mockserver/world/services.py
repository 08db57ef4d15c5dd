"""The commands of Messaging Services: make, change, delete, and pages of a list."""

from itertools import count, islice
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.errors import INVALID_PAGE_TOKEN, TwilioError
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

    __slots__ = ("_accounts", "_dice", "_engine", "_tables")

    def __init__(self, tables: Tables, accounts: Accounts, dice: Dice, engine: Engine) -> None:
        self._tables, self._accounts, self._dice, self._engine = tables, accounts, dice, engine

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
        self._tables.services[service.sid] = service
        unit.put(TABLE, service.sid, service)
        await self._engine.commit(unit)
        return service

    async def delete(self, service: Service) -> None:
        """Free its senders, and forget it but for its place, which page tokens may still name."""
        unit, sid = Unit(), service.sid
        place = self._places()[sid]
        del self._tables.services[sid]
        self._tables.deleted_services[sid] = place
        unit.put(TABLE, sid, None)
        unit.put("deleted_services", sid, place)
        self._clear_up(sid, unit)
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
        places = self._places()
        if (pivot := ask.after or ask.before) and pivot not in places:
            raise TwilioError(INVALID_PAGE_TOKEN)
        own = [each for each in self._tables.services.values() if each.account_sid == account.sid]
        if ask.before:
            newer = [each for each in own if places[each.sid] > places[pivot]][: ask.size]
            return newer[::-1], bool(newer) and newer[0] is not own[0]
        older = (e for e in reversed(own) if not pivot or places[e.sid] < places[pivot])
        found = list(islice(older, ask.size + 1))
        return found[: ask.size], len(found) > ask.size

    def _places(self) -> dict[str, int]:
        """Places in order of creation, of deleted services too: the others fill what is left."""
        gone = self._tables.deleted_services
        taken = set(gone.values())
        left = (place for place in count() if place not in taken)
        return {**gone, **dict(zip(self._tables.services, left, strict=False))}

    def _free_sid(self) -> str:
        services, gone = self._tables.services, self._tables.deleted_services
        ordinals = count(len(services) + len(gone))
        sids = (mint("MG", self._dice.of(TABLE, str(ordinal))) for ordinal in ordinals)
        return next(sid for sid in sids if sid not in services and sid not in gone)
