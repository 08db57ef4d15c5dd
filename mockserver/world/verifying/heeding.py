"""Whether somebody who wanted no more messages got one."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import msgspec

from mockserver.domain.consent import START_WORDS, USUAL, decide
from mockserver.domain.message import Message
from mockserver.domain.numbers import OptOut, unprefixed
from mockserver.domain.rates import kind_of
from mockserver.world.clock import iso
from mockserver.world.queries import in_parts
from mockserver.world.verifying.sight import (
    Finding,
    Firsts,
    Look,
    Scope,
    Sight,
    made_at,
    went_out,
)

PLAIN: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT"})
"""Words that mean it even where Twilio leaves opt-outs to the program.

The others (CANCEL, END, QUIT …) may mean something else to the program; where Twilio heeds them
they are in its opt-outs.
"""

ALL_TIME: Final = 1 << 62


class Stop(msgspec.Struct):
    """For how long somebody wanted nothing from a sender, in microseconds and by places."""

    senders: frozenset[str]
    """Numbers, and SIDs of services."""
    at: int
    place: int = -1
    """Of the text that said so; messages of the same moment stand on either side of it."""
    until: int = ALL_TIME
    """The place of the text that took it back."""

    def covers(self, look: Look, place: int) -> bool:
        """Whether a message came from such a sender meanwhile."""
        by_place = self.place >= 0
        meanwhile = self.place < place < self.until if by_place else made_at(look) > self.at
        return meanwhile and not self.senders.isdisjoint(
            (unprefixed(str(look.get("from"))), str(look.get("messaging_service_sid")))
        )


Stops = Mapping[str, Sequence[Stop]]
"""By recipient."""


class OptOutsHeeded(msgspec.Struct, frozen=True):
    """Nothing went to a recipient who had written STOP to that sender, or to its service.

    By Twilio's opt-outs as they stand; and where Twilio leaves them to the program, by what
    handsets wrote. The answer to a handset's own text may go.
    """

    scope: Scope

    async def judge(self, sight: Sight) -> Finding:
        """Look for what went there."""
        stops = await _stops(sight)
        number, found = 0, Firsts[tuple[int, int]](lambda each: each[0])
        if stops:
            async for part in sight.matching(self.scope):
                for place, look in part:
                    if went_out(look) and look.get("origin") != "reply":
                        number += 1
                        if (stop := _standing(stops, look, place)) is not None:
                            found.add((place, stop.at))
        return self._finding(sight, number, found)

    def _finding(self, sight: Sight, number: int, found: Firsts[tuple[int, int]]) -> Finding:
        wanted = f"Expected nothing to go to anybody who had opted out{self.scope.window}"
        if not found.count:
            return Finding("opt_outs_heeded", True, number, f"{wanted}, and nothing did.")
        told = [f"{sight.named(place)} went to one {_since(at)}" for place, at in found.told]
        near = [
            sight.near(place, to=(f"nobody {_since(at)}", sight.look(place).get("to")))
            for place, at in found.told
        ]
        sids = sight.sids([place for place, _ in found.first])
        explanation = f"{wanted}, but {found.list(told)}."
        return Finding("opt_outs_heeded", False, number, explanation, near, sids)


def _since(at: int) -> str:
    return f"opted out since {iso(at)}" if at else "opted out from the start"


def _standing(stops: Stops, look: Look, place: int) -> Stop | None:
    """What a message should have heeded."""
    theirs = stops.get(unprefixed(str(look.get("to"))), ())
    return next((stop for stop in theirs if stop.covers(look, place)), None)


async def _stops(sight: Sight) -> Stops:
    """Who wanted nothing any more."""
    found: dict[str, list[Stop]] = {}
    async for outs in in_parts(tuple(sight.tables.opt_outs)):
        for out in outs:
            found.setdefault(unprefixed(out.to), []).append(_of_record(out))
    async for part in in_parts(_inbound(sight)):
        for message in part:
            _hear(sight, found, message)
    return found


def _of_record(out: OptOut) -> Stop:
    senders = {unprefixed(each) for each in (out.from_, out.by) if each}
    return Stop(frozenset(senders), out.at)


def _inbound(sight: Sight) -> Iterator[Message]:
    """What handsets wrote, of each account in order."""
    table = sight.messages
    places = chain.from_iterable(tuple(table.lists.inbound(sid)) for sid in sight.tables.accounts)
    return (message for message in map(table.places.at, places) if message is not None)


def _hear(sight: Sight, found: dict[str, list[Stop]], message: Message) -> None:
    """What a text means that Twilio does nothing about."""
    word = message.body.strip().upper()
    if word in PLAIN and not _heeded(sight, message):
        senders = {unprefixed(message.to), message.messaging_service_sid} - {""}
        stop = Stop(frozenset(senders), message.created_at, message.ordinal)
        found.setdefault(unprefixed(message.from_), []).append(stop)
    elif word in START_WORDS:
        for stop in found.get(unprefixed(message.from_), ()):
            if stop.place >= 0 and unprefixed(message.to) in stop.senders:
                stop.until = min(stop.until, message.ordinal)


def _heeded(sight: Sight, message: Message) -> bool:
    """Whether Twilio itself stops what is sent then: its opt-outs say for how long."""
    service = sight.tables.services.get(message.messaging_service_sid)
    settings = service.opt_out if service is not None else USUAL
    kind = kind_of(message.to)
    verdict = decide(message.body, sender_kind=kind, settings=settings, opted_out=False)
    return verdict.action == "stop"
