"""Probes of status callbacks alone."""

from typing import Final

from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.contents import ACCEPTS, LOST
from mockserver.edge.probe.drafts import HANDSET, NUMBER, status
from mockserver.edge.probe.exchange import Kind
from mockserver.edge.probe.record import Check, Probe, accepts_each, accepts_with
from mockserver.edge.probe.verdicts import Verdict, accepted, labelled, worst

DOCUMENTED: Final = (
    *("queued", "sending", "sent", "delivered", "undelivered", "failed", "read", "canceled"),
)
"""What a callback may report. Source: Twilio's docs on message statuses."""

STATUS: Final[tuple[Kind, ...]] = ("status",)


async def out_of_order(bench: Bench) -> Verdict:
    """`delivered`, then `sent`, of one message."""
    final, early = bench.draft(status("delivered")), bench.draft()
    early = early.but(params=final.params).edited({"RawDlrDoneDate": None, **status("sent")})
    verdicts = [
        labelled("delivered", accepted(bench, await bench.send(final))),
        labelled("sent, after it", accepted(bench, await bench.send(early))),
    ]
    return worst(verdicts)


def _failure(name: str, code: str) -> dict[str, str]:
    return {**status(name), "ErrorCode": code}


def _whatsapp(name: str, event: str | None) -> dict[str, str | None]:
    return {
        **status(name),
        "RawDlrDoneDate": None,
        "EventType": event,
        "ChannelPrefix": "whatsapp",
        "ChannelInstallSid": f"XE{'0' * 28}2010",
        "To": f"whatsapp:{HANDSET}",
        "From": f"whatsapp:{NUMBER}",
    }


def _probe(probe: str, title: str, sent: str, check: Check, fix: str) -> Probe:
    return Probe(probe, title, sent, ACCEPTS, LOST, fix, check, STATUS)


PROBES: Final = (
    _probe(
        "documented-statuses",
        "Every documented status is accepted",
        f"Callbacks with {', '.join(DOCUMENTED)}.",
        accepts_each({name: status(name) for name in DOCUMENTED}),
        "Answer 2xx to every status, also to those that you do nothing about.",
    ),
    _probe(
        "unknown-status",
        "A status that is new is accepted",
        "A callback with `MessageStatus=teleported`.",
        accepts_with(status("teleported")),
        "Answer 2xx to a status that you do not know, and log it: new ones come without notice.",
    ),
    _probe(
        "out-of-order",
        "Statuses out of order are accepted",
        "`delivered`, then `sent`, of the same message.",
        out_of_order,
        "Order is not guaranteed: let a final status stand, and answer 2xx to what comes late.",
    ),
    _probe(
        "error-codes",
        "Failures with an error code are accepted",
        "`undelivered` with 30003, `failed` with 21610, and with a code that is new.",
        accepts_each(
            {
                "undelivered 30003": _failure("undelivered", "30003"),
                "failed 21610": _failure("failed", "21610"),
                "failed 39999": _failure("failed", "39999"),
            }
        ),
        "Take `ErrorCode` for a number that you may not know, and that is absent on success.",
    ),
    _probe(
        "whatsapp-statuses",
        "Status callbacks of WhatsApp are accepted",
        "`sent`, `delivered` and `read` with ChannelPrefix, EventType and `whatsapp:` addresses.",
        accepts_each(
            {
                "sent": _whatsapp("sent", None),
                "delivered": _whatsapp("delivered", "DELIVERED"),
                "read": _whatsapp("read", "READ"),
            }
        ),
        "Take addresses with a prefix, and more parameters than an SMS has.",
    ),
)
