"""What decides in a sandbox: fates of messages, faults of calls, weather, answers of handsets.

Chance is addressed by what it decides about, so that the order of arrival is no matter.
"""

import logging
import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Final, TypeVar

from mockserver.domain.built_in import built_in
from mockserver.domain.faults import (
    TOO_SLOW,
    DeliveryRule,
    FaultRule,
    HandsetRule,
    Roll,
    Scenario,
    WeatherRule,
    decide,
)
from mockserver.domain.lifecycle import Fate
from mockserver.domain.matching import Subject
from mockserver.domain.message import Message
from mockserver.domain.options import USUAL, Options
from mockserver.world.dice import Dice
from mockserver.world.in_force import InForce
from mockserver.world.remembering import bound
from mockserver.world.subjects import MessageSubject, path_of
from mockserver.world.tables import Tables

if TYPE_CHECKING:
    from mockserver.world.gates import Mishap

R = TypeVar("R", DeliveryRule, FaultRule, WeatherRule, HandsetRule)

_OWNER: Final = re.compile(r"(?:AC|SK)[0-9a-fA-F]{32}")
"""What routes is not of the seed, so chance must not hang on it."""

_STORY: Final = ("operation", "method", "from", "to", "body")
"""What tells one call from another; how often the same came before is the rest."""


SLOW: Final = "the body_regex of the rule %s took too long for a text: it matches nothing any more"

log: Final = logging.getLogger("mockserver")


class Rulebook(InForce):
    """What decides fates, faults, weather and answers in one sandbox."""

    def __init__(
        self,
        tables: Tables,
        dice: Dice,
        usual: Options = USUAL,
        now: Callable[[], int] = lambda: 0,
    ) -> None:
        """`usual` are the switches of which a scenario says nothing; `now` is the clock's time."""
        super().__init__(tables, usual, now)
        self._dice = dice

    def put(self, scenario: Scenario) -> None:
        """Replace rules, counters and switches at once."""
        self._tables.calls.clear()
        super().put(scenario)

    def fate(self, message: Message) -> Fate:
        """How a message ends: by the first rule that is about it, else by its recipient."""
        return (self.delivery and self.ruled(message)) or built_in(message.to)

    def ruled(self, message: Message) -> Fate | None:
        """How a message ends by the first rule that is about it, if there is one."""
        subject = MessageSubject(message, None)
        rule = self._decide(self.delivery, subject, self._rolls("delivery", message.sid))
        return rule.fate if rule is not None else None

    def fault(self, call: Subject) -> "Mishap | None":
        """How an API call goes wrong, if it does."""
        from mockserver.world.gates import Gate, Mishap  # few servers have such rules

        rolls = count(1)
        story = ""

        def roll() -> float:
            nonlocal story
            story = story or self._story(call)
            return self._dice.fraction("fault", f"{story}/{next(rolls)}")

        gate = Gate(self._tables, call, self._now())
        rule = self._decide(self.faults, call, roll, gate.bites)
        return Mishap(rule, roll, gate.wait, gate.unseen) if rule is not None else None

    def storm(self, callback: Subject, key: str) -> WeatherRule | None:
        """What becomes of a webhook, if anything; `key` is the same whenever it is asked about.

        A rule with something that cannot become of its kind of webhook is not about it.
        """
        kind = str(callback.get("kind"))
        rules = [rule for rule in self.weather if rule.then.fits(kind)]
        return self._decide(rules, callback, self._rolls("weather", key))

    def answer(self, message: Message) -> HandsetRule | None:
        """What a handset does about a message that reached it, if anything."""
        subject = MessageSubject(message, None)
        return self._decide(self.handsets, subject, self._rolls("handset", message.sid))

    def _decide(
        self,
        rules: Sequence[R],
        subject: Subject,
        roll: Roll,
        bites: Callable[[R], bool] | None = None,
    ) -> R | None:
        """The rule that wants the subject, once the counts are kept."""
        counters = self._tables.counters
        rule, changes = decide(rules, subject, roll, counters, self.elapsed, bites)
        for name in changes:
            if name.endswith(TOO_SLOW) and name not in counters:
                log.warning(SLOW, name.removesuffix(f".{TOO_SLOW}"))
        counters.update(changes)
        if any("/" in name for name in changes):
            bound(counters)
        return rule

    def _rolls(self, purpose: str, key: str) -> Roll:
        rolls = count(1)
        return lambda: self._dice.fraction(purpose, f"{key}/{next(rolls)}")

    def _story(self, call: Subject) -> str:
        """The same for calls that ask the same, whatever came between, and a number."""
        facts = [str(call.get(name)) for name in _STORY]
        facts.append(_OWNER.sub("", path_of(call)))
        text = "\0".join(facts)
        calls, digest = self._tables.calls, self._dice.of("call", text).hex()
        number = calls[digest] = calls.get(digest, 0) + 1
        return f"{text}/{number}"
