"""The commands of credentials of push services: make, change, delete, list."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from mockserver.domain.accounts import Account
from mockserver.domain.notify.credentials import Credential, changed
from mockserver.domain.sids import mint
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit

TABLE: Final = "notify_credentials"


class Credentials(Registry[Credential]):
    """What can be done to a sandbox's credentials, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, TABLE, sandbox.tables.notify.credentials)
        self._sandbox = sandbox

    def find(self, account: Account, sid: str) -> Credential | None:
        """A credential, if it is the account's; what is due was sent with it as it is."""
        self._sandbox.engine.catch_up()
        return super().find(account, sid)

    async def create(self, account: Account, form: Mapping[str, Any]) -> Credential:
        """Make one of checked parameters."""
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        sids = (mint("CR", sandbox.dice.of("notify credential", str(n))) for n in count())
        made = Credential(self.free(sids), account.sid, created_at=now)
        return await self._keep(changed(made, form, now), unit)

    async def update(self, credential: Credential, form: Mapping[str, Any]) -> Credential:
        """Set what is given."""
        return await self._keep(changed(credential, form, self._sandbox.clock.now()), Unit())

    async def delete(self, credential: Credential) -> None:
        """Forget one; services and bindings that name it go on naming it."""
        unit = Unit()
        self.remove(credential.sid, unit)
        await self._sandbox.engine.commit(unit)

    async def _keep(self, credential: Credential, unit: Unit) -> Credential:
        self.put(credential.sid, credential, unit)
        await self._sandbox.engine.commit(unit)
        return credential
