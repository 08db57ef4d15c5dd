"""A probe's report as JUnit XML, which is what continuous integration reads."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from mockserver.handles.probing import ProbeFinding, ProbeReport
from mockserver.running.wording import holdable


def junit(report: ProbeReport) -> bytes:
    """A test suite for each kind, a test case for each probe; notes are output of theirs."""
    about = {"name": "twilio-mockserver probe", **_counts(report.findings)}
    root = Element("testsuites", about)
    for kind in report.kinds:
        cases = [each for each in report.findings if each.kind == kind]
        named = {"name": f"{kind} {holdable(report.url)}", **_counts(cases)}
        suite = SubElement(root, "testsuite", named)
        for each in cases:
            _case(suite, each)
    text: bytes = tostring(root, "utf-8", xml_declaration=True)
    return text


def _counts(findings: Iterable[ProbeFinding]) -> dict[str, str]:
    outcomes = [each.outcome for each in findings]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("failed")),
        "errors": "0",
        "skipped": str(outcomes.count("skipped")),
    }


def _case(suite: Element, finding: ProbeFinding) -> None:
    seconds = f"{finding.duration_ms / 1000:.4f}"
    case = SubElement(
        suite, "testcase", classname=f"probe.{finding.kind}", name=finding.id, time=seconds
    )
    said = holdable(finding.said)
    if finding.outcome == "failed":
        failure = SubElement(case, "failure", message=said, type=finding.severity or "")
        failure.text = holdable(_told(finding))
    elif finding.outcome == "skipped":
        SubElement(case, "skipped", message=said)
    elif finding.outcome == "note":
        SubElement(case, "system-out").text = holdable(f"{finding.said}\n{_told(finding)}")


def _told(finding: ProbeFinding) -> str:
    return (
        f"{finding.title}\nsent: {finding.sent}\nexpected: {finding.expected}\n"
        f"Twilio: {finding.twilio}\nfix: {finding.fix}\n"
    )
