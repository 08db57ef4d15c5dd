"""The commands of sinks: make, change, test, validate, delete."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.events import sinks
from mockserver.domain.events.problems import NO_SUCH_SINK, SINK_IN_USE, TOO_MANY_SINKS
from mockserver.domain.events.sinks import Sink, first_status
from mockserver.domain.sids import mint
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit

TABLE: Final = "sinks"


class Sinks(Registry[Sink]):
    """What can be done to a sandbox's sinks, one command a method."""

    __slots__ = ("_sandbox",)

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.tables, TABLE, sandbox.tables.sinks)
        self._sandbox = sandbox

    def one(self, account: Account, sid: str) -> Sink:
        """The account's sink, after what is due; raise `TwilioError` 91001."""
        self._sandbox.engine.catch_up()
        if (found := self.find(account, sid)) is None:
            raise TwilioError(NO_SUCH_SINK)
        return found

    async def create(
        self, account: Account, kind: str, configuration: Mapping[str, Any], description: str
    ) -> Sink:
        """Make one of checked parameters; raise `TwilioError` 91003."""
        if sum(1 for _ in self.own(account)) >= sinks.MOST:
            raise TwilioError(TOO_MANY_SINKS)
        sandbox, unit, now = self._sandbox, Unit(), self._sandbox.clock.now()
        sandbox.accounts.come_into_being(account, unit)
        sids = (mint("DG", sandbox.dice.of("sink", str(n))) for n in count())
        made = Sink(
            self.free(sids),
            account.sid,
            description,
            kind,
            dict(configuration),
            first_status(kind),
            created_at=now,
            updated_at=now,
        )
        return await self._keep(made, unit)

    async def describe(self, sink: Sink, description: str) -> Sink:
        """Nothing else of a sink can be changed."""
        now = self._sandbox.clock.now()
        return await self._keep(replace(sink, description=description, updated_at=now), Unit())

    async def test(self, sink: Sink) -> Sink:
        """Begin a test, by which the one before is over: an event goes out."""
        test_id = self._sandbox.dice.uuid("sink-test", f"{sink.sid}/{sink.tests}")
        after = sinks.under_test(sink, test_id, self._sandbox.clock.now())
        kept = await self._keep(after, Unit())
        self._sandbox.streams.try_out(kept)
        return kept

    async def validate(self, sink: Sink, test_id: str) -> Sink:
        """Activate it; raise `TwilioError` 91004, 91005."""
        after = sinks.validated(sink, test_id, self._sandbox.clock.now())
        return await self._keep(after, Unit())

    async def delete(self, sink: Sink) -> None:
        """Forget one; raise `TwilioError` 91007 while a subscription leads to it."""
        if self.in_use(sink.sid):
            raise TwilioError(SINK_IN_USE, sid=sink.sid)
        unit = Unit()
        self.remove(sink.sid, unit)
        await self._sandbox.engine.commit(unit)

    def in_use(self, sid: str, *, but: str = "") -> bool:
        """Whether a subscription leads to a sink, other than that with the SID `but`."""
        every = self._sandbox.tables.subscriptions.values()
        return any(each.sink_sid == sid and each.sid != but for each in every)

    async def _keep(self, sink: Sink, unit: Unit) -> Sink:
        self.put(sink.sid, sink, unit)
        await self._sandbox.engine.commit(unit)
        return sink
