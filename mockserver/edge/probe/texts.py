"""Probes of inbound messages alone: what handsets send."""

from collections.abc import Mapping
from typing import Final

from mockserver.edge.probe.answers import kind, replies
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.contents import ACCEPTS, LOST
from mockserver.edge.probe.drafts import HANDSET, NUMBER, Changes
from mockserver.edge.probe.exchange import Kind
from mockserver.edge.probe.record import Check, Probe, accepts_each, accepts_with
from mockserver.edge.probe.verdicts import Verdict, accepted, failed, labelled, note, worst

INBOUND: Final[tuple[Kind, ...]] = ("inbound",)

STOP_WORDS: Final = ("STOP", "stop", "Unsubscribe", "QUIT")
"""Of those that Twilio acts on, in any case. Source: Twilio's docs on opt-out keywords."""

HELP_WORDS: Final = ("HELP", "info")

DEAD: Final = "http://127.0.0.1:9/2010-04-01/Accounts/AC/Messages/MM/Media/ME"
"""Where media would be: nobody listens at the port for discarding."""

GEOGRAPHY: Final[Changes] = {
    f"{end}{part}": None for end in ("From", "To") for part in ("City", "State", "Zip", "Country")
}


async def stop(bench: Bench) -> Verdict:
    """A reply to an opt-out is blocked."""
    answers = {word: await bench.send(bench.draft({"Body": word})) for word in STOP_WORDS}
    replied = [word for word, heard in answers.items() if heard.ok and replies(heard)]
    if replied:
        return failed(f"replied to {', '.join(replied)}; Twilio blocks that with 21610")
    return worst(labelled(word, accepted(bench, heard)) for word, heard in answers.items())


async def help_(bench: Bench) -> Verdict:
    """Twilio answers these words by itself."""
    answers = {word: await bench.send(bench.draft({"Body": word})) for word in HELP_WORDS}
    verdict = worst(labelled(word, accepted(bench, heard)) for word, heard in answers.items())
    replied = [word for word, heard in answers.items() if replies(heard)]
    if verdict.outcome == "passed" and replied:
        return note(f"replied to {', '.join(replied)}: the handset gets two answers")
    return verdict


async def plain_text(bench: Bench) -> Verdict:
    """A text/plain answer is a message."""
    heard = bench.gate.heard
    if kind(heard) == "text/plain" and heard.body.strip():
        text = heard.body[:60].decode("utf-8", "replace").strip()
        return note(f"the handset gets the text {text!r}")
    return accepted(bench, heard)


def media(count: int, content_type: str = "image/jpeg") -> dict[str, str]:
    """Parameters of a message with attachments, which cannot be fetched."""
    found = {"NumMedia": str(count)}
    for place in range(count):
        found |= {f"MediaContentType{place}": content_type, f"MediaUrl{place}": f"{DEAD}{place}"}
    return found


WHATSAPP: Final[Mapping[str, str | None]] = {
    **GEOGRAPHY,
    "ProfileName": "Zoë 🦊",
    "MessageType": "text",
    "WaId": HANDSET.removeprefix("+"),
    "ReferralNumMedia": "0",
    "To": f"whatsapp:{NUMBER}",
    "From": f"whatsapp:{HANDSET}",
}

BUTTON: Final = {"MessageType": "button", "ButtonText": "Yes", "ButtonPayload": "yes-1"}
PLACE: Final = {
    "MessageType": "location",
    "Body": "",
    "Latitude": "52.52",
    "Longitude": "13.405",
    "Address": "Alexanderplatz",
    "Label": "",
}


def _probe(probe: str, title: str, sent: str, check: Check, fix: str) -> Probe:
    return Probe(probe, title, sent, ACCEPTS, LOST, fix, check, INBOUND)


FETCH: Final = (
    "Answer first, fetch media afterwards, and expect that it cannot be fetched; NumMedia says "
    "how many there are."
)

PROBES: Final = (
    Probe(
        "plain-text",
        "Nothing is sent to the handset by accident",
        "An ordinary text.",
        "Answers with TwiML, or with nothing; a text/plain answer is only a note.",
        "Sends the whole of a text/plain answer to the handset as a message.",
        "Answer 204, or `<Response/>` as text/xml, where you do not want to reply.",
        plain_text,
        INBOUND,
    ),
    Probe(
        "stop-reply",
        "Opt-outs are not replied to",
        f"Texts {', '.join(STOP_WORDS)}.",
        "Answers 2xx with an empty `<Response/>` or nothing.",
        "Has unsubscribed the handset and told it so; a further reply fails with 21610.",
        "Leave STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT, in any case, "
        "to Twilio: answer `<Response/>`.",
        stop,
        INBOUND,
    ),
    Probe(
        "help-reply",
        "HELP is left to Twilio",
        f"Texts {', '.join(HELP_WORDS)}.",
        "Answers 2xx with an empty `<Response/>`; a reply is only a note.",
        "Answers HELP and INFO by itself, unless your Messaging Service says otherwise.",
        "Answer `<Response/>`, or set your own text in the service's opt-out management.",
        help_,
        INBOUND,
    ),
    _probe(
        "empty-body",
        "An empty text is accepted",
        "A message with `Body=` and no media.",
        accepts_with({"Body": "", "NumSegments": "1"}),
        "Expect an empty Body.",
    ),
    _probe(
        "mms",
        "A message with media is accepted",
        "A picture with a text. Nobody answers at its address.",
        accepts_with(media(1)),
        FETCH,
    ),
    _probe(
        "media-only",
        "Media without a text is accepted",
        "A picture with an empty Body. Nobody answers at its address.",
        accepts_with({"Body": "", **media(1)}),
        f"Expect an empty Body. {FETCH}",
    ),
    _probe(
        "many-media",
        "Ten attachments are accepted",
        "Ten files of a type that is rare. Nobody answers at their addresses.",
        accepts_with(media(10, "application/vnd.apple.pkpass")),
        FETCH,
    ),
    _probe(
        "whatsapp",
        "WhatsApp messages are accepted",
        "A text, a pressed button and a location, with ProfileName and WaId, without geography.",
        accepts_each(
            {
                "text": WHATSAPP,
                "button": {**WHATSAPP, **BUTTON},
                "location": {**WHATSAPP, **PLACE},
            }
        ),
        "Take addresses with the prefix `whatsapp:`, and do without FromCity and the like.",
    ),
    _probe(
        "no-geography",
        "A text without geography is accepted",
        "A text without FromCity, FromZip, ToCountry and the others.",
        accepts_with(GEOGRAPHY),
        "Read geography as optional: Twilio sends it when it is there.",
    ),
    _probe(
        "short-code",
        "A text from a short code is accepted",
        "A text whose From is `12345`.",
        accepts_with({"From": "12345"}),
        "Do not take it for granted that From begins with a plus.",
    ),
    _probe(
        "opt-out-type",
        "A text with OptOutType is accepted",
        "A text with `OptOutType=HELP`, as Advanced Opt-Out sends it.",
        accepts_with({"OptOutType": "HELP"}),
        "Take parameters that you do not know.",
    ),
    _probe(
        "fallback-call",
        "A call as the fallback URL is accepted",
        "A text with `ErrorCode=11200` and `ErrorUrl`.",
        accepts_with({"ErrorCode": "11200", "ErrorUrl": "https://app.example/sms"}),
        "Take ErrorCode and ErrorUrl for what they are: your other webhook failed.",
    ),
)
