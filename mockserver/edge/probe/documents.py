"""Probes of TwiML: what an inbound webhook is answered with. They look at the plain text's answer.

The answers to all other texts are looked at as well, by the probes that send them.
"""

from collections.abc import Sequence
from typing import Final

from mockserver.edge.probe.answers import flaws
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.record import Check, Probe
from mockserver.edge.probe.texts import INBOUND
from mockserver.edge.probe.verdicts import Verdict, failed, passed, skipped

ORDER: Final = (
    "twiml-size",
    "twiml-not-html",
    "twiml-content-type",
    "twiml-well-formed",
    "twiml-root",
    "twiml-verbs",
    "twiml-replies",
)
"""What is looked at, in this order; a document that fails early is not looked at further."""

FATAL: Final = ("twiml-size", "twiml-not-html", "twiml-well-formed", "twiml-root")


def _looks_for(probe: str) -> Check:
    earlier: Sequence[str] = [name for name in ORDER[: ORDER.index(probe)] if name in FATAL]

    async def check(bench: Bench) -> Verdict:
        found = flaws(bench.gate.heard)
        if probe in found:
            return failed(found[probe])
        before = [name for name in earlier if name in found]
        if before:
            return skipped(f"not looked at, see {before[0]}")
        return passed("an empty answer" if not bench.gate.heard.body.strip() else "as it should be")

    return check


def _probe(probe: str, title: str, expected: str, twilio: str, fix: str) -> Probe:
    sent = "An ordinary text."
    return Probe(probe, title, sent, expected, twilio, fix, _looks_for(probe), INBOUND)


BUILD: Final = "Build TwiML with the helper library (MessagingResponse)."

PROBES: Final = (
    _probe(
        "twiml-size",
        "The answer is smaller than 64 kB",
        "Answers with less than 64 kB.",
        "Raises alert 11750 and tries the fallback URL.",
        "Send long content through the REST API, not in the answer.",
    ),
    _probe(
        "twiml-not-html",
        "The answer is no HTML page",
        "Answers with TwiML or nothing; errors have a status of 4xx or 5xx.",
        "Raises alert 12100 or 12102 and tries the fallback URL.",
        "Answer errors with their status, not with 200 and a page; leave the login page out.",
    ),
    _probe(
        "twiml-content-type",
        "TwiML has a content type of XML",
        "Answers text/xml, application/xml or text/html.",
        "Raises alert 12300 and tries the fallback URL.",
        "Set `Content-Type: text/xml`.",
    ),
    _probe(
        "twiml-well-formed",
        "TwiML is well-formed XML",
        "Answers with XML that can be parsed.",
        "Raises alert 12100 and tries the fallback URL.",
        f"{BUILD} Answer 204 where there is nothing to say: `OK` is no XML.",
    ),
    _probe(
        "twiml-root",
        "TwiML's root is <Response>",
        "Answers with `<Response>…</Response>`.",
        "Raises alert 12102 and tries the fallback URL.",
        f"{BUILD} Names are case-sensitive.",
    ),
    _probe(
        "twiml-verbs",
        "TwiML has only verbs and attributes that there are",
        "Uses <Message>, <Body>, <Media>, <Redirect> and their attributes.",
        "Raises the warnings 12200 and 14110 and leaves out what it does not know.",
        f"{BUILD} <Say> and the like are for calls.",
    ),
    _probe(
        "twiml-replies",
        "Replies can be sent",
        "Replies with at most 10 messages, each with a text of at most 1,600 characters or media.",
        "Fails replies that are empty or too long (14103) and leaves out the eleventh (14109).",
        "Cut long texts, and leave out empty messages.",
    ),
)
