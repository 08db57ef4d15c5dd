"""How answers are judged."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from mockserver.domain.signature import masked
from mockserver.edge.probe.answers import flaws
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.exchange import Heard

Outcome = Literal["passed", "note", "failed", "skipped"]
Severity = Literal["", "insecure", "crashed", "wrong"]

_RANK: Final = {"failed": 0, "note": 1, "passed": 2, "skipped": 3}


class Verdict(msgspec.Struct, frozen=True):
    """How a probe ended, in a word and in a sentence."""

    outcome: Outcome
    said: str
    severity: Severity = ""
    """Of a failure: it let a forgery in, it crashed, or it did something else wrong."""


def passed(said: str) -> Verdict:
    return Verdict("passed", said)


def note(said: str) -> Verdict:
    return Verdict("note", said)


def skipped(said: str) -> Verdict:
    return Verdict("skipped", said)


def failed(said: str, severity: Severity = "wrong") -> Verdict:
    return Verdict("failed", said, severity)


def answered(heard: Heard) -> str:
    """An answer in a few words."""
    if not heard.status:
        return f"no answer: {heard.problem}"
    if not heard.location or not 300 <= heard.status < 400:
        return f"answered {heard.status}"
    return f"answered {heard.status} to {masked(heard.location)}"


def survived(heard: Heard) -> Verdict | None:
    """The failure, where the application gave no answer or an error of its own."""
    if not heard.status or heard.status >= 500:
        return failed(answered(heard), "crashed")
    return None


def refused(heard: Heard) -> Verdict:
    """Whether a forgery was turned away."""
    if heard.ok:
        return failed(f"accepted: {answered(heard)}", "insecure")
    if 300 <= heard.status < 400:
        return note(f"{answered(heard)}; a plain 403 is clearer")
    return survived(heard) or passed(answered(heard))


def accepted(bench: Bench, heard: Heard) -> Verdict:
    """Whether what Twilio may send was taken, and answered with what Twilio understands.

    What is wrong with the answer to the plain request as well is the business of other probes.
    """
    if crash := survived(heard):
        return crash
    if not heard.ok:
        return failed(answered(heard))
    if bench.kind == "inbound":
        known = flaws(bench.gate.heard)
        new = [text for probe, text in flaws(heard).items() if probe not in known]
        if new:
            return failed("; ".join(new))
    return passed(answered(heard))


def labelled(label: str, verdict: Verdict) -> Verdict:
    """The verdict about one of several requests; where all is well, it is no matter which."""
    if not label or verdict.outcome == "passed":
        return verdict
    return msgspec.structs.replace(verdict, said=f"{label}: {verdict.said}")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict about several requests together: what is said of the worst of them."""
    told = sorted(verdicts, key=lambda each: _RANK[each.outcome])
    alike = [each for each in told if each.outcome == told[0].outcome]
    texts = dict.fromkeys(each.said for each in alike)
    return msgspec.structs.replace(told[0], said="; ".join(texts))
