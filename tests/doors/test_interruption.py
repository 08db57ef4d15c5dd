"""Ctrl-C in the first moments of a command: it ends quietly, whatever it was about to load."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.interruption import INTERRUPTED, at_once

PACKAGES = Path(__file__).parents[2]

STRUCK = """
import os, signal, sys

class Strikes:
    "Has the process interrupted when a module is about to be loaded, once."

    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Strikes())
from mockserver.cli import main
sys.exit(main(sys.argv[2:]))
"""


def struck(module: str, *words: str) -> tuple[int, str, str]:
    """How a command ends that is interrupted just before it loads a module."""
    ended = subprocess.run(
        [sys.executable, "-c", STRUCK, module, *words],
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    "module",
    [
        *("mockserver.cli.commands", "mockserver.cli.options", "argparse", "mockserver.config"),
        *("mockserver.serving", "aiohttp", "uvloop", "mockserver.server", "mockserver.edge.api"),
        "mockserver.edge.listener",
    ],
)
def test_a_server_that_is_about_to_start(module: str) -> None:
    """No traceback, and the status of an interruption; the words of `serve` or none."""
    assert struck(module, "--port", "0") == (INTERRUPTED, "", "")


@pytest.mark.parametrize(
    "module",
    ["mockserver.cli.run", "mockserver.running.command", "mockserver.handles.child", "subprocess"],
)
def test_a_run_that_is_about_to_start(module: str) -> None:
    """The same, and the command is not started."""
    assert struck(module, "run", "--", "echo", "ran") == (INTERRUPTED, "", "")


def test_an_interrupted_command_in_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there may be something to put away it is an exception, which nobody sees."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.cli.settings.Parser.read", interrupt)
    assert main(["config"]) == INTERRUPTED


def test_what_was_before_is_so_again() -> None:
    """Also where loading fails; who ignores Ctrl-C goes on to, and who handles it does."""
    for handler in (signal.default_int_handler, signal.SIG_IGN, lambda *_: None):
        before = signal.signal(signal.SIGINT, handler)
        try:
            with suppress(ImportError), at_once():
                inside = signal.getsignal(signal.SIGINT)
                raise ImportError
            assert signal.getsignal(signal.SIGINT) is handler
        finally:
            signal.signal(signal.SIGINT, before)
        assert (inside is not handler) == (handler is signal.default_int_handler)


def test_in_another_thread_nothing_changes() -> None:
    """Only the first one may say what becomes of a signal."""
    seen = []

    def inside() -> None:
        with at_once():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
