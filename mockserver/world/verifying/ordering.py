"""What should come before what."""

from collections.abc import Sequence

import msgspec

from mockserver.domain.matching import Matcher
from mockserver.world.clock import iso
from mockserver.world.queries import near_misses
from mockserver.world.verifying.sight import (
    NOWHERE,
    Finding,
    Firsts,
    Look,
    Scope,
    Sight,
    automatic,
    from_misses,
    made_at,
    said,
)


class Ends(msgspec.Struct):
    """Where the first and the last message that match are, and how many do."""

    first: int = NOWHERE
    last: int = NOWHERE
    count: int = 0

    def add(self, place: int) -> None:
        """One more, after those before."""
        self.first = place if self.first == NOWHERE else self.first
        self.last = place
        self.count += 1


class Order(msgspec.Struct, frozen=True):
    """The first message that matches each filter was made before that of the next.

    Strictly: the last one of each before the first one of the next.
    """

    scope: Scope
    order: Sequence[Matcher]
    strict: bool = False

    async def judge(self, sight: Sight) -> Finding:
        """Look for the first and the last of each."""
        ends = [Ends() for _ in self.order]
        async for part in sight.matching(self.scope):
            for place, look in part:
                for each, matcher in zip(ends, self.order, strict=True):
                    if matcher.matches(look):
                        each.add(place)
        number = sum(each.count for each in ends)
        for place, each in enumerate(ends):
            if not each.count:
                return await self._missing(sight, place, number)
        wrong = next(
            (n for n in range(len(ends) - 1) if self._late(ends[n]) >= ends[n + 1].first), NOWHERE
        )
        if wrong != NOWHERE:
            return self._turned(sight, wrong, ends, number)
        firsts = [each.first for each in ends]
        came = ", then ".join(map(sight.named, firsts))
        return Finding("order", True, number, f"In order: {came}.", (), sight.sids(firsts))

    def _late(self, ends: Ends) -> int:
        """The place before which none of the next may come."""
        return ends.last if self.strict else ends.first

    async def _missing(self, sight: Sight, place: int, number: int) -> Finding:
        wanted = f"Expected {self._wanted}, but no message matches the filters number {place + 1}"
        missing = self.order[place]
        near = from_misses(await near_misses(sight.sandbox, missing))
        return Finding("order", False, number, f"{wanted}:{said(missing)[5:]}.", near)

    def _turned(self, sight: Sight, wrong: int, ends: list[Ends], number: int) -> Finding:
        before, after = self._late(ends[wrong]), ends[wrong + 1].first
        if before == after:
            told = f"{sight.named(after)} matches both, and is the first of each"
        else:
            told = f"{sight.named(after)} came before {sight.named(before)}"
        expected = f"after {sight.look(before).get('sid')}"
        near = [sight.near(after, created_at=(expected, _at(sight, after)))]
        explanation = f"Expected {self._wanted}, but {told}."
        return Finding("order", False, number, explanation, near, sight.sids([before, after]))

    @property
    def _wanted(self) -> str:
        names = [f"a message{said(each)}" for each in self.order]
        if self.strict:
            names = [f"every message{said(each)}" for each in self.order]
        return " before ".join(names)


class NeverAfter(msgspec.Struct, frozen=True):
    """No message matches that was made after a time, or after the first one that matches a filter.

    Twilio's own answers to keywords do not count.
    """

    scope: Scope
    after: Matcher | int
    """Filters, or microseconds."""

    async def judge(self, sight: Sight) -> Finding:
        """Find the beginning, then those after it."""
        start = NOWHERE
        if isinstance(self.after, Matcher):
            start = await sight.first(self.after)
            if start == NOWHERE:
                told = f"No message matches{said(self.after)[5:]}: so none comes after it."
                return Finding("never_after", True, 0, told)
        number, late = 0, Firsts[int](int)
        async for part in sight.matching(self.scope):
            number += len(part)
            for place, look in part:
                if self._is_late(place, look, start) and not automatic(look):
                    late.add(place)
        return self._finding(sight, start, number, late)

    def _is_late(self, place: int, look: Look, start: int) -> bool:
        return made_at(look) > self.after if isinstance(self.after, int) else place > start

    def _finding(self, sight: Sight, start: int, number: int, late: Firsts[int]) -> Finding:
        begun = iso(self.after) if isinstance(self.after, int) else sight.named(start)
        wanted = f"Expected no message{self.scope} after {begun}"
        if not late.count:
            return Finding("never_after", True, number, f"{wanted}, and none came.")
        told = late.list([sight.named(place) for place in late.told])
        near = [
            sight.near(place, created_at=(f"not after {begun}", _at(sight, place)))
            for place in late.told
        ]
        sids = sight.sids(late.first)
        return Finding(
            "never_after", False, number, f"{wanted}, but there came {told}.", near, sids
        )


def _at(sight: Sight, place: int) -> str:
    return iso(made_at(sight.look(place)))
