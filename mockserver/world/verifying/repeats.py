"""Whether somebody got the same message twice."""

from array import array
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from mockserver.domain.durations import written
from mockserver.domain.message import Message
from mockserver.world.clock import iso
from mockserver.world.verifying.groups import LOT, Group, Groups
from mockserver.world.verifying.sight import Finding, Firsts, Near, Scope, Sight, made_at, went_out

Repeat = tuple[int, int]
"""The place of a message, and that of the one that it repeats."""


class NoDuplicates(msgspec.Struct, frozen=True):
    """No recipient gets the same text and media again within some time.

    What failed or was canceled never left; another try of an operation, after the first was lost,
    is Twilio's.
    """

    scope: Scope
    within: int
    """Microseconds; what comes so long afterwards is none any more."""
    any_body: bool = False
    """Whether a message with another text is a repetition too."""

    async def judge(self, sight: Sight) -> Finding:
        """Look for those that got one."""
        groups, number = Groups("to"), 0
        async for part in sight.matching(self.scope):
            for place, look in part:
                if went_out(look):
                    number += 1
                    groups.add(str(look.get("to")), place, made_at(look))
        found: Firsts[Repeat] = Firsts(lambda each: each[0])
        async for _, group in groups.larger(sight, 1):
            await self._compare(sight, group, found)
        return self._finding(sight, number, found)

    async def _compare(self, sight: Sight, group: Group, found: Firsts[Repeat]) -> None:
        """Only of those that have another near is the text looked at."""
        times, places = group
        seen: OrderedDict[object, tuple[int, int]] = OrderedDict()
        for number, (at, place) in enumerate(zip(times, places, strict=True)):
            if number % LOT == 0:
                await sight.breathe()
            while seen and at - next(iter(seen.values()))[0] >= self.within:
                seen.popitem(last=False)
            if self._is_alone(times, number):
                continue
            message = sight.message(place)
            if message is None or _again(message):
                continue
            key = "" if self.any_body else (message.body, message.media_urls)
            if (last := seen.pop(key, None)) is not None:
                found.add((place, last[1]))
            seen[key] = (at, place)

    def _is_alone(self, times: "array[int]", number: int) -> bool:
        """Whether neither the one before it nor the one behind is near."""
        at, end = times[number], len(times) - 1
        before = number > 0 and at - times[number - 1] < self.within
        behind = number < end and times[number + 1] - at < self.within
        return not (before or behind)

    def _finding(self, sight: Sight, number: int, found: Firsts[Repeat]) -> Finding:
        what = "message" if self.any_body else "same message"
        within = written(self.within)
        wanted = f"Expected no recipient to get {_ARTICLE[what]} {what} twice within {within}"
        if not found.count:
            told = f"{wanted}{self.scope.window}: none did, of {number:,} sent."
            return Finding("no_duplicates", True, number, told)
        said = found.list([_told(sight, *each) for each in found.told])
        near = [self._near(sight, *each) for each in found.told]
        sids = sight.sids([place for place, _ in found.first])
        explanation = f"{wanted}{self.scope.window}, but {said}."
        return Finding("no_duplicates", False, number, explanation, near, sids)

    def _near(self, sight: Sight, place: int, before: int) -> Near:
        first = sight.look(before)
        expected = f"{written(self.within)} or more after {first.get('sid')}, {iso(made_at(first))}"
        return sight.near(place, created_at=(expected, iso(made_at(sight.look(place)))))


_ARTICLE: Mapping[str, str] = {"message": "any", "same message": "the"}


def _told(sight: Sight, place: int, before: int) -> str:
    later = made_at(sight.look(place)) - made_at(sight.look(before))
    how = f"{written(later)} later" if later else "at the same time"
    return f"{sight.named(place)} repeats {sight.look(before).get('sid')}, {how}"


def _again(message: Message) -> bool:
    """Whether an operation only tries another way, since the first one was lost."""
    if not message.operation_id:
        return False
    info: Any = orjson.loads(message.tags).get("Twilio.operation_info", "")
    return not str(info).endswith(",1")
