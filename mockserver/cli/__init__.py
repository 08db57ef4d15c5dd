"""The command `twilio-mockserver`."""

from collections.abc import Sequence

from mockserver.interruption import INTERRUPTED, at_once

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status. Ctrl-C ends it without a word."""
    try:
        with at_once():
            from mockserver.cli import commands
        return commands.main(argv)
    except KeyboardInterrupt:
        return INTERRUPTED
