"""The commands of subscriptions: make, change, delete, and what they are subscribed to."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.events.problems import (
    NO_SUCH_SUBSCRIPTION,
    SINK_IN_USE,
    SINK_NOT_READY,
    UNKNOWN_TYPE,
)
from mockserver.domain.events.sinks import ACTIVE
from mockserver.domain.events.subscriptions import Subscription
from mockserver.domain.sids import mint
from mockserver.world.events.sinks import Sinks
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit

TABLE: Final = "subscriptions"


class Subscriptions(Registry[Subscription]):
    """What can be done to a sandbox's subscriptions, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, TABLE, sandbox.tables.subscriptions)
        self._sandbox = sandbox

    def one(self, account: Account, sid: str) -> Subscription:
        """The account's subscription, after what is due; raise `TwilioError` 91102."""
        self._sandbox.engine.catch_up()
        if (found := self.find(account, sid)) is None:
            raise TwilioError(NO_SUCH_SUBSCRIPTION)
        return found

    async def create(
        self, account: Account, sink_sid: str, types: Mapping[str, int], description: str
    ) -> Subscription:
        """Make one of checked parameters; raise `TwilioError` 91001, 91007, 91100.

        A sink takes one, so that there are never more than sinks: the hundred that Twilio allows.
        """
        self._check_sink(account, sink_sid)
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        sids = (mint("DF", sandbox.dice.of("subscription", str(n))) for n in count())
        made = Subscription(
            self.free(sids), account.sid, sink_sid, description, dict(types), now, now
        )
        return await self._keep(made, unit)

    def _check_sink(self, account: Account, sid: str, *, but: str = "") -> None:
        """Raise `TwilioError` unless events may go there: a sink takes one subscription.

        That of live tests; older texts of Twilio know several of one sink.
        """
        sinks = Sinks(self._sandbox)
        if sinks.one(account, sid).status != ACTIVE:
            raise TwilioError(SINK_NOT_READY)
        if sinks.in_use(sid, but=but):
            raise TwilioError(SINK_IN_USE, sid=sid)

    async def update(
        self, account: Account, subscription: Subscription, changes: Mapping[str, Any]
    ) -> Subscription:
        """Set fields; raise `TwilioError` as `create` does where it is led to another sink."""
        if "sink_sid" in changes:
            self._check_sink(account, changes["sink_sid"], but=subscription.sid)
        return await self._changed(subscription, **changes)

    async def delete(self, subscription: Subscription) -> None:
        """Forget one; its sink stays."""
        unit = Unit()
        self.remove(subscription.sid, unit)
        self._sandbox.streams.refresh()
        await self._sandbox.engine.commit(unit)

    async def subscribe(self, subscription: Subscription, name: str, version: int) -> Subscription:
        """Add a type, or set the version of one that is there."""
        return await self._changed(subscription, types={**subscription.types, name: version})

    async def unsubscribe(self, subscription: Subscription, name: str) -> Subscription:
        """Take a type away; raise `TwilioError` 91104 where it is not there."""
        if name not in subscription.types:
            raise TwilioError(UNKNOWN_TYPE)
        left = {each: version for each, version in subscription.types.items() if each != name}
        return await self._changed(subscription, types=left)

    async def _changed(self, subscription: Subscription, **fields: Any) -> Subscription:
        now = self._sandbox.clock.now()
        return await self._keep(replace(subscription, **fields, updated_at=now), Unit())

    async def _keep(self, subscription: Subscription, unit: Unit) -> Subscription:
        self.put(subscription.sid, subscription, unit)
        self._sandbox.streams.refresh()
        await self._sandbox.engine.commit(unit)
        return subscription
