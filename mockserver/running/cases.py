"""What went wrong during a run as JUnit XML: a test case for the command and for each kind."""

from collections.abc import Collection, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from mockserver.running import wording
from mockserver.running.judging import KINDS
from mockserver.running.seen import Seen
from mockserver.running.summary import summary


def cases(seen: Seen, wanted: Collection[str], status: int) -> bytes:
    """What nobody wanted to fail on is output of its case, and no failure; all where none is."""
    said = {kind: each.found(seen) for kind, each in KINDS.items()}
    strict = wanted or KINDS.keys()
    failures = sum(1 for kind in strict if said[kind]) + bool(status)
    counts = {"tests": str(len(KINDS) + 1), "failures": str(failures), "errors": "0"}
    root = Element("testsuites", {"name": "twilio-mockserver run", **counts})
    suite = SubElement(root, "testsuite", {"name": "twilio-mockserver run", **counts})
    ended = [f"the command ended with status {status}"] if status else []
    _case(suite, "command", ended, fails=True)
    for kind, lines in said.items():
        _case(suite, kind, lines, fails=kind in strict)
    SubElement(suite, "system-out").text = wording.holdable("\n".join(summary(seen)))
    text: bytes = tostring(root, "utf-8", xml_declaration=True)
    return text


def _case(suite: Element, name: str, lines: Sequence[str], *, fails: bool) -> None:
    case = SubElement(suite, "testcase", classname="run", name=name, time="0")
    if not lines:
        return
    text = wording.holdable("\n".join(lines))
    if fails:
        message = text if len(lines) == 1 else f"{len(lines)} {name}"
        SubElement(case, "failure", message=message, type=name).text = text
    else:
        SubElement(case, "system-out").text = text
