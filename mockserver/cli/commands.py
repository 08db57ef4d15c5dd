"""Finds the command, runs it, and turns what went wrong into a sentence and an exit status."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Final

from mockserver.cli import authority, client, environ, probe, run, scenarios, settings
from mockserver.cli.options import Failure, UsageError
from mockserver.config import ConfigError
from mockserver.config_readers import did_you_mean

OK, FAILED, WRONG_USE, UNREAD = 0, 1, 2, 141


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it is for, and what runs it with the words that follow its name."""

    about: str
    run: Callable[[Sequence[str]], int]


COMMANDS: Final[Mapping[str, Command]] = {
    "serve": Command("start the server; this is what no command at all does", settings.serve),
    "run": Command("run a command with the mock in the place of Twilio", run.run),
    "send": Command("send a message through a running server", client.send),
    "receive": Command("text a running server's account, as a handset does", client.receive),
    "probe": Command("try a webhook as Twilio would, and as others might", probe.run),
    "scenarios": Command("list, show and check scenarios", scenarios.run),
    "config": Command("print the effective settings and where each comes from", settings.show),
    "env": Command("print the environment for programs under test", environ.env),
    "ca": Command("print the certificate of the mock's CA", authority.run),
    "version": Command("print the version", settings.version),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console may not know arrows and ticks
            stream.reconfigure(errors="replace")
    try:
        return _flushed(_command(words))
    except BrokenPipeError:
        return _unread()
    except (ConfigError, UsageError, Failure) as error:
        print(f"twilio-mockserver: {error}", file=sys.stderr)
        return FAILED if isinstance(error, Failure) else WRONG_USE


def _flushed(status: int) -> int:
    """The status, once all that was printed is out."""
    sys.stdout.flush()
    return status


def _unread() -> int:
    """Nobody reads on, as in `| head`; the rest goes nowhere, or Python's end would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return UNREAD


def _command(words: list[str]) -> int:
    first = words[0] if words else "serve"
    if first in ("-h", "--help", "help"):
        return _help()
    if first == "--version":
        return settings.version(())
    if first.startswith("-"):
        return settings.serve(words)
    if first not in COMMANDS:
        hint = did_you_mean(first, list(COMMANDS)) or "; --help lists the commands"
        raise UsageError(f"there is no command {first!r}{hint}")
    return COMMANDS[first].run(words[1:])


def _help() -> int:
    print("usage: twilio-mockserver [COMMAND] [options]\n\ncommands:")
    for name, command in COMMANDS.items():
        print(f"  {name:<10} {command.about}")
    print("\n`twilio-mockserver COMMAND --help` tells more. Without a command:\n")
    print(settings.serve_parser().format_help(), end="")
    return OK
