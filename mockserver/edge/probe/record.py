"""What a probe is, and the checks that most of them share."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.drafts import Changes, Draft
from mockserver.edge.probe.exchange import BOTH, Kind
from mockserver.edge.probe.verdicts import Verdict, accepted, labelled, refused, worst

Check = Callable[[Bench], Awaitable[Verdict]]

Need = Literal["nothing", "answers", "acceptance"]
"""What a probe cannot do without: it sends nothing; or it needs an application that answers; or
one that accepts the plain request."""


class Probe(msgspec.Struct, frozen=True):
    """One probe: what it is about, and what to do."""

    id: str
    title: str
    """What is true of an application that passes."""
    sent: str
    expected: str
    """What a correct application does."""
    twilio: str
    """What Twilio does, or would do."""
    fix: str
    check: Check
    kinds: tuple[Kind, ...] = BOTH
    needs: Need = "acceptance"
    last: bool = False
    """Whether it runs alone, after all others."""


def refuses(twist: Callable[[Draft], Draft]) -> Check:
    """A check that a message is turned away once it was twisted."""

    async def check(bench: Bench) -> Verdict:
        return refused(await bench.send(twist(bench.draft())))

    return check


def accepts(twist: Callable[[Draft], Draft]) -> Check:
    """A check that a message is taken in another form."""

    async def check(bench: Bench) -> Verdict:
        return accepted(bench, await bench.send(twist(bench.draft())))

    return check


def accepts_each(changes: Mapping[str, Changes]) -> Check:
    """A check that messages are taken with these parameters; each goes by a label."""

    async def check(bench: Bench) -> Verdict:
        verdicts = []
        for label, each in changes.items():
            verdict = accepted(bench, await bench.send(bench.draft(each)))
            verdicts.append(labelled(label, verdict))
        return worst(verdicts)

    return check


def accepts_with(changes: Changes) -> Check:
    """A check that a message is taken with these parameters."""
    return accepts_each({"": changes})
