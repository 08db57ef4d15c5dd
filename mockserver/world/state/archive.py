"""All sandboxes of a server in their file."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mockserver.world.house import Plan
from mockserver.world.state import origins, plans
from mockserver.world.state.coming_back import NONSENSE, KeptSandbox, nonsense
from mockserver.world.state.file import StateFile
from mockserver.world.state.ledger import Ledger
from mockserver.world.state.origins import Origins
from mockserver.world.state.scribe import Desk
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
        self._origins = Origins()
        self._kept = self._file.sandboxes()
        self._last = max([self._file.last_number, *(number for number, *_ in self._kept)])

    def kept(self) -> Iterator[KeptSandbox]:
        """Those that are in the file, oldest first; raise `BadState` for one that makes no sense.

        To be asked once.
        """
        for number, rank, id_, content in self._kept:
            try:
                plan, origin = plans.read(content, partial(origins.read, self._file))
                sandbox = KeptSandbox(plan, number, self._file, self._writer)
            except NONSENSE as wrong:
                raise nonsense(self._file, id_, wrong) from wrong
            self._numbers[id_], self._ranks[id_] = number, rank
            self._ledgers[id_] = sandbox.ledger
            if plan.origin is not None and origin:
                self._origins.know(id_, plan.origin, origin)
                self._file.spare(origin)
            yield sandbox

    def begin(self, plan: Plan) -> Ledger:
        """For a sandbox that is made, or begins anew; it is kept once it is followed."""
        draft = Draft(self, plan, self._next())
        if plan.origin is not None:
            known = self._origins.number(plan.id, plan.origin)
            draft.origin, draft.new = known or self._next(), not known
        return Ledger(draft.number, self._writer, draft=draft)

    def _next(self) -> int:
        self._last += 1
        return self._last

    def take_over(self, draft: "Draft", ledger: Ledger) -> None:
        """Nothing of what was kept under its name before stays."""
        plan, number = draft.plan, draft.number
        draft.put_origin(self._writer)
        rank = self._ranks.get(plan.id, number)
        self._leave(plan.id)
        if draft.origin != (before := self._origins.forget(plan.id)):
            self._sweep(before)
        if plan.origin is not None:
            self._origins.know(plan.id, plan.origin, draft.origin)
        self._numbers[plan.id], self._ranks[plan.id] = number, rank
        self._ledgers[plan.id] = ledger
        self._writer.batch.sandboxes[number] = rank, plan.id, plans.written(plan, draft.origin)

    def give_up(self, draft: "Draft") -> None:
        """A sandbox is not made after all."""
        known = self._origins.number(draft.plan.id, draft.plan.origin)
        self._sweep(draft.number, 0 if known else draft.origin)

    def forget(self, sandbox_id: str) -> None:
        """A sandbox is gone."""
        if self._leave(sandbox_id):
            self._sweep(self._origins.forget(sandbox_id))

    def _leave(self, sandbox_id: str) -> bool:
        """Whether it was there; what it began with stays."""
        if (number := self._numbers.pop(sandbox_id, None)) is None:
            return False
        del self._ranks[sandbox_id]
        self._ledgers.pop(sandbox_id).end()
        self._sweep(number)
        return True

    def _sweep(self, *numbers: int) -> None:
        """Have all that stands under some numbers go; 0 is none."""
        self._writer.batch.sandboxes |= dict.fromkeys(filter(None, numbers))
        self._writer.soon()

    async def close(self) -> None:
        """Write what is left, and let others have the file."""
        for ledger in self._ledgers.values():
            ledger.close()
        try:
            await self._writer.close()
        finally:
            self._file.close()


class Draft:
    """A sandbox that is not kept yet: on its way into the file, under a number."""

    def __init__(self, archive: FileArchive, plan: Plan, number: int) -> None:
        self._archive, self.plan, self.number = archive, plan, number
        self.origin = 0
        """The number of what it begins with; 0 for nothing."""
        self.new = False
        """Whether that is still to be written."""

    def put_origin(self, desk: Desk) -> None:
        """Write what it begins with, unless it is there."""
        if self.new and self.plan.origin is not None:
            origins.write(self.plan.origin, self.origin, desk)
        self.new = False

    def take_over(self, ledger: Ledger) -> None:
        """From now on this is it."""
        self._archive.take_over(self, ledger)

    def give_up(self) -> None:
        """It is not made after all: what was written of it goes."""
        self._archive.give_up(self)
