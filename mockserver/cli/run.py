"""`run`: a command, whatever its language, with the mock in the place of Twilio."""

import os
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver import config
from mockserver.cli.options import Failure, Parser, UsageError
from mockserver.config_readers import did_you_mean
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.environment import Mock, at_home, for_command

if TYPE_CHECKING:
    from mockserver.handles.child import Child
    from mockserver.running.seen import Seen

USAGE: Final = "run [options] -- COMMAND…"
ABOUT: Final = (
    "Run a command with the mock in the place of Twilio: on a free port, with an environment that "
    "makes unmodified programs talk to it. Ends as the command does, and says what was sent."
)

WHICH: Final = "say which command, behind two dashes: twilio-mockserver run [options] -- COMMAND…"

WAIT: Final = 5.0
"""Seconds of wall time for what is under way when the command ends."""

WAITING: Final = "twilio-mockserver: waiting for what is under way (Ctrl-C: no longer)"

FAILED: Final = 1


def run(words: Sequence[str]) -> int:
    """Serve, run the command, tell, judge."""
    options, command = _cut(words)
    loaded, given = _parser().read(options)
    if not command:
        raise UsageError(WHICH)
    for path in filter(None, (given.report, given.junit)):
        _expect(Path(path))
    from mockserver.running import command as running

    with _serving(_arguments(loaded, given)) as server:
        print(f"twilio-mockserver: the mock is at {server.pool.url}", file=sys.stderr)
        try:
            status = running.run(command, _environ(server, loaded.settings))
        except running.NotStarted as problem:
            print(f"twilio-mockserver: {problem}", file=sys.stderr)
            return problem.status
        seen = _seen(server, given.wait)
        _say(seen, server.complaints(), loaded.warnings)
        return _judged(seen, given, status)


def _cut(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What is ours, and the command; raises `UsageError` where nothing tells them apart."""
    if "--" not in words:
        if not {"-h", "--help"} & set(words):
            raise UsageError(WHICH)
        return words, ()
    at = list(words).index("--")
    return words[:at], words[at + 1 :]


def _parser() -> Parser:
    from mockserver.running.judging import KINDS

    parser = Parser(USAGE, ABOUT, config.rows(config.Settings))
    parser.add_argument("--report", metavar="FILE.html", help="write all that happened as a page")
    parser.add_argument("--junit", metavar="FILE", help="write what went wrong there as JUnit XML")
    parser.add_argument(
        "--fail-on",
        type=_kinds,
        action="extend",
        default=[],
        metavar="KIND,…",
        help=f"end with status 1 when there were any: {', '.join(KINDS)}",
    )
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=WAIT,
        metavar="SECONDS",
        help=f"when the command ends, wait so long for what is under way (default: {WAIT:g})",
    )
    return parser


def _kinds(text: str) -> list[str]:
    from mockserver.running.judging import KINDS

    found = [each.strip() for each in text.split(",") if each.strip()]
    for each in found:
        if each not in KINDS:
            hint = did_you_mean(each, list(KINDS)) or f"; take {', '.join(KINDS)}"
            raise ArgumentTypeError(f"there is no {each!r}{hint}")
    return found


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise ArgumentTypeError(f"take a number of seconds up to 3600, not {text!r}")
    return seconds


# -- the server ------------------------------------------------------------------------------------


def _arguments(loaded: config.Loaded, given: Namespace) -> list[str]:
    """The server's command line: what was typed, and what is otherwise under `run`."""
    words = ["-m", "mockserver", "serve"]
    for row in config.rows(config.Settings):
        if hasattr(given, row.name):
            words += _typed(row.flag, getattr(given, row.name))
    if not hasattr(given, "port"):  # 2010 may be taken, and nobody needs to know which it is
        words.append("--port=0")
    if loaded.origins["proxy_others"] == "default":
        words.append("--proxy-others=tunnel")
    return [*words, "--quiet", "--exit-with-parent", "--keep-dropped"]


def _typed(flag: str, value: str | bool | Sequence[str]) -> list[str]:
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    return [f"--{flag}={each}" for each in ([value] if isinstance(value, str) else value)]


@contextmanager
def _serving(arguments: Sequence[str]) -> "Iterator[Child]":
    """A server of our own, which ends with us."""
    from mockserver.handles.child import Child, importable
    from mockserver.handles.errors import ServerGone

    try:
        server = Child(arguments, importable(os.environ), Path.cwd())
    except ServerGone as gone:
        raise Failure(str(gone)) from None
    try:
        yield server
    finally:
        server.end()


def _environ(server: "Child", settings: config.Settings) -> dict[str, str]:
    """The command's environment; raises `Failure` where the CA cannot be handed out."""
    from mockserver.handles.connection import ControlClient
    from mockserver.trust import java_store, trusted

    known = settings.account[0] if settings.account else None
    sid, token = (known.sid, known.auth_token) if known else (DEFAULT_SID, DEFAULT_TOKEN)
    try:
        files = trusted(ControlClient(server.pool).text("/ca.pem"), os.environ)
        java = java_store(files)
    except OSError as problem:
        raise Failure(f"the mock's CA cannot be handed out: {problem}") from None
    mock = Mock(server.pool.url, sid, token, files.certificate, files.bundle, files.extra)
    outer = at_home(os.environ)
    return {**outer, **for_command(mock, outer, java)}


# -- the command, and what is told -----------------------------------------------------------------


def _seen(server: "Child", patience: float) -> "Seen":
    from mockserver.handles.errors import ServerGone
    from mockserver.running.gathering import gather, look, wait

    try:
        try:
            clocks = wait(server.pool, patience, lambda: print(WAITING, file=sys.stderr))
        except KeyboardInterrupt:  # it is the waiting that somebody has enough of
            clocks = look(server.pool)
        return gather(server.pool, clocks)
    except ServerGone as gone:
        raise Failure(f"what was sent is not known: {gone}") from None


def _say(seen: "Seen", complaints: str, told: Sequence[str]) -> None:
    from mockserver.running.summary import news, summary

    for line in summary(seen):
        print(line, file=sys.stderr)
    for line in news(seen, complaints, told):
        print(f"  the mock says: {line}", file=sys.stderr)


def _judged(seen: "Seen", given: Namespace, status: int) -> int:
    """Write the files, and find the exit status: the command's own, unless it was 0."""
    from mockserver.running.judging import judge

    if given.report:
        from mockserver.running.page import page

        _write(given.report, page(seen, status))
    if given.junit:
        from mockserver.running.cases import cases

        _write(given.junit, cases(seen, given.fail_on, status))
    found = judge(seen, given.fail_on)
    for kind, lines in found.items():
        print(f"twilio-mockserver: --fail-on {kind}: {len(lines)}", file=sys.stderr)
    return status or (FAILED if found else 0)


def _expect(path: Path) -> None:
    """Raise `Failure` where nothing can be written: better now than when the tests have run."""
    if not path.parent.is_dir():
        raise Failure(f"cannot write {path}: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "it is a folder" if path.is_dir() else "it may not be written"
        raise Failure(f"cannot write {path}: {why}")


def _write(path: str, text: bytes) -> None:
    try:
        Path(path).write_bytes(text)
    except OSError as problem:
        raise Failure(f"cannot write {path}: {problem.strerror or problem}") from None
