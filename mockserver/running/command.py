"""The command as a child process: it gets our signals, and we end as it does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

NOT_FOUND, NOT_STARTED, BY_SIGNAL = 127, 126, 128
"""Exit statuses. Source: POSIX, the shell's "Exit Status for Commands"."""

PASSED_ON: Final = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""What somebody may send to `run` and mean the command; systems lack some."""

TYPED: Final = ("SIGINT", "SIGQUIT")
"""What a terminal sends to all processes in its foreground: the command has it already."""


class NotStarted(Exception):
    """The command could not be started. The text says why, `status` is the shell's."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Its exit status, 128 and its number for a signal; raises `NotStarted`."""
    with _relay() as children:
        try:
            process = subprocess.Popen(command, env=environ)
        except FileNotFoundError as missing:
            raise NotStarted(f"{command[0]}: {missing.strerror}", NOT_FOUND) from None
        except (OSError, ValueError) as problem:
            said = getattr(problem, "strerror", None) or problem
            raise NotStarted(f"{command[0]}: {said}", NOT_STARTED) from None
        children.start(process)
        status = process.wait()
    return status if status >= 0 else BY_SIGNAL - status


class _Relay:
    """Hands signals on; one that comes before the command has started waits for it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[Any] | None = None
        self._waiting: list[int] = []

    def start(self, process: "subprocess.Popen[Any]") -> None:
        self._process = process
        for number in self._waiting:
            process.send_signal(number)

    def take(self, number: int, _: FrameType | None) -> None:
        if signal.Signals(number).name in TYPED and in_foreground():
            return
        if self._process is None:
            self._waiting.append(number)
        else:
            self._process.send_signal(number)


@contextmanager
def _relay() -> Iterator[_Relay]:
    """Signals are handed on, and afterwards are as before; those that are ignored stay ignored."""
    relay, before = _Relay(), {}
    for name in PASSED_ON:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, relay.take)
    try:
        yield relay
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def in_foreground() -> bool:
    """Whether we are what a terminal shows, and the command with us."""
    for stream in (sys.stdin, sys.stderr, sys.stdout):
        try:
            return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
        except (AttributeError, OSError, ValueError):  # no terminal, closed, or no such system
            continue
    return False
