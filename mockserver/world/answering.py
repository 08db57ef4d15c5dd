"""Handsets answer what reached them, where a scenario's rules say so.

A message has reached its handset once it is `delivered`. What comes back is an ordinary inbound
message. It is booked under way, so that the instant clock runs on to it, and waits in the tables.
When its time comes it is kept, and an opt-out done, at once; the clock stands until the application
was asked about it. Whoever goes on calling meanwhile does so beside the application, and what comes
first is then not the seed's to say: the manual clock knows no such meanwhile.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockserver.domain.handset_answers import HandsetAnswer
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.engine import Engine
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables
from mockserver.world.visits import Stopped, Visits

if TYPE_CHECKING:
    from mockserver.world.inbound import Inbound
    from mockserver.world.talk import Talk

WIDTH: Final = 16
"""Handsets of a sandbox that talk to the application at once, under a clock that runs; ours.

Under one that stands still meanwhile it is one: what the application does has an order then.
"""

log: Final = logging.getLogger("mockserver")


class Answering:
    """The handsets of one sandbox."""

    def __init__(
        self,
        tables: Tables,
        rules: Rulebook,
        engine: Engine,
        visits: Visits,
        inbound: "Callable[[], Inbound]",
    ) -> None:
        """`inbound` is through which they write."""
        self._tables, self._rules, self._engine = tables, rules, engine
        self._visits, self._inbound = visits, inbound
        self._turns: deque[Talk] = deque()
        """Conversations about what they wrote that are still to be held."""
        self._talking = 0

    def hear(self, message: Message, delivery: Delivery, taken: int) -> None:
        """A message took so many steps; it is answered if one of them brought it to its handset."""
        at = _arrival(delivery, taken)
        if at is None or message.test:
            return
        answer = HandsetAnswer(at, _handset(message), message.from_, "")
        if not answer.possible or (rule := self._rules.answer(message)) is None:
            return
        answer = replace(answer, at=at + rule.delay, body=rule.answer(message.body))
        self._tables.answers[message.sid] = answer
        self._engine.unit.put("answers", message.sid, answer)
        self._engine.clock.book(answer.at, self._come, message.sid)

    def resume(self) -> None:
        """Book what was still to come when the tables were kept."""
        for sid, answer in self._tables.answers.items():
            self._engine.clock.book(answer.at, self._come, sid)

    def _come(self, sid: str, at: int) -> None:
        """It writes: what that does to opt-outs is done before anybody else has a turn."""
        from mockserver.world.inbound import Text  # loaded with the first that writes

        answer, unit = self._tables.answers.pop(sid), self._engine.unit
        unit.put("answers", sid, None)
        talk = self._inbound().take(Text(*answer.ends, answer.body), unit)
        if talk is not None:
            self._turns.append(talk)
            self._begin()

    def _begin(self) -> None:
        width = 1 if self._frozen else WIDTH
        if self._turns and self._talking < width:
            self._talking += 1
            self._visits.begin(self._talk())

    async def _talk(self) -> None:
        """Hold one conversation, and under a clock that stands still all others that are due."""
        try:
            await self._engine.kept()
            while self._turns:
                await self._hold(self._turns.popleft())
                if not self._frozen:
                    break
        finally:
            self._talking -= 1
            self._begin()

    async def _hold(self, talk: "Talk") -> None:
        try:
            await self._inbound().hold(talk)
        except Stopped:
            return  # and with it all that would have come of it
        except Exception:
            log.exception("what came of %s broke the mock: please report this", talk.message.sid)

    @property
    def _frozen(self) -> bool:
        return self._engine.clock.mode.frozen


def _arrival(delivery: Delivery, taken: int) -> int | None:
    """When the last `taken` steps brought it to its handset, if they did."""
    line = delivery.timeline
    for place in range(len(line) - taken * STEP, len(line), STEP):
        if line[place] == "delivered":
            at: int = line[place + 1]
            return at
    return None


def _handset(message: Message) -> str:
    """The recipient on the sender's channel, which operations name with the sender alone."""
    channel, colon, _ = message.from_.partition(":")
    return f"{channel}:{message.to}" if colon and ":" not in message.to else message.to
