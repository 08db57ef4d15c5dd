"""What an answer of a sink means, and when its events are tried again.

Source: Twilio's page about at-least-once delivery, live tests of March 2026. The spans between
tries are ours: published is only that they grow, and differ by chance.
"""

from collections.abc import Iterator
from itertools import count
from typing import Final, Literal

from mockserver.domain.message import SECOND

PATIENCE: Final = 4 * 3600 * SECOND
"""Microseconds from the first try after which an event is given up. Source: the page."""

TIMEOUT: Final = 5.0
"""Seconds of wall time that a sink has to answer. Source: Twilio's quickstart for webhooks."""

FIRST: Final = 1 * SECOND
"""Microseconds to the second try; each further one waits twice as long."""
LONGEST: Final = 600 * SECOND
JITTER: Final = 0.2
"""How much shorter or longer a wait may be: a fifth."""

SOON: Final = 5
"""Tries after the first that are as good as under way: as many as a status callback can be given by
`#rc=5`. Later ones are appointments, so that a sink that is dead keeps nobody waiting. Ours."""

BRIEF: Final = 15.0
"""Seconds of wall time after which the next try is one in any case: those of a status callback."""

REMINDER: Final = 20 * 60 * SECOND
"""Microseconds between two entries in the Debugger about one failing sink, the first of which comes
with the first failure. Source: Twilio's quickstart for webhooks."""

TIMED_OUT: Final = 91308
UNDELIVERABLE: Final = 93101
"""Codes of these entries: nobody answered in time, or anything else."""

Verdict = Literal["accepted", "discarded", "again"]

TOO_MANY: Final = 429


def verdict(status: int) -> Verdict:
    """What an HTTP status means for the events; 0 where nobody answered.

    That what is neither 2xx, 4xx nor 5xx is discarded is ours.
    """
    if 200 <= status < 300:
        return "accepted"
    return "again" if not status or status == TOO_MANY or status >= 500 else "discarded"


def wait(failures: int, chance: float) -> int:
    """Microseconds after so many failures, from 1; `chance` is a number from 0 to 1."""
    doublings = min(failures - 1, LONGEST.bit_length())  # no larger powers than are needed
    usual = min(FIRST << doublings, LONGEST)
    return round(usual * (1 + JITTER * (2 * chance - 1)))


def next_try(first_at: int, now: int, failures: int, chance: float) -> int | None:
    """When to try again, in microseconds; nothing where that would be beyond `PATIENCE`."""
    at = now + wait(failures, chance)
    return at if at <= first_at + PATIENCE else None


def tries(first_at: int, chances: Iterator[float]) -> Iterator[int]:
    """Every try of an event that a sink never takes and refuses at once; the first one included."""
    at: int | None = first_at
    for failures in count(1):
        if at is None:
            return
        yield at
        at = next_try(first_at, at, failures, next(chances))


def reminder(since: int, now: int) -> int:
    """When the Debugger is told of a failure at `now`, of a sink that fails `since` then.

    It is told once for each such time: of several tries that fail together, any may be the first,
    and the entry has to be the same.
    """
    return since + max(0, now - since) // REMINDER * REMINDER
