"""Weather over callbacks: which are dropped, which go twice, later, or in another order.

What steps and commands wrote goes through here before it is kept. A callback that is late waits for
the sandbox's clock, as an event under way; when its time has come it goes out with what else
happens in that tick. One that waits for the next of its message goes right behind it, whatever
becomes of that. All of it is in the tables: a snapshot has it, and a reset ends it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Final

from msgspec.structs import replace

from mockserver.domain.faults import WeatherRule
from mockserver.domain.message import STEP
from mockserver.world.callbacks import Postman
from mockserver.world.clock import Clock
from mockserver.world.journal import NOT_POSTED
from mockserver.world.ports import Notice, Posting
from mockserver.world.tables import Unit
from mockserver.world.weather.latecomers import Latecomers
from mockserver.world.weather.marking import Marking, status_key
from mockserver.world.weather.waiting import Copy, Foreseen, Train

Item = Notice | Posting

UNKNOWN: Final = Foreseen()


class Storm:
    """That over one sandbox's status callbacks, and Notify's delivery callbacks."""

    def __init__(
        self,
        marking: Marking,
        clock: Clock,
        postman: Postman,
        unit: Callable[[], Unit],
        announced: Callable[[], Set[str]],
    ) -> None:
        """`unit` is what the tick under way writes; `announced` are statuses with a callback."""
        self._marking, self._clock, self._postman = marking, clock, postman
        self._announced = announced
        self.late = Latecomers(marking.tables, clock, unit)
        self._known = marking.tables.foreseen

    def resume(self) -> None:
        """Go on with what the tables have of it."""
        self.late.resume(self._marking.signed)

    def foresee(self, sid: str, rules: Mapping[str, WeatherRule | None], hurried: str) -> None:
        """Keep what was decided about a message's callbacks ahead of its time, by status.

        `hurried` is the one that it is told of before the others; "" for none.
        """
        if rules:
            ids = {status: "" if rule is None else rule.id for status, rule in rules.items()}
            self._known[sid] = Foreseen(ids, hurried)

    def sift(self, items: Iterable[Item]) -> list[Item]:
        """What of it goes out now, and what else with it."""
        found: list[Item] = []
        for item in items:
            found += self._through(item)
            if self._known and isinstance(item, Notice):
                self._passed(item)
        return found

    def holds(self, chain: str) -> bool:
        """Whether something of a message, or of a notification, waits here."""
        return chain in self.late

    def let_go(self, sid: str) -> Iterator[Posting]:
        """What waits for another callback of a message that is deleted, so that none comes."""
        self._known.pop(sid, None)
        yield from self.late.go(self.late.behind(sid), self._clock.now())

    # One callback

    def _through(self, item: Item) -> Iterator[Item]:
        if isinstance(item, Posting) and item.weather:
            yield item  # it has waited for the clock
            return
        chain, at = _chain(item), _due(item)
        yield from self.late.overdue(chain, at)
        rule, behind = self._rule(item), self.late.behind(chain)
        if rule is None:
            yield item
            yield from self.late.go(behind, at)
        elif rule.then.drop:
            said = f"{NOT_POSTED}the weather rule {rule.id} drops it"
            self._postman.drop(self._marked(item, rule, chain), said)
            yield from self.late.go(behind, at)
        else:
            yield from self._weather(item, rule, chain, behind)

    def _weather(
        self, item: Item, rule: WeatherRule, chain: str, behind: Train
    ) -> Iterator[Posting]:
        """What goes out now of a callback that a rule is about, and of those behind it."""
        then, at = rule.then, _due(item)
        posting, forged = self._marked(item, rule, chain), then.signature
        copies = [Copy(replace(posting), forged=forged) for _ in range(then.duplicate)]
        train = (Copy(posting, then.replay, forged), *copies, *behind)
        due = self._delayed(item, rule)
        if due > at:
            self.late.wait(chain, due, train)
        elif then.reorder and self._has_next(item):
            self.late.hold(chain, train)
        else:
            yield from self.late.go(train, at)

    def _marked(self, item: Item, rule: WeatherRule, chain: str) -> Posting:
        marking = self._marking
        return replace(marking.mark(marking.posting(item), rule), chain=chain)

    def _rule(self, item: Item) -> WeatherRule | None:
        """The rule that it falls under; what comes too late to be early is as usual."""
        of_posting = self._marking.of_posting
        rule = self._foreseen(item) if isinstance(item, Notice) else of_posting(item)
        return None if rule is not None and rule.then.names == {"early"} else rule

    def _foreseen(self, notice: Notice) -> WeatherRule | None:
        sid, status = notice.message.sid, notice.status
        known = self._known.get(sid)
        if known is None or status not in known.rules:
            return self._marking.of_notice(notice.message, status)
        rules = dict(known.rules)
        rule = self._marking.rule(rules.pop(status))
        self._keep_foreseen(sid, replace(known, rules=rules))
        return rule

    def _passed(self, notice: Notice) -> None:
        """Forget what matters no more once a message's last callback has come by."""
        if notice.message.sid in self._known and not self._has_next(notice):
            del self._known[notice.message.sid]

    def _keep_foreseen(self, sid: str, known: Foreseen) -> None:
        if known:
            self._known[sid] = known
        else:
            del self._known[sid]

    def _delayed(self, item: Item, rule: WeatherRule) -> int:
        """When it goes out. Spans are counted from when the scenario came into force."""
        then, at = rule.then, _due(item)
        if then.burst:
            since = self._marking.tables.course.since
            return since + ((at - since) // then.burst + 1) * then.burst
        if then.delay is None:
            return at
        return at + then.delay.at(self._marking.dice.fraction("weather-delay", _key(item)))

    def _has_next(self, item: Item) -> bool:
        """Whether another callback of the same message, or notification, is to come."""
        if isinstance(item, Posting):
            return ("IsFinal", "false") in item.parcel.params
        sid = item.message.sid
        delivery = self._marking.tables.messages.find_delivery(sid)
        if delivery is None:
            return False
        steps = (*delivery.timeline, *delivery.steps)
        places = range(0, len(steps), STEP)
        here = [place for place in places if steps[place : place + 2] == (item.status, item.at)]
        told = self._announced() - {self._known.get(sid, UNKNOWN).hurried}
        return bool(here) and any(steps[place] in told for place in places if place > here[-1])


def _chain(item: Item) -> str:
    """What goes in order with it."""
    if isinstance(item, Notice):
        return item.message.sid
    return item.chain or item.parcel.message_sid or item.parcel.idempotency_token


def _due(item: Item) -> int:
    return item.at if isinstance(item, Notice) else item.due


def _key(item: Item) -> str:
    """What chance hangs on."""
    if isinstance(item, Notice):
        return status_key(item.message, item.status)
    return item.parcel.idempotency_token
