"""Probes that send odd but honest forms. Each must be taken."""

from typing import Final

from mockserver.edge.probe.drafts import Changes, Draft
from mockserver.edge.probe.record import Check, Probe, accepts, accepts_with

ACCEPTS: Final = "Accepts: 2xx."
LOST: Final = (
    "Takes any answer but 2xx for a failure (11200): a status callback is lost, an inbound one "
    "goes to the fallback URL."
)
WHOLE: Final = (
    "Validate the parameters as they came, all of them, before anything trims, filters or "
    "converts them."
)


def _repeated(draft: Draft) -> Draft:
    more = (("Tag", "b"), ("Tag", "a"), ("Tag", "a"))
    return draft.but(params=(*draft.params, *more))


def _content(probe: str, title: str, sent: str, check: Check, fix: str = WHOLE) -> Probe:
    return Probe(probe, title, sent, ACCEPTS, LOST, fix, check)


def _text(body: str) -> Changes:
    return {"Body": body}


LONG: Final = "Long text, as long as can be. "

PROBES: Final = (
    _content(
        "unknown-parameter",
        "A parameter that is new is accepted",
        "A webhook with `ShinyNewParameter`, signed.",
        accepts_with({"ShinyNewParameter": "1"}),
        f"{WHOLE} Twilio adds parameters without notice.",
    ),
    _content(
        "empty-values",
        "Empty values are accepted",
        "A webhook with parameters that have no value.",
        accepts_with({"FromCity": "", "ToZip": "", "ChannelStatusMessage": ""}),
        f"{WHOLE} Parsers that drop empty values (Python's parse_qs) break the signature.",
    ),
    _content(
        "special-characters",
        "Plus, ampersand, equals and percent are accepted",
        "A text with `+ & = % # ? ; /`, encoded as a form is.",
        accepts_with(_text("1+1=2 & 100% off? #now; a/b %41 %2B")),
        "Decode the form once, with your framework's parser.",
    ),
    _content(
        "markup",
        "Markup in a text is accepted",
        "A text with `<b>`, `&amp;`, `\"` and `'`.",
        accepts_with(_text('<b>Tom</b> & "Jerry" aren\'t </Message> &amp; ]]>')),
        "Escape what you put into TwiML: build it with the helper library.",
    ),
    _content(
        "emoji",
        "Emoji are accepted",
        "A text with emoji beyond the basic plane, joined ones and a combining accent.",
        accepts_with(_text("👋🏽 👩‍👩‍👧 e\u0301 ✓")),
        "Read the form as UTF-8, and store text where four bytes a character fit.",
    ),
    _content(
        "other-scripts",
        "Scripts of the world are accepted",
        "A text in Arabic, Chinese and Greek.",
        accepts_with(_text("مرحبا 你好 Γειά σου")),
        "Read the form as UTF-8.",
    ),
    _content(
        "white-space",
        "White space around and within a text is accepted",
        "A text that begins and ends with spaces, and holds line breaks and a tab.",
        accepts_with(_text("  two\nlines\r\nand\ta tab \n")),
        f"{WHOLE} Middleware that trims strings (Laravel's TrimStrings) breaks the signature.",
    ),
    _content(
        "long-body",
        "A text of 1,600 characters is accepted",
        "The longest text that there is.",
        accepts_with({**_text((LONG * 60)[:1_600]), "NumSegments": "11"}),
        "Make room for 1,600 characters, and cut replies that quote them.",
    ),
    _content(
        "large-form",
        "A form of 10 kB is accepted",
        "A parameter `AddOns` of 10 kB, as add-ons make them.",
        accepts_with({"AddOns": '{"status":"successful","text":"' + LONG * 333 + '"}'}),
        "Let your server take forms of 64 kB and more.",
    ),
    _content(
        "repeated-parameters",
        "Repeated parameters are accepted",
        "A parameter `Tag` three times, twice with the same value.",
        accepts(_repeated),
        "Hand the validator all values of a name (MultiDict), not a plain dictionary.",
    ),
    _content(
        "non-ascii-names",
        "Names of parameters beyond ASCII are accepted",
        "Parameters `Größe` and `名前`, signed.",
        accepts_with({"Größe": "XL", "名前": "x"}),
        f"{WHOLE} Names sort by code point.",
    ),
    _content(
        "messaging-service",
        "A webhook of a Messaging Service is accepted",
        "A webhook with `MessagingServiceSid`.",
        accepts_with({"MessagingServiceSid": f"MG{'0' * 28}2010"}),
    ),
)
