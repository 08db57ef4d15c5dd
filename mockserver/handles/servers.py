"""Which server a handle talks to: its process's child, a thread, or one that runs already.

PYTEST_DONT_REWRITE
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.handles.child import CHILDREN
from mockserver.handles.connection import Pool


@dataclass(frozen=True, slots=True)
class Served:
    """A server, and what a handle does to it when it is done."""

    pool: Pool
    release: Callable[[], None]
    foreign: bool = False
    """Somebody else started it: its defaults may be others than those of a test's own."""


def served(url: str, in_process: bool) -> Served:
    """Find or start the server; raise `ServerGone`, or `ValueError` for a bad `url`."""
    if url and in_process:
        raise ValueError("url= and in_process=True exclude each other")
    if url:
        pool = Pool(url)
        return Served(pool, pool.close, foreign=True)
    if in_process:
        return _thread()
    return Served(CHILDREN.mine().pool, _nothing)


def _thread() -> Served:
    from mockserver.config import Settings
    from mockserver.environment import before
    from mockserver.server import ServerThread

    settings = Settings(
        port=0,
        clock="instant",
        quiet=True,
        new_accounts="newest",
        proxy_others="tunnel",
        proxy_upstream=before(os.environ),  # now: a test's environment will name the mock itself
    )
    thread = ServerThread(settings)
    thread.start()
    pool = Pool(thread.url)

    def release() -> None:
        pool.close()
        thread.stop()

    return Served(pool, release)


def _nothing() -> None:
    """The child is the whole process's, and ends with it."""
