"""Handsets answer what reached them, where a scenario's rules say so.

A message has reached its handset once it is `delivered`. What comes back is an ordinary inbound
message. It is booked under way, so that the instant clock runs on to it, and waits in the tables.
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
from mockserver.world.tables import Tables, Unit
from mockserver.world.visits import Stopped, Visits

if TYPE_CHECKING:
    from mockserver.world.inbound import Inbound

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
        self._turns: deque[str] = deque()
        """What they answer, by SID, whose time has come."""
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
        self._turns.append(sid)
        self._begin()

    def _begin(self) -> None:
        width = 1 if self._frozen else WIDTH
        if self._turns and self._talking < width:
            self._talking += 1
            self._visits.begin(self._talk())

    async def _talk(self) -> None:
        """Have one write, and under a clock that stands still all others whose turn it is."""
        try:
            await self._write(self._turns.popleft())
            while self._turns and self._frozen:
                await self._write(self._turns.popleft())
        finally:
            self._talking -= 1
            self._begin()

    async def _write(self, sid: str) -> None:
        from mockserver.world.inbound import Text  # loaded with the first that writes

        answer, unit = self._tables.answers.pop(sid), Unit()
        unit.put("answers", sid, None)
        text = Text(*answer.ends, answer.body)
        try:
            await self._inbound().receive(text, unit)
        except Stopped:
            return  # and with it all that would have come of it
        except Exception:
            log.exception("the answer to %s broke the mock: please report this", sid)

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
