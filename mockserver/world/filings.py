"""The commands of brands, campaigns and verifications: file, hand in again, withdraw, list."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.campaigns import check_campaign
from mockserver.domain.filings import BRAND, CAMPAIGN, DECIDED_STAGE, Filing, stage
from mockserver.domain.numbers import Service
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import mint
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Tables, Unit


def registered(tables: Tables, service: Service, now: int) -> bool:
    """Whether a service has a campaign that was verified."""
    campaigns = (each for each in tables.filings.values() if each.of == service.sid)
    return any(stage(each, now) == DECIDED_STAGE for each in campaigns)


class Filings(Registry[Filing]):
    """What can be done to a sandbox's filings, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, "filings", sandbox.tables.filings)
        self._sandbox = sandbox

    def one(self, account: Account, sid: str, kind: str, of: str = "") -> Filing | None:
        """A filing of a kind, if it is the account's, and that of a service or brand."""
        found = self._sandbox.tables.filings.get(sid) if sid.startswith(kind) else None
        own = found is not None and found.account_sid == account.sid and found.of == of
        return found if own else None

    def of_kind(
        self,
        account: Account,
        ask: PageAsk,
        kind: str,
        of: str = "",
        fits: Callable[[Filing], bool] = lambda _: True,
    ) -> tuple[list[Filing], bool]:
        """A page of the account's filings of a kind, newest first, and whether more are behind.

        Raise `TwilioError` 21481.
        """
        return self.page(account, ask, lambda e: e.kind == kind and e.of == of and fits(e))

    async def file(
        self, account: Account, kind: str, form: Mapping[str, Any], of: str = ""
    ) -> Filing:
        """Hand in checked parameters."""
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        sids = (mint(kind, sandbox.dice.of("filing", f"{kind}/{n}")) for n in count())
        filing = Filing(self.free(sids), account.sid, dict(form), of, now, now)
        return await self._keep(filing, unit)

    async def file_campaign(
        self, account: Account, service: Service, form: Mapping[str, Any], *, strict: bool
    ) -> Filing:
        """The service's campaign; raise `TwilioError` as `check_campaign` does."""
        brand = self.one(account, form["BrandRegistrationSid"], BRAND)
        now, other = self._sandbox.clock.now(), self.campaign(service)
        check_campaign(form, brand, other, now, strict=strict)
        return await self.file(account, CAMPAIGN, form, service.sid)

    def campaign(self, service: Service) -> Filing | None:
        """The campaign that a service has, if any."""
        every = self._sandbox.tables.filings.values()
        return next((e for e in every if e.of == service.sid), None)

    async def hand_in(self, filing: Filing, form: Mapping[str, Any]) -> Filing:
        """Set what is given; the review begins anew."""
        form, now = {**filing.form, **form}, self._sandbox.clock.now()
        return await self._keep(replace(filing, form=form, updated_at=now), Unit())

    async def withdraw(self, filing: Filing) -> None:
        """Forget one."""
        unit = Unit()
        self.remove(filing.sid, unit)
        await self._sandbox.engine.commit(unit)

    async def _keep(self, filing: Filing, unit: Unit) -> Filing:
        self.put(filing.sid, filing, unit)
        await self._sandbox.engine.commit(unit)
        return filing
