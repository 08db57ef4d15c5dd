"""The commands of usage triggers: make, change, delete."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from mockserver.domain.accounts import Account
from mockserver.domain.sids import mint
from mockserver.domain.usage_triggers import ONCE, UsageTrigger, changed
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class UsageTriggers(Registry[UsageTrigger]):
    """What can be done to a sandbox's usage triggers, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, "usage_triggers", sandbox.tables.usage_triggers)
        self._sandbox = sandbox

    async def create(
        self, account: Account, category: str, value: str, form: Mapping[str, Any]
    ) -> UsageTrigger:
        """Make one of checked parameters."""
        sandbox, unit = self._sandbox, Unit()
        now = sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        sids = (mint("UT", sandbox.dice.of("usage-trigger", str(n))) for n in count())
        made = UsageTrigger(
            self.free(sids),
            account.sid,
            category,
            value,
            form["CallbackUrl"],
            recurring=form.get("Recurring", ONCE),
            trigger_by=form.get("TriggerBy", "usage"),
            created_at=now,
        )
        rest = {name: form[name] for name in ("CallbackMethod", "FriendlyName") if name in form}
        return await self._keep(changed(made, rest, now), unit)

    async def update(self, trigger: UsageTrigger, form: Mapping[str, Any]) -> UsageTrigger:
        """Set what is given."""
        return await self._keep(changed(trigger, form, self._sandbox.clock.now()), Unit())

    async def delete(self, trigger: UsageTrigger) -> None:
        """Forget one."""
        unit = Unit()
        self.remove(trigger.sid, unit)
        await self._sandbox.engine.commit(unit)

    async def _keep(self, trigger: UsageTrigger, unit: Unit) -> UsageTrigger:
        self.put(trigger.sid, trigger, unit)
        await self._sandbox.engine.commit(unit)
        return trigger
