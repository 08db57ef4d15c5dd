"""The server as a process of its own: signals, what it prints, its garbage, its parent."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mockserver import __version__
from mockserver.config import Settings
from mockserver.domain.message import Delivery, Message
from mockserver.edge.http.place import is_loopback
from mockserver.interruption import at_once
from mockserver.janitor import LOOK, Janitor
from mockserver.server import Server
from mockserver.world.house import BadState
from mockserver.world.scenarios import ScenarioError
from mockserver.world.store import NotKept

if TYPE_CHECKING:
    from mockserver.world.bulk.operation import Operation

TURN: Final = 0.001
"""Seconds after which a thread beside the event loop hands the interpreter over. A request needs it
several times."""

MOST_FILES: Final = 65_536
"""Open files that the process takes at the most; a sandbox may have 512 webhooks under way and
eight more for each receiver."""

log: Final = logging.getLogger("mockserver")


def serve(settings: Settings) -> int:
    """Run a server until SIGINT or SIGTERM; the exit status."""
    parent = os.getppid()  # now: it may be gone before the server listens
    _write_logs(settings)
    open_more_files()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    try:
        with at_once():
            loop_factory = _loop_factory()
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_serve(settings, parent))
    except (ScenarioError, BadState, NotKept) as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except OSError as problem:
        print(
            f"cannot listen on {problem.filename or f'{settings.host} port {settings.port}'}: "
            f"{problem.strerror or problem}. Stop what is using it, or choose another with "
            "--port (0 picks a free one).",
            file=sys.stderr,
        )
        return 1
    return 0


def open_more_files(most: int = MOST_FILES) -> None:
    """Take as many open files as the system allows, up to `most`: each webhook needs a connection.

    A process usually begins with 1,024, which a few hundred receivers that hang could use up.
    """
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(settings: Settings, parent: int) -> None:
    reports = () if settings.quiet else (say_message, say_operation)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises instead
            loop.add_signal_handler(number, stop.set)
    async with Server(settings, *reports) as server:
        say(f"twilio-mockserver {__version__} is listening on {server.url}")
        for said in server.sandboxes.overruled:
            log.warning("%s keeps the sandbox `default` as it was: %s", settings.state, said)
        if server.https_url:
            say(f"and with TLS on {server.https_url}")
        if reach := reached_by(settings.host):
            say(reach)
        chores = [Janitor(server.sandboxes, server.requests).look]
        if settings.exit_with_parent:
            chores.append(lambda: None if os.getppid() == parent else stop.set())
        gc.disable()
        gc.freeze()  # what is loaded by now lives as long as the process
        sys.setswitchinterval(TURN)
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK)
            for chore in chores:
                chore()


def reached_by(host: str) -> str:
    """Who else can reach a server that listens there; '' where nobody can."""
    if is_loopback(host.lower()):
        return ""
    where = "this one" if host in ("0.0.0.0", "::") else host
    return (
        f"every machine that can reach {where} may use it, and read every message; "
        "--host localhost keeps it to this machine"
    )


_SHOWN: Final = dict.fromkeys((*range(32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")
"""A stranger's text may not talk to the terminal."""


def say_message(message: Message, delivery: Delivery) -> None:
    """One line for a message."""
    say(line(message, delivery))


def say_operation(operation: "Operation") -> None:
    """`comms comms_operation_… 10000 recipients: 9990 delivered, 10 failed`."""
    from mockserver.world.bulk.waiting import counted  # not at start

    say(f"comms {operation.id} {counted(operation)}")


def line(message: Message, delivery: Delivery) -> str:
    """`SMS +1… → +1… delivered "Your code is 123456"`."""
    code = f" ({delivery.error_code})" if delivery.error_code else ""
    who = message.from_ or message.messaging_service_sid
    body = message.body.replace("\n", "⏎").replace("\r", "").translate(_SHOWN)
    return f'{message.channel.upper()} {who} → {message.to} {delivery.status}{code} "{body}"'


def say(text: str) -> None:
    """One line on standard output; a reader that went away is no reason to end."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        print(text, flush=True)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, where it exists."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _write_logs(settings: Settings) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else _PLAIN)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


_PLAIN: Final = logging.Formatter("%(levelname)s %(message)s")


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Level, logger, message and, where there is one, the traceback."""
        said = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said)
