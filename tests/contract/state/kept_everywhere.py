"""A pytest plugin under which every server keeps its state, and all of it must come back.

    PYTHONPATH=tests/contract/state python -m pytest -p kept_everywhere tests/edge

When a server ends, another one is begun with a copy of its file; the run fails where a sandbox is
not what it was. A few tests look so closely at wall time that they notice the file.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from mockserver.config import Settings
from mockserver.server import Server
from mockserver.world.clock import Mode
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Defaults, Sandboxes
from mockserver.world.state import FileArchive

STILL: Final = Mode("manual", 0.0)
SHOWN: Final = 5
"""Differences of one sandbox that are told."""


class Kept:
    """What became of all servers."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._servers = self.compared = 0
        self.differences: list[str] = []

    def settings(self, settings: Settings) -> Settings:
        """With a file of their own."""
        self._servers += 1
        path = Path(self._folder.name) / f"{self._servers}.db"
        return settings if settings.state else replace(settings, state=str(path))

    async def compare(self, server: Server) -> None:
        """Stop time, and look whether everything comes back from a copy of the file as it is."""
        before = {}
        for sandbox in server.sandboxes:
            assert sandbox.ledger is not None
            sandbox.engine.catch_up()
            sandbox.engine.switch(STILL)
            await asyncio.sleep(0)
            await sandbox.engine.kept()
            await sandbox.ledger.settled()
            before[sandbox.id] = facts(sandbox)
        path = server.settings.state
        for tail in ("", "-wal"):
            shutil.copy(f"{path}{tail}", f"{path}.copy{tail}")
        archive = FileArchive(Path(f"{path}.copy"))
        house = msgspec.structs.replace(server.sandboxes.house, archive=archive)
        again = Sandboxes(house, Defaults("manual"))
        after = {sandbox.id: facts(sandbox) for sandbox in again}
        again.stop()
        await archive.close()
        self.compared += len(after)
        for told in islice(differences(before, after, ""), SHOWN):
            self.differences.append(told)

    def close(self) -> None:
        self._folder.cleanup()


def facts(sandbox: Sandbox) -> Any:
    """What a snapshot says, and what it leaves out."""
    tables = sandbox.tables
    apart = [*tables.accounts.items()], [*tables.keys.items()], [*sandbox.routes.items()]
    return msgspec.to_builtins([sandbox.snapshot(), *apart, sandbox.plan.id])


def differences(before: Any, after: Any, place: str) -> Iterator[str]:
    """Where two documents are not the same."""
    if isinstance(before, dict) and isinstance(after, dict) and list(before) == list(after):
        for key in before:
            yield from differences(before[key], after[key], f"{place}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif before != after:
        yield f"{place}: {str(before)[:200]} came back as {str(after)[:200]}"


KEPT: Final = pytest.StashKey[Kept]()


def pytest_configure(config: pytest.Config) -> None:
    """Have every server keep its state."""
    kept = config.stash[KEPT] = Kept()
    begin, end = Server.__init__, Server.__aexit__

    def init(self: Server, settings: Settings, *others: Any, **more: Any) -> None:
        begin(self, kept.settings(settings), *others, **more)

    async def leave(self: Server, *problem: object) -> None:
        await kept.compare(self)
        await end(self, *problem)

    Server.__init__ = init  # type: ignore[method-assign]
    Server.__aexit__ = leave  # type: ignore[method-assign]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell how it went."""
    kept = config.stash[KEPT]
    for told in kept.differences:
        terminalreporter.write_line(told)
    terminalreporter.write_line(f"{kept.compared} sandboxes came back")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What did not come back is a failure."""
    kept = session.config.stash[KEPT]
    kept.close()
    if kept.differences:
        session.exitstatus = 1
