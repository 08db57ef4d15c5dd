"""Server processes on a core of their own, and what they take."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from benchmarks.wire import Spoiled

MOCK: Final = ("-m", "mockserver", "serve", "--port", "0", "--clock", "instant", "--quiet")
BARE: Final = ("-m", "benchmarks.bare")

ROOT: Final = Path(__file__).parent.parent
LISTENING: Final = re.compile(r"http://localhost:(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens."""

    name: str
    port: int
    pid: int

    def resident(self) -> int:
        """Bytes of memory in use (RSS), 0 where /proc does not say."""
        return _kilobytes(self.pid, "Rss:") * 1024

    def own(self) -> int:
        """Bytes of memory that nobody shares (USS), 0 where /proc does not say."""
        private = (_kilobytes(self.pid, name) for name in ("Private_Clean:", "Private_Dirty:"))
        return sum(private) * 1024

    def processor_seconds(self) -> float:
        """Processor time used so far by all threads, 0 where /proc does not say."""
        path = Path(f"/proc/{self.pid}/stat")
        if not path.exists():
            return 0
        user, system = path.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(name: str, command: Sequence[str]) -> Iterator[Server]:
    """Run a server until the block ends; raise `Spoiled` where it does not start."""
    with tempfile.TemporaryFile() as complaints:
        process = spawn(command, complaints)
        try:
            yield Server(name, _listening_port(process, name, complaints), process.pid)
        finally:
            process.terminate()
            process.wait(timeout=10)


def spawn(command: Sequence[str], complaints: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start Python with these arguments on the servers' core."""
    with _on_core(0):
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=complaints
        )


def _listening_port(process: "subprocess.Popen[bytes]", name: str, complaints: IO[bytes]) -> int:
    """Read on until the server names its port."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := LISTENING.search(line.decode(errors="replace")):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return int(found[1])
    complaints.seek(0)
    raise Spoiled(f"{name} did not start: {complaints.read().decode(errors='replace').strip()}")


async def run_aside(command: Sequence[str]) -> str:
    """Run Python to its end on the servers' core; what it printed."""
    with _on_core(0):
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, stdout=subprocess.PIPE
        )
    printed, _ = await process.communicate()
    if process.returncode:
        raise Spoiled(f"{' '.join(command)} ended with status {process.returncode}")
    return printed.decode()


def take_client_core() -> None:
    """Move this process away from the servers' core, where there is another."""
    _take_core(1)


@contextmanager
def _on_core(index: int) -> Iterator[None]:
    """What is started here runs on that core: children inherit it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    _take_core(index)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _take_core(index: int) -> None:
    """Keep this thread on the n-th core of those the machine gives us."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(CORES)
        os.sched_setaffinity(0, {cores[index % len(cores)]})


CORES: Final = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
"""The cores this process was given at its start."""


def _kilobytes(pid: int, name: str) -> int:
    """One line of the kernel's account of a process."""
    path = Path(f"/proc/{pid}/smaps_rollup")
    if not path.exists():
        return 0
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0
