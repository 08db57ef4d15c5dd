"""What `run` prints on standard error when the command has ended."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mockserver.running import wording
from mockserver.running.judging import KINDS
from mockserver.running.seen import Clock, Seen

SHOWN: Final = 20
"""Lines of a kind."""

UNSERVED: Final = "which this mock does not serve"
"""How a line of the log ends that tells of such a call."""


def summary(seen: Seen) -> Iterator[str]:
    """The lines: what was sent, what went wrong, what is still to come."""
    yield f"twilio-mockserver: {headline(seen)}"
    yield from _some(map(wording.message, seen.messages[-SHOWN:]), seen.totals.get("messages", 0))
    yield from _section("calls refused", [wording.refused(each) for each in seen.refused])
    for kind in KINDS.values():
        yield from _section(kind.about, kind.found(seen))
    yield from (f"  {each}" for each in notes(seen))


def headline(seen: Seen) -> str:
    """`3 messages (2 delivered, 1 failed), 5 calls, 4 webhooks`."""
    total = seen.totals.get("messages", 0)
    stand = ", ".join(f"{number} {status}" for status, number in seen.statuses.items())
    known = sum(seen.statuses.values())
    left_out = f"of the last {known}: " if total > known else ""
    parts = [wording.counted(total, "message") + (f" ({left_out}{stand})" if stand else "")]
    if seen.deleted:
        parts.append(f"{seen.deleted} deleted")
    for noun, what in (("API call", "requests"), ("webhook call", "callbacks")):
        if number := seen.totals.get(what, 0):
            parts.append(wording.counted(number, noun))
    if not any(seen.totals.values()) and not seen.gone:
        parts.append("nothing reached the mock")
    return ", ".join(parts)


def notes(seen: Seen) -> Iterator[str]:
    """What else there is to know."""
    yield from _ahead(seen.clock, "")
    for sandbox, clock in list(seen.others.items())[-SHOWN:]:
        yield from _ahead(clock, f" in sandbox {sandbox}")
    if seen.others or seen.gone:
        others = f"{seen.gone} dropped or reset before, {len(seen.others)} more at the end"
        yield f"in the sandbox default, and in others: {others}"


def _ahead(clock: Clock, where: str) -> Iterator[str]:
    if not clock.idle:
        yield f"not over yet{where}: {_to_come(clock)}"
    elif clock.pending:
        yield f"still to come{where}: {_to_come(clock)}"


def gathered(lines: Iterable[str]) -> Sequence[str]:
    """Equal lines as one that says how often, in the order of their first."""
    times = Counter(lines)
    return [f"{line} ({often} times)" if often > 1 else line for line, often in times.items()]


def news(seen: Seen, log: str, told: Iterable[str] = ()) -> Sequence[str]:
    """Lines of the server's log that say more than the summary and `told` do, each once."""
    known = {UNSERVED, *told, *(each.error for each in seen.callbacks if each.error)}
    lines = dict.fromkeys(filter(None, map(wording.plain, log.splitlines())))
    return [line for line in lines if not any(each in line for each in known)]


def _to_come(clock: Clock) -> str:
    at = f", the next at {clock.next}" if clock.next else ""
    booked = wording.counted(clock.pending, "event") if clock.pending else "a webhook under way"
    return f"{booked}{at} ({clock.mode} clock, now {clock.now})"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"  {title} ({len(lines)}):"
        rows = gathered(lines)
        yield from (f"  {each}" for each in _some(rows[-SHOWN:], len(rows)))


def _some(lines: Iterable[str], total: int) -> Iterator[str]:
    shown = list(lines)
    if len(shown) < total:
        yield f"  … {total - len(shown)} before"
    yield from (f"  {each}" for each in shown)
