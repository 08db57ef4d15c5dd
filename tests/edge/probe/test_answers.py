"""What is wrong with an answer, and whose business it is."""

import pytest

from mockserver.edge.probe.answers import flaws, replies
from mockserver.edge.probe.exchange import Heard

XML = "text/xml"


def heard(body: str, content_type: str = XML) -> Heard:
    return Heard(200, content_type, body=body.encode())


@pytest.mark.parametrize(
    ("answer", "probes"),
    [
        (heard(""), set()),
        (heard("  \n", ""), set()),
        (heard("<Response/>"), set()),
        (heard("<Response/>", "application/xml; charset=utf-8"), set()),
        (heard("Hello", "text/plain"), set()),
        (heard("OK", "text/html"), {"twiml-well-formed"}),
        (heard("<Response>"), {"twiml-well-formed"}),
        (heard("<?xml version='1.1'?><Response/>"), {"twiml-well-formed"}),
        (heard("<response/>"), {"twiml-root"}),
        (heard("<Response/>", "application/json"), {"twiml-content-type"}),
        (heard("<Response><Say/></Response>", ""), {"twiml-content-type", "twiml-verbs"}),
        (heard('{"ok": true}', "application/json"), {"twiml-content-type"}),
        (heard("\n<!DOCTYPE HTML><html></html>", "text/html"), {"twiml-not-html"}),
        (heard("<html/>", XML), {"twiml-not-html"}),
        (heard("<Response><Message>x</Message></Response>"), set()),
        (heard("<Response><Message/></Response>"), {"twiml-replies"}),
        (heard("<Response><Message><Media>u</Media></Message></Response>"), set()),
        (heard(f"<Response><Message>{'x' * 1601}</Message></Response>"), {"twiml-replies"}),
        (heard(f"<Response>{'<Message>x</Message>' * 11}</Response>"), {"twiml-replies"}),
        (heard("<Response><Message colour='red'>x</Message></Response>"), {"twiml-verbs"}),
        (heard("x" * 65_536, "text/plain"), {"twiml-size"}),
    ],
)
def test_every_flaw_belongs_to_one_probe(answer: Heard, probes: set[str]) -> None:
    """Codes and texts are Twilio's; what cannot be carried out is not looked at further."""
    assert set(flaws(answer)) == probes


def test_a_flaw_says_what_was_answered() -> None:
    """The beginning of the document, and Twilio's code."""
    assert flaws(heard("OK", "text/html"))["twiml-well-formed"].endswith("(12100): 'OK'")
    assert flaws(heard("{}", "application/json"))["twiml-content-type"].endswith("(12300)")


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        (heard("<Response><Message>a</Message><Message/></Response>"), ["a"]),
        (heard("words", "text/plain"), ["words"]),
        (heard("<Response"), []),
        (heard(""), []),
    ],
)
def test_replies_are_what_the_handset_gets(answer: Heard, texts: list[str]) -> None:
    """Empty messages go nowhere, and neither does what is broken."""
    assert [reply.body for reply in replies(answer)] == texts
