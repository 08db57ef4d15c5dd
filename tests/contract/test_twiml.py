"""Whatever an application answers to a text: it is read as XML is read, at once, and safely."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from encodings.aliases import aliases
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.rest import Client

from mockserver import MockTwilio

NUMBER, HANDSET = "+15017122661", "+14155552671"
MOST = 10
"""Replies to one message."""

LONGEST = 1_600
"""UTF-16 units of a reply's text."""

AT_ONCE = 10.0
"""Seconds of wall time, on a busy machine; an attack that works takes minutes."""

NEXT = b"<Response><Message>next</Message></Response>"
XML = "text/xml; charset=utf-8"


# -- an application that answers anything ----------------------------------------------------------


@dataclass
class Application:
    """It answers every path alike, but for `/next`."""

    url: str = ""
    answer: tuple[str, bytes] = (XML, b"")
    """Content type and body."""
    asked: list[str] = field(default_factory=list)
    """Paths, in order."""


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    """One in a thread."""
    application = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            path = urlsplit(self.path).path
            application.asked.append(path)
            kind, body = (XML, NEXT) if path == "/next" else application.answer
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            """Nobody has a reason to."""
            application.asked.append(f"GET {self.path}")
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            """Silence is fine."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        application.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield application
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def twilio(application: Application) -> Iterator[MockTwilio]:
    """A Twilio whose number asks it."""
    number = {"phone_number": NUMBER, "sms_url": f"{application.url}/sms"}
    scenario = {
        "name": "twiml",
        "given": {"numbers": [number]},
        "options": {"loop_protection": False},  # this is a machine's pace
    }
    with MockTwilio(scenario=scenario) as twilio:
        yield twilio


@dataclass(frozen=True)
class Heard:
    """What became of an answer."""

    replies: list[str]
    codes: set[int]
    """Of the alerts."""


@dataclass
class Stage:
    """Application and Twilio together."""

    application: Application
    twilio: MockTwilio
    client: Client

    def hear(self, body: bytes, kind: str = XML) -> Heard:
        """What comes of that answer to a text; the control API is content, and all is quick."""
        self.application.answer = kind, body
        self.application.asked.clear()
        start = time.monotonic()
        received = self.twilio.receive(from_=HANDSET, to=NUMBER, body="Hi")
        assert time.monotonic() - start < AT_ONCE
        assert self.application.asked[0] == "/sms"
        sid = received.message.sid
        alerts = self.client.monitor.v1.alerts.list(limit=MOST)
        codes = {int(each.error_code) for each in alerts if each.resource_sid == sid}
        return Heard([reply.body for reply in received.replies], codes)


@pytest.fixture(scope="module")
def stage(application: Application, twilio: MockTwilio) -> Stage:
    return Stage(application, twilio, twilio.client())


# -- any document ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A piece of a document, and the reply that it is: "" for none, None for an end of all."""

    xml: str
    reply: str | None = ""


