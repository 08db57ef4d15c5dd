"""A run: the plain request of each kind first, then everything else."""

import asyncio
from collections.abc import Sequence
from typing import Final

from mockserver.edge.probe.bench import Bench, Gate
from mockserver.edge.probe.exchange import Kind, Order, Wire
from mockserver.edge.probe.gates import knock
from mockserver.edge.probe.record import Probe
from mockserver.edge.probe.report import SHUT, Document, Finding, document
from mockserver.edge.probe.table import PROBES
from mockserver.edge.probe.verdicts import Verdict, skipped
from mockserver.world.dice import Dice, fresh_entropy

SLUGGISH: Final = 0.05
"""Seconds for an answer from which on probes run side by side; else they do one by one, so that
none suffers from another."""

WIDTH: Final = 8
"""Probes that run side by side."""

SILENCES: Final = 3
"""Unanswered requests after which an application counts as gone."""

GONE: Final = "not tried: the application does not answer any more"


class Run:
    """Probes a webhook, and can say at any time what it has found so far."""

    def __init__(self, order: Order, wire: Wire, probes: Sequence[Probe] = PROBES) -> None:
        self._order, self._wire = order, wire
        self._todo = [
            (kind, probe) for kind in order.kinds for probe in probes if kind in probe.kinds
        ]
        self._dice = Dice(int.from_bytes(fresh_entropy()))
        self._found: dict[tuple[Kind, str], Finding] = {}
        self._gates: dict[Kind, Gate] = {}
        self._silences = 0
        self._complete = False

    async def run(self) -> None:
        """Send everything; nothing is under way when this is over, cancelled or not."""
        for kind in self._order.kinds:
            self._gates[kind] = await knock(self._bench("gate", kind))
            if self._gates[kind].heard.unreached:
                await self._one(kind, next(probe for _, probe in self._todo))
                break
        else:
            await self._rest()
        self._complete = True

    def report(self) -> Document:
        """What was found so far."""
        places = [(kind, probe.id) for kind, probe in self._todo]
        findings = [self._found[place] for place in places if place in self._found]
        return document(self._order, findings, complete=self._complete)

    async def _rest(self) -> None:
        """Side by side what may be, then one by one what may not."""
        slowest = max(gate.heard.seconds for gate in self._gates.values())
        turns = asyncio.Semaphore(WIDTH if slowest > SLUGGISH else 1)

        async def in_turn(kind: Kind, probe: Probe) -> None:
            async with turns:
                await self._one(kind, probe)

        async with asyncio.TaskGroup() as group:
            for kind, probe in self._todo:
                if not probe.last:
                    group.create_task(in_turn(kind, probe))
        for kind, probe in self._todo:
            if probe.last:
                await self._one(kind, probe)

    async def _one(self, kind: Kind, probe: Probe) -> None:
        bench = self._bench(probe.id, kind)
        verdict = self._excused(kind, probe) or await probe.check(bench)
        self._silences += sum(1 for heard in bench.heard if not heard.status)
        self._found[kind, probe.id] = Finding.of(probe, bench, verdict)

    def _excused(self, kind: Kind, probe: Probe) -> Verdict | None:
        """Why a probe would say nothing."""
        if probe.needs == "nothing":
            return None
        gate = self._gates[kind]
        if probe.needs == "acceptance" and not gate.open:
            return skipped(SHUT)
        gone = self._silences >= SILENCES or not (gate.heard.status or gate.open)
        return skipped(GONE) if gone else None

    def _bench(self, name: str, kind: Kind) -> Bench:
        bench = Bench(name, kind, self._order, self._wire, self._dice)
        bench.gate = self._gates.get(kind, bench.gate)
        return bench
