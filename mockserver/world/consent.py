"""Who may still be written to: handsets stop and restart senders, and so may a test.

A block holds for the number that was written to, or for the whole Messaging Service that it is in.
Twilio's one opt-out for SMS, MMS and RCS (since March 2026) is in how the table compares addresses;
on WhatsApp these differ, so that blocks there are apart.
"""

from collections.abc import Iterable

from mockserver.domain.addresses import normalise
from mockserver.domain.consent import USUAL, Verdict, decide
from mockserver.domain.matching import Matcher
from mockserver.domain.numbers import OptOut, Service, unprefixed
from mockserver.domain.rates import kind_of
from mockserver.world.known import Known
from mockserver.world.tables import Tables, Unit


class Consent:
    """Reads and writes a sandbox's opt-outs."""

    def __init__(self, tables: Tables, known: Known) -> None:
        self._table, self._known = tables.opt_outs, known

    def hear(
        self,
        *,
        from_: str,
        to: str,
        body: str,
        service: Service | None,
        stand_in_service_sid: str = "",
        unit: Unit,
    ) -> Verdict:
        """What a handset's text does, done: the block is there, or gone, when this returns.

        `service` is the one that `to` is in; `stand_in_service_sid` that of one which nobody set
        up. `Verdict.reply` is still to be sent.
        """
        group = service.sid if service is not None else stand_in_service_sid
        blocks = self._blocks(from_, to, group)
        verdict = decide(
            body,
            sender_kind=kind_of(to),
            settings=service.opt_out if service is not None else USUAL,
            opted_out=bool(blocks),
        )
        if verdict.action == "stop":
            scope = to if verdict.by_network or not group else group
            by = to if scope == group else ""
            self._table.add(OptOut(scope, unprefixed(from_), self._known.now, by), unit)
        elif verdict.action == "start":
            self.lift(blocks, unit)
        return verdict

    def _blocks(self, from_: str, to: str, group: str) -> list[OptOut]:
        """All that START to a number lifts: the number's block, its service's, and what was
        stopped by writing to it when it was in another service, or in none."""
        names = {unprefixed(to), group}
        return [
            out
            for out in self._table.of(from_)
            if unprefixed(out.from_) in names or (out.by and out.by == to)
        ]

    def listed(self, matcher: Matcher) -> list[OptOut]:
        """Those that match by `from` and `to`, oldest first."""
        return [out for out in self._table if matcher.matches({"from": out.from_, "to": out.to})]

    def put(self, from_: str, to: str, unit: Unit) -> OptOut:
        """As if `to` had written STOP to `from_`, a sender or a service's SID."""
        return self._table.add(OptOut(normalise(from_), normalise(to), self._known.now), unit)

    def lift(self, outs: Iterable[OptOut], unit: Unit) -> None:
        """Let them be written to again."""
        for out in outs:
            self._table.remove(out, unit)