# Without white space but for the blank, which parsers leave alone, and what XML cannot hold.
letters = st.characters(
    exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
)
texts = st.text(letters | st.just(" "), max_size=30).map(str.strip) | st.sampled_from(
    ["x" * LONGEST, "x" * (LONGEST + 1), "👍" * (LONGEST // 2), "]]>", "&amp;", "<b>"]
)
gaps = st.sampled_from(["", " ", "\n\t", "<!-- <Message>no</Message> -->", "<?php no ?>"])


def written(text: str, cdata: bool) -> str:
    """A text in XML, in one way or the other."""
    return f"<![CDATA[{text}]]>" if cdata and "]]>" not in text else escape(text)


def sent(text: str) -> str:
    """The reply that a text makes."""
    return text if len(text.encode("utf-16-le")) // 2 <= LONGEST else ""


@st.composite
def messages(draw: st.DrawFn) -> Part:
    """A `<Message>` or `<Sms>`, with or without `<Body>`, and with what does not belong there."""
    text, verb = draw(texts), draw(st.sampled_from(["Message", "Sms"]))
    inside = written(text, draw(st.booleans()))
    if verb == "Message" and draw(st.booleans()):
        inside = f"{draw(gaps)}<Body>{draw(gaps)}{inside}</Body>{draw(gaps)}"
    odd = draw(st.sampled_from(["", f" color={quoteattr(draw(texts))}"]))
    return Part(f"<{verb}{odd}>{draw(gaps)}{inside}</{verb}>", sent(text))


others = st.sampled_from(
    [
        *("", "<Say>Hello</Say>", "<Dial><Number>+1</Number></Dial>", "<message>small</message>"),
        *("<Message/>", "<Message> </Message>", "<Sms><Body>not there</Body></Sms>", "text"),
        *("<x:Message xmlns:x='urn:x'>strange</x:Message>", "<Message to='nobody'>x</Message>"),
    ]
).map(Part)
redirects = st.sampled_from(
    ["<Redirect>/next</Redirect>", "<Redirect method='post'> next </Redirect>"]
).map(lambda xml: Part(xml, None))
documents = st.lists(messages() | others, max_size=8) | st.lists(
    messages(), min_size=MOST - 1, max_size=MOST + 3
)


def composed(parts: list[Part]) -> bytes:
    heart = "".join(part.xml for part in parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{heart}</Response>'.encode()


@given(documents, st.none() | redirects, documents)
def test_a_document_is_carried_out(
    stage: Stage, parts: list[Part], redirect: Part | None, rest: list[Part]
) -> None:
    """Its messages in order, ten at most; nothing behind a redirect, but what that leads to."""
    document = [*parts, redirect, *rest] if redirect else parts
    said = [part.reply for part in parts if part.reply] + (["next"] if redirect else [])
    heard = stage.hear(composed(document))
    assert heard.replies == said[:MOST]
    assert (14109 in heard.codes) == (len(said) > MOST)


def predicted(document: bytes) -> list[str]:
    """What the standard library's parser reads: a reference that trusts everybody."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return []
    verbs = [verb for verb in root if verb.tag in ("Message", "Sms")]
    said = [read(verb) for verb in verbs if not verb.get("to")]
    return [text for text in said if sent(text)][:MOST] if root.tag == "Response" else []


def read(verb: ElementTree.Element) -> str:
    body = verb.find("Body") if verb.tag == "Message" else None
    if body is not None:
        return "".join(body.itertext()).strip()
    return "".join([verb.text or "", *(child.tail or "" for child in verb)]).strip()


@given(documents, st.data())
def test_a_damaged_document(stage: Stage, parts: list[Part], data: st.DataObject) -> None:
    """A byte is gone, is another, or one is too many: what is still XML is carried out."""
    document = composed(parts)
    place = data.draw(st.integers(40, len(document) - 1))
    instead = data.draw(st.sampled_from([b"", *(bytes([n]) for n in b'<>&/ "x\0\xff')]))
    document = document[:place] + instead + document[place + data.draw(st.integers(0, 1)) :]
    if b"Redirect" not in document:
        assert stage.hear(document).replies == predicted(document)


@given(st.binary(max_size=200), st.sampled_from(["text/xml", "text/html", "image/png", "", "x"]))
def test_anything_is_an_answer(stage: Stage, body: bytes, kind: str) -> None:
    """An alert says what is wrong with it; nothing is sent."""
    heard = stage.hear(body, kind)
    assert heard.replies == predicted(body) == []
    assert heard.codes == set() if not body.strip() else heard.codes <= {12100, 12101, 12300}


# -- answers that mean harm ------------------------------------------------------------------------


def response(inside: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<Response>{inside}</Response>'.encode()


def _ten(n: int) -> str:
    return f"&l{n};" * 10


MESSAGE = "<Message>x</Message>"
LAUGHS = "".join(f"<!ENTITY l{n + 1} '{_ten(n)}'>" for n in range(10))
SLIPS = [f" a{n}=''" for n in range(5_000)]
ATTACKS: dict[str, tuple[bytes, int]] = {
    "a billion laughs": (
        response("<Message>&l10;</Message>", f'<!DOCTYPE Response [<!ENTITY l0 "lol">{LAUGHS}]>'),
        12100,
    ),
    "a long entity, often": (
        response(
            f"<Message>{'&a;' * 5_000}</Message>",
            f'<!DOCTYPE Response [<!ENTITY a "{"a" * 40_000}">]>',
        ),
        12100,
    ),
    "a harmless entity": (
        response("<Message>&a;</Message>", '<!DOCTYPE Response [<!ENTITY a "a">]>'),
        12100,
    ),
    "a file": (
        response(
            "<Message>&a;</Message>",
            '<!DOCTYPE Response [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        ),
        12100,
    ),
    "a parameter entity": (
        response(MESSAGE, '<!DOCTYPE Response [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]>'),
        12100,
    ),
    "an entity that nobody declared": (response("<Message>&nbsp;</Message>"), 12100),
    "100,000 levels": (response("<a>" * 100_000 + "</a>" * 100_000), 11750),
    "20,000 levels without an end": (b"<Response>" + b"<a>" * 20_000, 12100),
    "9,000 levels": (response("<a>" * 9_000 + "</a>" * 9_000), 14110),
    "9,000 levels in a message": (
        response(f"<Message>{'<a>' * 9_000}{'</a>' * 9_000}</Message>"),
        12200,
    ),
    "an attribute of 60 kB": (response(f"<Message to='{'1' * 60_000}'>x</Message>"), 14101),
    "5,000 attributes": (response(f"<Message{''.join(SLIPS)}/>"), 12200),
    "an attribute twice": (response("<Message to='1' to='2'>x</Message>"), 12100),
    "a tag of 60 kB": (response(f"<{'a' * 60_000}/>"), 14110),
    "64 kB": (response("x" * 65_536), 11750),
    "10 MB": (response("x" * 10_000_000), 11750),
    "bytes that are no UTF-8": (b"<Response><Message>\xff\xfe</Message></Response>", 12100),
    "a surrogate": (b"<Response><Message>\xed\xa0\x80</Message></Response>", 12100),
    "a NUL": (b"<Response><Message>a\0b</Message></Response>", 12100),
    "a NUL by its number": (response("<Message>&#0;</Message>"), 12100),
    "an encoding that it does not have": (
        b'<?xml version="1.0" encoding="UTF-16"?>' + response(MESSAGE)[21:],
        12100,
    ),
    "XML 1.1": (b'<?xml version="1.1"?><Response><Message>x</Message></Response>', 12101),
    "something behind the end": (response(MESSAGE) + b"<Response/>", 12100),
    "nothing but a declaration": (b'<?xml version="1.0"?>', 12100),
    "another root": (b"<Reply><Message>x</Message></Reply>", 12102),
    "another namespace": (b"<Response xmlns='urn:x'><Message>x</Message></Response>", 12102),
}


@pytest.mark.parametrize(("body", "code"), ATTACKS.values(), ids=ATTACKS)
def test_attacks(stage: Stage, body: bytes, code: int) -> None:
    """Each has its alert, sends nothing, reads nothing, and takes no time."""
    heard = stage.hear(body)
    assert heard.replies == []
    assert code in heard.codes
    assert stage.application.asked == ["/sms"]


def test_a_document_type_is_not_fetched(stage: Stage) -> None:
    """Nobody asks for what a document refers to; the document itself is carried out."""
    dtd = f'<!DOCTYPE Response SYSTEM "{stage.application.url}/response.dtd">'
    assert stage.hear(response(MESSAGE, dtd)).replies == ["x"]
    assert stage.application.asked == ["/sms"]


def test_just_below_the_limit(stage: Stage) -> None:
    """65,535 bytes are carried out."""
    document = response(f"<!--{'x' * 65_466}-->" + MESSAGE)
    assert len(document) == 65_535
    assert stage.hear(document) == Heard(["x"], set())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(stage: Stage, encoding: str) -> None:
    """A document says in which it is, or begins with a byte order mark."""
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><Response><Message>é</Message></Response>'
    assert stage.hear(text.encode(encoding)) == Heard(["é"], set())


def test_utf_16_needs_no_declaration(stage: Stage) -> None:
    """The byte order mark says it."""
    document = "<Response><Message>世界</Message></Response>".encode("utf-16")
    assert stage.hear(document) == Heard(["世界"], set())


@pytest.mark.parametrize("encoding", sorted({*aliases.values(), "nobody-knows", "idna"}))
def test_strange_encodings(stage: Stage, encoding: str) -> None:
    """Some can be read and some cannot; none of them breaks anything."""
    body = response(MESSAGE).replace(b'"1.0"', f'"1.0" encoding="{encoding}"'.encode())
    heard = stage.hear(body)
    assert heard.codes == set() or (heard.replies, heard.codes) == ([], {12100})
