"""All sandboxes of a server in their file."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mockserver.world.house import Plan
from mockserver.world.state import plans
from mockserver.world.state.coming_back import NONSENSE, KeptSandbox, nonsense
from mockserver.world.state.file import StateFile
from mockserver.world.state.ledger import Ledger
from mockserver.world.state.writer import Writer


class FileArchive:
    """The sandboxes of one state file."""

    def __init__(self, path: Path, kind: type[StateFile] = StateFile) -> None:
        """Raise `BadState` for a file that cannot be used."""
        self._file = kind(path)
        self._writer = Writer(self._file)
        self._numbers: dict[str, int] = {}
        """Of living sandboxes, by id."""
        self._ranks: dict[str, int] = {}
        """Their order; a sandbox that begins anew stays where it is."""
        self._ledgers: dict[str, Ledger] = {}
        self._kept = self._file.sandboxes()
        self._last = max([self._file.last_number, *(number for number, *_ in self._kept)])

    def kept(self) -> Iterator[KeptSandbox]:
        """Those that are in the file, oldest first; raise `BadState` for one that makes no sense.

        To be asked once.
        """
        for number, rank, id_, content in self._kept:
            try:
                plan = plans.read(content)
                sandbox = KeptSandbox(plan, number, self._file, self._writer)
            except NONSENSE as wrong:
                raise nonsense(self._file, id_, wrong) from wrong
            self._numbers[id_], self._ranks[id_] = number, rank
            self._ledgers[id_] = sandbox.ledger
            yield sandbox

    def begin(self, plan: Plan) -> Ledger:
        """For a sandbox that is made, or begins anew; it is kept once it is followed."""
        number = self._last = self._last + 1
        return Ledger(number, self._writer, takes_over=partial(self._take_over, plan, number))

    def _take_over(self, plan: Plan, number: int, ledger: Ledger) -> None:
        """Nothing of what was kept under its name before stays."""
        rank = self._ranks.get(plan.id, number)
        self.forget(plan.id)
        self._numbers[plan.id], self._ranks[plan.id] = number, rank
        self._ledgers[plan.id] = ledger
        self._writer.batch.sandboxes[number] = rank, plan.id, plans.written(plan)

    def forget(self, sandbox_id: str) -> None:
        """A sandbox is gone."""
        if (number := self._numbers.pop(sandbox_id, None)) is not None:
            del self._ranks[sandbox_id]
            self._ledgers.pop(sandbox_id).end()
            self._writer.batch.sandboxes[number] = None
            self._writer.soon()

    async def close(self) -> None:
        """Write what is left, and let others have the file."""
        for ledger in self._ledgers.values():
            ledger.close()
        try:
            await self._writer.close()
        finally:
            self._file.close()
