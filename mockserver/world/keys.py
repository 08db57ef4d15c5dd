"""The commands of API keys, which Twilio also calls signing keys: make, rename, delete, list.

SIDs and secrets come from no seed: they route.
"""

from msgspec.structs import replace

from mockserver.domain.accounts import Account, ApiKey
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import is_sid, mint
from mockserver.world.dice import fresh_entropy
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class Keys:
    """What can be done to a sandbox's API keys, one command a method."""

    __slots__ = ("_registry", "_sandbox")

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, tables = sandbox, sandbox.tables
        self._registry = Registry(tables, "keys", tables.keys)

    def find(self, account: Account, sid: str) -> ApiKey | None:
        """A key, if it is the account's."""
        key = self._sandbox.tables.keys.get(sid)
        mine = key is not None and key.account_sid == account.sid and is_sid(sid, "SK")
        return key if mine else None

    async def create(self, account: Account, name: str) -> ApiKey:
        """Make a Standard key, which authenticates from now on; raise `ServerFull`."""
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        sid = mint("SK", fresh_entropy())
        sandbox.accounts.claim(sid)
        sandbox.accounts.come_into_being(account, unit)
        key = ApiKey(sid, fresh_entropy().hex(), account.sid, "standard", name, now, now)
        return await self._put(key, unit)

    async def rename(self, key: ApiKey, name: str) -> ApiKey:
        """Give it another name; "" leaves the one it has."""
        now = self._sandbox.clock.now()
        name = name or key.friendly_name
        return await self._put(replace(key, friendly_name=name, updated_at=now), Unit())

    async def delete(self, key: ApiKey) -> None:
        """It authenticates no longer."""
        unit = Unit()
        self._registry.remove(key.sid, unit)
        await self._sandbox.engine.commit(unit)

    def page(self, account: Account, ask: PageAsk) -> tuple[list[ApiKey], bool]:
        """The account's keys, newest first, and whether more are behind the page.

        Raise `TwilioError` 21481.
        """
        return self._registry.page(account, ask, lambda key: is_sid(key.sid, "SK"))

    async def _put(self, key: ApiKey, unit: Unit) -> ApiKey:
        self._registry.put(key.sid, key, unit)
        await self._sandbox.engine.commit(unit)
        return key
