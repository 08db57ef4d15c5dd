"""The server as a child process: one for each process that needs one. PYTEST_DONT_REWRITE"""

import atexit
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mockserver.handles.connection import Pool
from mockserver.handles.errors import ServerGone

PACKAGE: Final = Path(__file__).parents[1]

COMMAND: Final = (
    *("-m", "mockserver", "serve", "--port", "0", "--clock", "instant"),
    *("--quiet", "--exit-with-parent", "--new-accounts", "newest", "--proxy-others", "tunnel"),
)

START_PATIENCE: Final = 30.0
"""Seconds of wall time until a child that says nothing is given up. It needs about 0.4."""

COMPLAINTS: Final = 4096
"""Bytes that are read of what a child wrote to its standard error."""

STOP_PATIENCE: Final = 5.0
"""Seconds that a child gets to end by itself."""

_LISTENING: Final = re.compile(rb"is listening on (http://\S+)")

FOREIGN: Final = ("MOCKSERVER_", "TWILIO_MOCKSERVER_", "COV_", "COVERAGE_", "PYTEST_")
"""Beginnings of variables that are for the test run, or for servers that people start by hand."""

DROPPED: Final = frozenset(
    {
        *("PYTHONWARNINGS", "PYTHONDEVMODE", "PYTHONASYNCIODEBUG", "PYTHONTRACEMALLOC"),
        *("PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONBREAKPOINT", "PYTHONPROFILEIMPORTTIME"),
        *("PYTHONOPTIMIZE", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONUNBUFFERED"),
    }
)
"""Variables with which Python would behave unusually."""


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: the test run's, without what would make the server another one.

    Our package comes first on the path, unless it is installed and found anyway; the working
    directory does not (`PYTHONSAFEPATH`), where a test's own `json.py` may lie.
    """
    kept = {
        name: value
        for name, value in outer.items()
        if name not in DROPPED and not name.startswith(FOREIGN)
    }
    path = [kept["PYTHONPATH"]] if kept.get("PYTHONPATH") else []
    if PACKAGE.parent.name not in ("site-packages", "dist-packages"):
        path.insert(0, str(PACKAGE.parent))
    if path:
        kept["PYTHONPATH"] = os.pathsep.join(path)
    return {**kept, "PYTHONSAFEPATH": "1"}


def importable(outer: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a Python finds this package, whatever the working directory is."""
    found = environment({name: outer[name] for name in outer if name == "PYTHONPATH"})
    return {**outer, **found}


class Child:
    """One server process. It ends with `end`, with this process, or by its own observation."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        environ: Mapping[str, str] | None = None,
        folder: Path = PACKAGE,
    ) -> None:
        """Return once it listens; raise `ServerGone` with what it said instead.

        The command must be quiet; the environment is by default that of a server for tests.
        """
        self._owner = os.getpid()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=environment(os.environ) if environ is None else environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            start_new_session=True,  # Ctrl-C is for the test run, which still tears down
        )
        try:
            self.pool = Pool(self._listen(), self.obituary)
        except BaseException:
            self.end()
            raise

    @property
    def alive(self) -> bool:
        """Whether it runs, as a child of this very process and not of one that forked."""
        return self._owner == os.getpid() and self._process.poll() is None

    def obituary(self) -> str:
        """How it ended, and what it wrote last; "" while it runs."""
        if self.alive:
            return ""
        return f"it ended with status {self._process.poll()} {self.complaints()}".strip()

    def complaints(self) -> str:
        """What it wrote to its standard error: whole lines, the last 4 kB."""
        if self._complaints.closed:
            return ""
        begin = self._complaints.seek(0, os.SEEK_END) - COMPLAINTS
        self._complaints.seek(max(0, begin))
        said = self._complaints.read()
        whole = said.partition(b"\n")[2] if begin > 0 else said
        return (whole or said).decode(errors="replace").strip()

    def end(self) -> None:
        """End it; does nothing in a fork, and nothing the second time."""
        if self._owner != os.getpid() or self._complaints.closed:
            return
        if hasattr(self, "pool"):
            self.pool.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _listen(self) -> str:
        """Where it listens. Its output is read no further: it prints nothing else."""
        watchdog = threading.Timer(START_PATIENCE, self._process.kill)
        watchdog.start()
        try:
            with self._process.stdout as output:  # type: ignore[union-attr]  # it is a pipe
                for line in output:
                    if found := _LISTENING.search(line):
                        return found[1].decode()
        finally:
            watchdog.cancel()
            watchdog.join()
        status = self._process.wait()
        raise ServerGone(
            f"the mock server did not start (exit status {status}): "
            f"{self.complaints() or 'it said nothing'}"
        )


class Children:
    """The child of this process. It is kept by process id, so that a fork starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_process: dict[int, Child] = {}
        os.register_at_fork(after_in_child=self._forked)

    def mine(self) -> Child:
        """The running one, else a new one; raise `ServerGone`."""
        with self._lock:
            child = self._by_process.get(os.getpid())
            if child is None or not child.alive:
                if child is not None:
                    child.end()
                child = self._by_process[os.getpid()] = Child()
                atexit.register(child.end)
            return child

    def _forked(self) -> None:
        self._lock = threading.Lock()


CHILDREN: Final = Children()
"""The only state that a process has: starting a server takes half a second, a sandbox none."""
