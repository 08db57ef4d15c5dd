"""What a run has found, as the document `control/ProbeReport` and as an exit status."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from mockserver.domain.signature import signed_url
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.exchange import Kind, Order
from mockserver.edge.probe.record import Probe
from mockserver.edge.probe.verdicts import Verdict

Document = dict[str, Any]

SHUT: Final = "not tried: the ordinary webhook was not accepted"

OUTCOMES: Final = ("passed", "failed", "note", "skipped")


class Finding(msgspec.Struct, frozen=True):
    """How one probe of one kind ended."""

    probe: Probe
    kind: Kind
    verdict: Verdict
    statuses: tuple[int, ...]
    """Of the answers, in the order in which they came."""
    seconds: float
    """Wall time of its requests together."""

    @classmethod
    def of(cls, probe: Probe, bench: Bench, verdict: Verdict) -> "Finding":
        """Out of what the bench has heard."""
        heard = bench.heard
        statuses = tuple(each.status for each in heard)
        return cls(probe, bench.kind, verdict, statuses, sum(each.seconds for each in heard))

    def document(self) -> Document:
        """One entry of the report."""
        return {
            "id": self.probe.id,
            "kind": self.kind,
            "title": self.probe.title,
            "outcome": self.verdict.outcome,
            "severity": self.verdict.severity or None,
            "said": self.verdict.said,
            "sent": self.probe.sent,
            "expected": self.probe.expected,
            "twilio": self.probe.twilio,
            "fix": self.probe.fix,
            "statuses": list(self.statuses),
            "duration_ms": round(self.seconds * 1000, 1),
        }


def document(order: Order, findings: Sequence[Finding], *, complete: bool) -> Document:
    """The whole report; not `complete` where the run was broken off."""
    return {
        "url": signed_url(order.url),  # without a password
        "kinds": list(order.kinds),
        "ok": complete and not any(each.verdict.outcome == "failed" for each in findings),
        "complete": complete,
        "counts": _counts(findings),
        "remarks": list(remarks(order, findings)),
        "findings": [each.document() for each in findings],
    }


def _counts(findings: Iterable[Finding]) -> Mapping[str, int]:
    outcomes = [each.verdict.outcome for each in findings]
    return {name: outcomes.count(name) for name in OUTCOMES}


def remarks(order: Order, findings: Sequence[Finding]) -> Iterator[str]:
    """What is to be said before everything else."""
    unsigned = [
        each.kind
        for each in findings
        if each.probe.id == "missing-signature" and each.verdict.severity == "insecure"
    ]
    if unsigned:
        yield (
            f"Signatures are not checked ({', '.join(unsigned)}): whoever knows the address can "
            "pretend to be Twilio."
        )
    for kind in order.kinds:
        if any(each.kind == kind and each.verdict.said == SHUT for each in findings):
            others = [each for each in order.kinds if each != kind]
            only = f" {_meant(others[0])}" if others else ""
            yield f"The ordinary {kind} webhook was not accepted, so that little was tried.{only}"


def _meant(kind: str) -> str:
    return f"If the webhook is not meant for it: --kind {kind}; in Python, kind={kind!r}."
