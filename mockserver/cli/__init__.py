"""The command `twilio-mockserver`."""

from mockserver.cli.commands import main

__all__ = ["main"]
