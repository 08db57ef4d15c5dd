"""How many messages there should be: in all, within some time, or in any stretch of it."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from mockserver.domain.durations import written
from mockserver.domain.matching import Difference
from mockserver.world.clock import iso
from mockserver.world.queries import FIRST, NEAR, explain, holds, near_misses, verify
from mockserver.world.verifying.groups import LOT, Group, Groups
from mockserver.world.verifying.sight import (
    ALWAYS,
    Finding,
    Firsts,
    Near,
    Scope,
    Sight,
    counted,
    from_misses,
    made_at,
    outgoing,
    said,
)


class Count(msgspec.Struct, frozen=True):
    """So many messages match."""

    scope: Scope
    count: Mapping[str, int]
    """Any of `exactly`, `at_least`, `at_most`."""

    async def judge(self, sight: Sight) -> Finding:
        """Count them."""
        if self.scope.window != ALWAYS:
            return await self._within(sight)
        verdict = await verify(sight.sandbox, self.scope.where, self.count)
        near = from_misses(verdict.misses)
        return Finding(
            "count", verdict.ok, verdict.matched, verdict.explanation, near, verdict.first
        )

    async def _within(self, sight: Sight) -> Finding:
        number = 0
        first: list[int] = []
        beside: list[tuple[int, int]] = []
        window = self.scope.window
        stretch = await sight.stretch(window)
        async for part in sight.matching(Scope(self.scope.where)):
            for place, look in part:
                at = made_at(look)
                if stretch.holds(place, look):
                    number += 1
                    first += [place] if number <= FIRST else []
                elif len(beside) < NEAR:
                    beside.append((place, at))
        ok = holds(self.count, number)
        told = explain(self.scope.where.filters, self.count, number)
        near: list[Near] = []
        if not ok and number < max(self.count.get("exactly", 0), self.count.get("at_least", 0)):
            near = [sight.near(place, created_at=(f"one{window}", iso(at))) for place, at in beside]
            others = from_misses(await near_misses(sight.sandbox, self.scope.where))
            near += others[: NEAR - len(near)]
        return Finding("count", ok, number, f"{told[:-1]}{window}.", near, sight.sids(first))


By = Literal["to", "from", "all"]

_WHOM: Final[Mapping[By, str]] = {"to": "for one recipient ", "from": "from one sender ", "all": ""}


class Busiest(msgspec.Struct, frozen=True):
    """The stretch of time in which somebody got most."""

    key: str
    count: int
    first: int
    """The place of its first message."""
    last: int


class Rate(msgspec.Struct, frozen=True):
    """At most so many messages in any stretch of time; half open, so that `per` apart is apart.

    Of what the program sent; where the filters name a direction, of what goes that way.
    """

    scope: Scope
    at_most: int
    per: int
    """Microseconds."""
    by: By = "to"

    async def judge(self, sight: Sight) -> Finding:
        """Look for those who get too many."""
        field = "" if self.by == "all" else self.by
        groups, number = Groups(field), 0
        either = "direction" in self.scope.where.filters
        async for part in sight.matching(self.scope):
            for place, look in part:
                if not (either or outgoing(look)):
                    continue
                number += 1
                groups.add(str(look.get(field)) if field else "", place, made_at(look))
        found: Firsts[Busiest] = Firsts(lambda each: (-each.count, each.first))
        async for key, group in groups.larger(sight, self.at_most):
            busiest = await self._busiest(sight, key, group)
            if busiest.count > self.at_most:
                found.add(busiest)
        return self._finding(sight, number, found)

    async def _busiest(self, sight: Sight, key: str, group: Group) -> Busiest:
        most, begin, end, start = 0, 0, 0, 0
        times, places = group
        for number, at in enumerate(times):
            while at - times[start] >= self.per:
                start += 1
            if number - start + 1 > most:
                most, begin, end = number - start + 1, start, number
            if number % LOT == 0:
                await sight.breathe()
        return Busiest(key, most, places[begin], places[end])

    def _finding(self, sight: Sight, number: int, found: Firsts[Busiest]) -> Finding:
        wanted = (
            f"Expected at most {counted(self.at_most)}{said(self.scope.where)} "
            f"{_WHOM[self.by]}in any {written(self.per)}{self.scope.window}"
        )
        if not found.count:
            return Finding("count", True, number, f"{wanted}, and there are no more.")
        told = found.list([self._told(sight, each) for each in found.told])
        near = [self._near(sight, each) for each in found.told]
        sids = sight.sids([each.last for each in found.first])
        return Finding("count", False, number, f"{wanted}, but {told}.", near, sids)

    def _told(self, sight: Sight, busiest: Busiest) -> str:
        whose = f"{self.by} {busiest.key!r} " if busiest.key else ""
        first, last = made_at(sight.look(busiest.first)), made_at(sight.look(busiest.last))
        return f"{whose}there are {busiest.count:,} between {iso(first)} and {iso(last)}"

    def _near(self, sight: Sight, busiest: Busiest) -> Near:
        """The message that was one too many."""
        sid = str(sight.look(busiest.last).get("sid"))
        return Near(sid, {"count": Difference(f"at most {self.at_most}", busiest.count)})
