"""Probing an application's webhook, and what came of it. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mockserver.handles.records import Document, read
from mockserver.handles.standing import Standing

PROBE_PATIENCE: Final = 900.0
"""Seconds of wall time for a whole run; against an application that answers it takes one or two."""

FEW: Final = 3
"""Probes that were skipped for the same reason, and still have a row each."""

Paint = Callable[[str, str], str]
"""A word, and the outcome that it is to be coloured for."""

WORDS: Final = {"passed": "ok", "failed": "FAILED", "note": "note", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """How one probe of one kind ended."""

    id: str = ""
    kind: str = ""
    """`status` or `inbound`."""
    title: str = ""
    outcome: str = ""
    """`passed`, `failed`, `note` (worth a look, no failure) or `skipped`."""
    severity: str | None = None
    """Of a failure: `insecure`, `crashed` or `wrong`."""
    said: str = ""
    """What the application did."""
    sent: str = ""
    expected: str = ""
    twilio: str = ""
    """What Twilio does, or would do."""
    fix: str = ""
    statuses: list[int] = field(default_factory=list)
    """Of the application's answers; 0 for none."""
    duration_ms: float = 0.0
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{WORDS[self.outcome]} {self.kind} {self.id}: {self.said}"


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What the probes of a webhook found; as text, a table with the fixes below."""

    url: str = ""
    kinds: list[str] = field(default_factory=list)
    ok: bool = False
    """Nothing failed. Notes and skipped probes are no failures."""
    complete: bool = True
    """False where the run was broken off."""
    remarks: list[str] = field(default_factory=list)
    """What is to be read before everything else."""
    findings: list[ProbeFinding] = field(default_factory=list)
    raw: Document = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "ProbeReport":
        """Out of the control API's document."""
        findings = [read(ProbeFinding, each) for each in document["findings"]]
        return read(cls, {**document, "findings": findings, "raw": document})

    @property
    def failed(self) -> list[ProbeFinding]:
        """What is to be mended."""
        return [each for each in self.findings if each.outcome == "failed"]

    @property
    def notes(self) -> list[ProbeFinding]:
        """What is worth a look."""
        return [each for each in self.findings if each.outcome == "note"]

    def assert_ok(self) -> None:
        """Raise `AssertionError` with the report when a probe failed, or the run broke off."""
        __tracebackhide__ = True
        if not self.ok:
            raise AssertionError(str(self))

    def text(self, paint: Paint = lambda word, _: word) -> str:
        """The report; `paint` puts colours around words."""
        return "\n".join(_lines(self, paint))

    def __str__(self) -> str:
        return self.text()


def _lines(report: ProbeReport, paint: Paint) -> Iterator[str]:
    yield f"{report.url}: {_counted(report)}"
    for remark in report.remarks:
        yield paint(f"! {remark}", "failed")
    yield ""
    yield from _table(report.findings, paint)
    for about in {each.id: each for each in (*report.failed, *report.notes)}.values():
        yield from ("", *_advice(about, paint))


def _table(findings: Iterable[ProbeFinding], paint: Paint) -> Iterator[str]:
    """A row for each probe, or two where the kinds ended differently.

    What was skipped comes last, as a number where it is more than a few for the same reason.
    """
    rows: dict[tuple[str, str], list[ProbeFinding]] = {}
    for each in findings:
        rows.setdefault((each.id, each.outcome), []).append(each)
    wide = max((len(probe) for probe, _ in rows), default=0) + 2
    skipped: dict[tuple[str, str], list[str]] = {}
    for (probe, outcome), alike in rows.items():
        kind = "both" if len(alike) > 1 else alike[0].kind
        said = "; ".join(dict.fromkeys(each.said for each in alike))
        start = f"{paint(f'{WORDS[outcome]:<8}', outcome)}{kind:<9}"
        if outcome == "skipped":
            skipped.setdefault((start, said), []).append(probe)
        else:
            yield f"{start}{probe:<{wide}}{said}"
    for (start, said), probes in skipped.items():
        named = probes if len(probes) <= FEW else [f"{len(probes)} probes"]
        yield from (f"{start}{each:<{wide}}{said}" for each in named)


def _counted(report: ProbeReport) -> str:
    outcomes = [each.outcome for each in report.findings]
    counted = [f"{outcomes.count(name)} {told}" for name, told in _COUNTED if name in outcomes]
    broken = [] if report.complete else ["broken off"]
    return ", ".join([*counted, *broken]) or "nothing tried"


_COUNTED: Final = (
    ("failed", "failed"),
    ("note", "to note"),
    ("passed", "passed"),
    ("skipped", "skipped"),
)


def _advice(about: ProbeFinding, paint: Paint) -> Iterator[str]:
    yield f"{paint(about.id, about.outcome)}: {about.title}"
    yield f"  sent      {about.sent}"
    yield f"  expected  {about.expected}"
    yield f"  Twilio    {about.twilio}"
    yield f"  fix       {about.fix}"


class Probing(Standing):
    """Probes applications."""

    def probe(
        self,
        url: str,
        kind: Literal["status", "inbound", "all"] = "all",
        auth_token: str | None = None,
        *,
        timeout: float = 15.0,
    ) -> ProbeReport:
        """Try an application's webhook: what Twilio may send, and what only others would.

        The application must know the sandbox's Auth Token, or the one given; `timeout` is in
        seconds of wall time for each answer.
        """
        asked = {"url": url, "kind": kind, "timeout": timeout}
        if auth_token is not None:
            asked["auth_token"] = auth_token
        answer = self._control.call("POST", "/probe", asked, timeout=PROBE_PATIENCE)
        return ProbeReport.of(answer)
