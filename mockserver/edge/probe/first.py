"""Probes that judge the answer to the plain request: nothing more is sent for them."""

from typing import Final

from mockserver.edge.probe.answers import replies
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.record import Probe
from mockserver.edge.probe.verdicts import (
    Verdict,
    answered,
    failed,
    note,
    passed,
    skipped,
    survived,
)

SLOW: Final = 5.0
"""Seconds after which an answer is worth a note: ours, a third of what Twilio waits."""

PLAIN: Final = "An ordinary webhook with a valid signature."


async def reachable(bench: Bench) -> Verdict:
    heard = bench.gate.heard
    return failed(heard.problem, "crashed") if heard.unreached else passed("connected")


async def answer_time(bench: Bench) -> Verdict:
    heard, most = bench.gate.heard, bench.order.timeout
    if heard.late:
        return failed(f"no answer within {most:g} s")
    if heard.seconds > SLOW:
        return note(f"the answer took {heard.seconds:.1f} s of the {most:g} s there are")
    return passed(f"answered within {heard.seconds * 1000:.0f} ms")


async def no_redirect(bench: Bench) -> Verdict:
    heard = bench.gate.heard
    if 300 <= heard.status < 400:
        return failed(f"{answered(heard)}; probe that address, and configure it at Twilio")
    return passed(answered(heard)) if heard.status else skipped(answered(heard))


async def valid_signature(bench: Bench) -> Verdict:
    heard = bench.gate.heard
    if heard.late or 300 <= heard.status < 400:
        return skipped(answered(heard))
    if crash := survived(heard):
        return _retried(bench, crash)
    if heard.ok:
        return passed(answered(heard))
    instead = bench.gate.instead
    return failed(answered(heard) + (f", but accepted when {instead}" if instead else ""))


def _retried(bench: Bench, crash: Verdict) -> Verdict:
    again = bench.gate.again
    if again is None:
        return crash
    return failed(f"{crash.said}; the same request once more was {answered(again)}", "crashed")


async def status_answer(bench: Bench) -> Verdict:
    heard = bench.gate.heard
    if replies(heard) and b"<Response" in heard.body:
        return note("the answer holds replies, which nobody will send")
    return passed(answered(heard))


PROBES: Final = (
    Probe(
        id="reachable",
        title="The webhook can be connected to",
        sent=PLAIN,
        expected="Accepts connections; over https, with a certificate that Twilio trusts.",
        twilio="Raises an alert of the 11200 family, and the webhook is lost after one retry.",
        fix="Start the application, and check host name, port and certificate.",
        check=reachable,
        needs="nothing",
    ),
    Probe(
        id="no-redirect",
        title="A POST is not redirected",
        sent=PLAIN,
        expected="Answers at the very address that is configured.",
        twilio=(
            "Follows 301, 302 and 303 as a GET without the form; after 307 it posts again, with "
            "the signature of the address that was configured."
        ),
        fix=(
            "Configure the final address: the one with (or without) the slash at its end, https, "
            "no login page before it."
        ),
        check=no_redirect,
        needs="nothing",
    ),
    Probe(
        id="answer-time",
        title="The answer comes in time",
        sent=PLAIN,
        expected="Answers within 15 s; better, within a second.",
        twilio="Gives up after 15 s (11200, 11203); an inbound webhook goes to the fallback URL.",
        fix="Answer first, and do what takes time in the background.",
        check=answer_time,
        needs="nothing",
    ),
    Probe(
        id="valid-signature",
        title="A rightly signed webhook is accepted",
        sent=PLAIN,
        expected="Answers 2xx, also for a message that it does not know.",
        twilio="Raises alert 11200; a status callback is lost, a text goes to the fallback.",
        fix=(
            "Check that --auth-token is the application's, and that it validates the address as "
            "Twilio calls it; for a public address use --webhook-map PUBLIC=LOCAL."
        ),
        check=valid_signature,
        needs="nothing",
    ),
    Probe(
        id="status-answer",
        title="A status callback is answered without TwiML",
        sent=PLAIN,
        expected="Answers 204, or 200 with an empty body.",
        twilio="Ignores whatever a status callback is answered with.",
        fix="Answer 204, and send replies through the REST API.",
        check=status_answer,
        kinds=("status",),
    ),
)
