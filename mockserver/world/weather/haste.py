"""Callbacks that come before the response to the create, so that its answer is still unknown.

The first callback that a rule hurries is posted at once, with the steps that lead to it, and the
response waits for the application's answer, as long as its URL's timeouts allow.
"""

from msgspec.structs import replace

from mockserver.domain.faults import WeatherRule
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.callbacks import Postman
from mockserver.world.engine import Engine
from mockserver.world.ports import Posting
from mockserver.world.tables import Unit
from mockserver.world.visits import Stopped, Visits
from mockserver.world.weather.marking import Marking
from mockserver.world.weather.storm import Storm
from mockserver.world.weather.waiting import Copy


class Haste:
    """That of one sandbox's creates."""

    def __init__(
        self, marking: Marking, storm: Storm, engine: Engine, postman: Postman, visits: Visits
    ) -> None:
        self._marking, self._storm, self._engine = marking, storm, engine
        self._postman, self._visits = postman, visits

    def hurry(self, message: Message, delivery: Delivery, unit: Unit) -> list[Copy]:
        """Take a message that was just made to the first step that is to be announced early.

        What to post before the response; nothing where nothing is hurried. A scheduled message
        goes out after its response in any weather.
        """
        status, rule = self._first(message, delivery)
        if rule is None:
            return []
        steps = delivery.steps
        code = next(steps[n + 2] for n in range(0, len(steps), STEP) if steps[n] == status)
        self._engine.force(message, status, code, unit)
        notice = unit.notices.pop()
        marking = self._marking
        posting = replace(marking.mark(marking.posting(notice), rule), chain=message.sid)
        forged = rule.then.signature
        copies = [Copy(posting, forged=forged)] * rule.then.duplicate
        return [Copy(posting, rule.then.replay, forged), *copies]

    async def post(self, copies: list[Copy]) -> None:
        """Post them, and wait for the answers."""
        try:
            await self._visits.pay(self._post(copies))
        except Stopped:
            return  # the message is gone with its sandbox; that it was made is still true

    async def _post(self, copies: list[Copy]) -> None:
        for copy in copies:
            self._storm.late.replay(copy)
            again: Posting | None = copy.posting
            while again is not None:
                attempt = await self._postman.make(again)
                again = attempt.again

    def _first(self, message: Message, delivery: Delivery) -> tuple[str, WeatherRule | None]:
        """The first status that is to be announced early; what is decided on the way is kept."""
        announced = self._engine.announced - {"read"}
        if delivery.status == "scheduled":
            return "", None
        decided: dict[str, WeatherRule | None] = {}
        for status in delivery.steps[::STEP]:
            if status not in announced:
                continue
            rule = self._marking.of_notice(message, status)
            if rule is not None and rule.then.early:
                self._storm.foresee(message.sid, decided, status)
                return status, rule
            decided[status] = rule
        self._storm.foresee(message.sid, decided, "")
        return "", None
