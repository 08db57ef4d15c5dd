"""Which sender of its pool a Messaging Service chooses; loaded with the first message of one."""

import msgspec

from mockserver.domain.message import Message
from mockserver.domain.numbers import Number, Service
from mockserver.domain.options import Options
from mockserver.domain.selection import Candidate, Need, Ranking, candidate, rank
from mockserver.world.dice import Dice
from mockserver.world.known import Known
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables


class Pool(msgspec.Struct):
    """A service's senders as selection sees them, for as long as nothing about them changes."""

    service: Service
    numbers: tuple[Number | None, ...]
    options: Options
    candidates: tuple[Candidate, ...]
    rankings: dict[Need, Ranking]


class Picker:
    """Knows the pools of a sandbox's services."""

    def __init__(self, tables: Tables, dice: Dice, rules: Rulebook, known: Known) -> None:
        self._tables, self._dice, self._rules, self._known = tables, dice, rules, known
        self._pools: dict[str, Pool] = {}

    def pick(self, message: Message, service: Service) -> str:
        """The sender that suits a message best; "" where none does."""
        pool = self._pool(service)
        need = Need.of(
            message.to,
            message.channel,
            media=message.channel == "mms",
            rcs=self._known.does_rcs(message.to),
        )
        if (ranking := pool.rankings.get(need)) is None:
            closed = pool.options.no_alphanumeric
            ranking = pool.rankings[need] = rank(service, pool.candidates, need, closed)
        key = f"{service.sid} {message.to}"
        if service.sticky_sender and (kept := ranking.keep(self._tables.sticky.get(key, ""))):
            return kept
        if len(ranking.best) < 2:
            return ranking.best[0] if ranking.best else ""
        chance = self._dice.of("sender", key if service.sticky_sender else message.sid)
        place = int.from_bytes(chance[:4])
        return ranking.best[place % len(ranking.best)]

    def _pool(self, service: Service) -> Pool:
        numbers = tuple(map(self._tables.numbers.get, service.senders))
        options = self._rules.options
        pool = self._pools.get(service.sid)
        if (
            pool is None
            or pool.service is not service
            or pool.options is not options
            or pool.numbers != numbers
        ):
            found = tuple(
                candidate(sender, number, only)
                for sender, number in zip(service.senders, numbers, strict=True)
                for only in service.countries(sender)
            )
            pool = self._pools[service.sid] = Pool(service, numbers, options, found, {})
        return pool
