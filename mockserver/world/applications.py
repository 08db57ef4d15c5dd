"""The commands of TwiML applications: make, change, delete."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.applications import Application, changed
from mockserver.domain.sids import mint
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class Applications(Registry[Application]):
    """What can be done to a sandbox's applications, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, "applications", sandbox.tables.applications)
        self._sandbox = sandbox

    async def create(self, account: Account, form: Mapping[str, Any]) -> Application:
        """Make one of checked parameters."""
        sandbox, unit = self._sandbox, Unit()
        now = sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        sids = (mint("AP", sandbox.dice.of("application", str(n))) for n in count())
        made = Application(self.free(sids), account.sid, created_at=now)
        return await self._keep(changed(made, form, now), unit)

    async def update(self, application: Application, form: Mapping[str, Any]) -> Application:
        """Set what is given."""
        return await self._keep(changed(application, form, self._sandbox.clock.now()), Unit())

    async def delete(self, application: Application) -> None:
        """Forget one; numbers that pointed to it point nowhere."""
        unit, sid, numbers = Unit(), application.sid, self._sandbox.tables.numbers
        self.remove(sid, unit)
        for key, number in numbers.items():
            if sid in (number.sms_application_sid, number.voice_application_sid):
                numbers[key] = replace(
                    number,
                    sms_application_sid=_without(number.sms_application_sid, sid),
                    voice_application_sid=_without(number.voice_application_sid, sid),
                )
                unit.put("numbers", key, numbers[key])
        await self._sandbox.engine.commit(unit)

    async def _keep(self, application: Application, unit: Unit) -> Application:
        self.put(application.sid, application, unit)
        await self._sandbox.engine.commit(unit)
        return application


def _without(present: str, gone: str) -> str:
    return "" if present == gone else present
