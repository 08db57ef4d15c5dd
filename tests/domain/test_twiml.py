"""TwiML as applications answer it, and what strangers may send instead."""

from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.twiml import SIZE_LIMIT, Reply, Script, TwimlError, parse

XML = "text/xml"


def read(inside: str) -> Script:
    """What a `<Response>` with this in it says."""
    return parse(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'.encode(), XML
    )


def codes(script: Script) -> list[int]:
    return [code for code, _ in script.warnings]


def test_text_and_nested_body() -> None:
    """A text stands in `<Message>` itself or in its `<Body>`; white space around it goes."""
    script = read("<Message>\n  Hi &amp; hello ü\n</Message><Message><Body> two </Body></Message>")
    assert script == Script((Reply("Hi & hello ü"), Reply("two")))


def test_media_and_mixed_content() -> None:
    """Up to ten `<Media>`; the text may stand beside them."""
    script = read(
        "<Message>Look <Media>https://a/1.png</Media> here<Media> b.jpg </Media></Message>"
    )
    assert script.replies == (Reply("Look  here", ("https://a/1.png", "b.jpg")),)
    assert not script.warnings


def test_attributes() -> None:
    """Recipient, sender, status callback; `action` goes before its old name."""
    old = '<Sms statusCallback="/old">x</Sms>'
    both = '<Message to="+1" from="ACME" action="/a" statusCallback="/b" method="get">x</Message>'
    assert read(old + both).replies == (
        Reply("x", status_callback="/old"),
        Reply("x", (), "+1", "ACME", "/a", "GET"),
    )


def test_redirect_ends_the_document() -> None:
    """What stands before it is done first, what stands behind it is never reached."""
    script = read(
        '<Message>a</Message><Redirect method="GET"> /next </Redirect><Message>b</Message>'
    )
    assert script == Script((Reply("a"),), "/next", "GET")


@pytest.mark.parametrize("kind", ["text/xml; charset=utf-8", "Application/XML", "text/html"])
def test_types_of_xml(kind: str) -> None:
    """Twilio takes TwiML under three content types."""
    assert parse(b"<Response/>", kind) == Script()


@pytest.mark.parametrize("kind", ["", "text/xml", "application/json"])
@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_answer_says_nothing(body: bytes, kind: str) -> None:
    """Whatever its content type."""
    assert parse(body, kind) == Script()


def test_plain_text_is_the_reply() -> None:
    """All of it, in the charset it names, else in UTF-8 with replacement."""
    assert parse("Grüße <b>\n".encode(), "text/plain").replies == (Reply("Grüße <b>"),)
    latin = parse("Grüße".encode("latin-1"), 'text/plain; charset="ISO-8859-1"')
    assert latin.replies == (Reply("Grüße"),)
    assert parse(b"\xff", "text/plain; charset=unicode_escape").replies == (Reply("\ufffd"),)


BOMB = b'<!DOCTYPE Response [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Response>&b;</Response>'
EXTERNAL = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><Response>&x;</Response>'
PARAMETER = b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/">%x;]><Response/>'


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"<Response>", XML, 12100),
        (b"Hello", XML, 12100),
        (b"\n<?xml version='1.0'?><Response/>", XML, 12100),
        (b"<?xml version='1.0' encoding='nonsense'?><Response/>", XML, 12100),
        (BOMB, XML, 12100),
        (EXTERNAL, XML, 12100),
        (PARAMETER, XML, 12100),
        (b'<?xml version="1.1"?><Response/>', XML, 12101),
        (b"<response/>", XML, 12102),
        (b'<Response xmlns="urn:x"/>', XML, 12102),
        (b"{}", "application/json", 12300),
        (b"<Response/>", "", 12300),
        (b"x" * SIZE_LIMIT, "text/plain", 11750),
    ],
)
def test_documents_that_cannot_be_carried_out(body: bytes, kind: str, code: int) -> None:
    """Each has Twilio's alert code; entities, bombs and external ones, are refused unread."""
    with pytest.raises(TwimlError) as problem:
        parse(body, kind)
    assert problem.value.code == code
    assert problem.value.reason


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("<Dial/><Message>x</Message>", [12200, 14110]),
        ('<Message voice="a">x</Message>', [12200]),
        ("<Message><Body>x</Body><Body>y</Body></Message>", [12200]),
        ("<Message>x<b>y</b></Message>", [12200]),
        ("<Message><Body>x<b/></Body></Message>", [12200]),
        ("<Sms>x<Media>y</Media></Sms>", [12200]),
        ("<Message>x<Media/></Message>", [12200]),
        ("<Message>x" + "<Media>y</Media>" * 11 + "</Message>", [12200]),
        ('<Message method="PUT">x</Message>', [14104]),
        ("<Message>x</Message><Redirect><b/></Redirect>", [12200]),
        ("Hello <Message>x</Message>", [12200]),
    ],
)
def test_slips_are_warnings(inside: str, found: list[int]) -> None:
    """They are named by Twilio's code, and the rest of the document is carried out."""
    script = read(inside)
    assert codes(script) == found
    assert [reply.body for reply in script.replies] == ["x"]
    assert len(script.replies[0].media) <= 10


TYPES = st.sampled_from(["", "text/plain", "text/xml", "text/plain; charset=utf-16"]) | st.text()
PIECES = st.sampled_from(
    [
        *('<?xml version="1.0"?>', "<Response>", "</Response>", "<Message to='1'>", "</Message>"),
        *(
            "<Redirect>",
            "</Redirect>",
            "<Media>",
            "</Media>",
            "<!DOCTYPE a [",
            "]>",
            "&a;",
            "<![CDATA[",
        ),
        *(
            "<!ENTITY a 'b'>",
            "text",
            "]]>",
            "<!--",
            "-->",
            "<x:y>",
            "\0",
            "\ufffe",
            "&#0;",
            "\ud800",
        ),
    ]
)


@given(
    st.binary() | st.lists(PIECES).map(lambda p: "".join(p).encode("utf-8", "surrogatepass")), TYPES
)
def test_nothing_else_is_ever_raised(body: bytes, kind: str) -> None:
    """Whatever an application answers is a script or a `TwimlError`."""
    with suppress(TwimlError):
        assert isinstance(parse(body, kind), Script)


XML_TEXT = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"
)


@given(st.text(XML_TEXT, max_size=200))
def test_any_text_comes_back(text: str) -> None:
    """What a library escapes is what the handset reads, but for the white space around it."""
    script = read(f"<Message><Body>{escape(text)}</Body></Message>")
    assert script.replies == (Reply(text.strip()),)
