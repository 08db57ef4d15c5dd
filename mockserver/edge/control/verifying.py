"""`/verify`: whether what happened is what should have."""

from typing import TYPE_CHECKING, Final

from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.control.rendering import Document, differing

if TYPE_CHECKING:  # a start needs none of it
    from mockserver.world.verifying.sight import Finding, Near


async def verify(ask: Ask) -> Answer:
    """Judge one check, or several."""
    from mockserver.world.verifying.reading import judge
    from mockserver.world.verifying.terms import BadCheck

    try:
        judgement = await judge(ask.sandbox, ask.body)
    except BadCheck as wrong:
        details = {"field": wrong.field, "reason": wrong.reason}
        raise Refusal("bad_check", str(wrong), details) from None
    findings, broken = judgement.findings, judgement.broken
    document = {
        "ok": not broken,
        "matched": sum(each.matched for each in findings),
        "explanation": judgement.explanation,
        "near_misses": [_near(miss) for each in broken for miss in each.near],
        "matches": [sid for each in (broken or findings[:1]) for sid in each.matches],
    }
    if "checks" in ask.body:
        document["checks"] = [{"check": each.check, **_finding(each)} for each in findings]
    return Answer(200, document)


def _finding(found: "Finding") -> Document:
    return {
        "ok": found.ok,
        "matched": found.matched,
        "explanation": found.explanation,
        "near_misses": [_near(each) for each in found.near],
        "matches": list(found.matches),
    }


def _near(near: "Near") -> Document:
    return differing(near.sid, near.differences)


ROUTES: Final = (
    Route(
        "POST",
        "/verify",
        verify,
        "Whether what happened is as it should be: counts, order, ends, duplicates, costs.",
        body="control/Verify",
        answer="Verdict",
    ),
)
