"""Ctrl-C in the first moments of a command, while its modules load."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C. Source: POSIX, the shell's "Exit Status for Commands": 128 and 2."""


@contextmanager
def at_once() -> Iterator[None]:
    """Within the block Ctrl-C ends the process, and nothing is said.

    There is nothing to put away yet, and an exception would come up in the middle of anybody's
    module, some of which break over it. An ignored Ctrl-C stays ignored; in another thread than the
    first this does nothing.
    """
    try:
        before = signal.getsignal(signal.SIGINT)
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)


def _leave(_: int, __: FrameType | None) -> None:
    os._exit(INTERRUPTED)
