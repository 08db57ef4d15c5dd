"""Which media Twilio takes, and whether the bytes are what they are said to be."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.media import (
    ACCEPTED,
    ENDINGS,
    FAMILIES,
    LARGE,
    SMALL,
    WHATSAPP_ALSO,
    accepted,
    actual_type,
    agree,
    complaint,
    failure_code,
    file_name,
    plain_type,
    size_limit,
    type_by_ending,
)


@pytest.mark.parametrize(
    ("channel", "limit"),
    [
        ("sms", SMALL),
        ("mms", SMALL),
        ("whatsapp", LARGE),
        ("rcs", LARGE),
        ("messenger", LARGE),
    ],
)
def test_how_large_media_may_be(channel: str, limit: int) -> None:
    """5 MB by MMS, 16 MB on the channels."""
    assert size_limit(channel) == limit
    assert (SMALL, LARGE) == (5 * 1_048_576, 16 * 1_048_576)


def test_what_ends_a_message() -> None:
    """WhatsApp has a code of its own for media that could not be had."""
    assert {channel: failure_code(channel) for channel in ("mms", "rcs", "whatsapp")} == {
        "mms": 11200,
        "rcs": 11200,
        "whatsapp": 63019,
    }


# -- types -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["mms", "rcs", "whatsapp"])
@pytest.mark.parametrize("kind", sorted(ACCEPTED))
def test_types_that_every_channel_takes(kind: str, channel: str) -> None:
    """Whatever the letters' case in the header, and with parameters."""
    header = f" {kind.upper()} ; charset=utf-8"
    assert accepted(plain_type(header), channel)


@pytest.mark.parametrize("kind", sorted(WHATSAPP_ALSO))
def test_types_that_whatsapp_takes_too(kind: str) -> None:
    """Office files, AAC and WebP."""
    assert accepted(kind, "whatsapp")
    assert not accepted(kind, "mms")


@pytest.mark.parametrize("kind", ["", "text/html", "application/zip", "application/octet-stream"])
def test_types_that_none_takes(kind: str) -> None:
    """Such as archives and web pages."""
    assert not accepted(kind, "whatsapp")
    assert complaint(kind, "", "mms")


def test_families_do_not_overlap() -> None:
    """A type has one family at most, so that agreement is the same both ways."""
    types = [each for family in FAMILIES.values() for each in family]
    assert len(types) == len(set(types))


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("image/jpg", "image/jpeg"),
        ("audio/mp4", "video/mp4"),
        ("video/quicktime", "video/mp4"),
        ("audio/vorbis", "audio/ogg"),
        ("audio/vnd.wave", "audio/x-wav"),
        ("text/rtf", "application/rtf"),
        ("application/vnd.apple.pkpass", "application/zip"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/zip",
        ),
        ("audio/webm", "video/webm"),
        ("image/gif", "image/gif"),
        ("image/png", ""),
        ("audio/basic", ""),
    ],
)
def test_names_for_one_thing_agree(declared: str, actual: str) -> None:
    """Containers, aliases; and of unknown bytes everything is believed."""
    assert agree(declared, actual)
    assert not actual or agree(actual, declared)


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("image/png", "image/jpeg"),
        ("image/png", "text/html"),
        ("text/vcard", "text/html"),
        ("application/pdf", "image/png"),
        ("audio/mpeg", "video/mpeg"),
        ("image/gif", "application/zip"),
    ],
)
def test_a_mismatch_names_both(declared: str, actual: str) -> None:
    """What was said and what it is."""
    assert complaint(declared, actual, "mms") == f"declared {declared}, is {actual}"


def test_what_else_can_be_wrong_with_a_type() -> None:
    """None at all, or one that is not taken."""
    assert complaint("", "image/png", "mms") == "it was sent without a Content-Type"
    assert "image/webp is not among the types" in complaint("image/webp", "image/webp", "mms")
    assert complaint("image/webp", "image/webp", "whatsapp") == ""
    assert complaint("image/png", "image/png", "mms") == ""


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Not here</body></html>",
        b"\n  <!DOCTYPE html>\n<html lang='en'>",
        b"\xef\xbb\xbf<!-- a\n-- b --><HEAD>",
        b"<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>",
    ],
)
def test_a_web_page_is_recognised(body: bytes) -> None:
    """Which is what many servers give in place of a picture; no library looks for it."""
    assert actual_type("image/png", body, "") == "text/html"


@pytest.mark.parametrize("body", [b"", b"<svg>", b"<htmlx>", b"a <html>", b"\xff\xd8<html>"])
def test_what_is_no_web_page(body: bytes) -> None:
    """It must begin as one."""
    assert actual_type("image/png", body, "") == ""


def test_a_text_is_not_taken_for_a_picture() -> None:
    """`BM` begins a bitmap, and many a table."""
    assert actual_type("text/csv", b"BMW;Audi\r\n1;2\r\n", "image/bmp") == ""
    assert actual_type("text/csv", b"BM\x00\x00\x01", "image/bmp") == "image/bmp"
    assert actual_type("image/png", b"BMW;Audi\r\n", "image/bmp") == "image/bmp"
    assert actual_type("image/png", b"abc", "application/octet-stream") == ""


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.com/cat.png", "image/png"),
        ("https://example.com/a/b.c/cat.JPEG?size=1#x.gif", "image/jpeg"),
        ("https://example.com/clip.mp4", "video/mp4"),
        ("https://example.com/card.vcf", "text/vcard"),
        ("https://example.com/", "image/jpeg"),
        ("https://example.com/cat", "image/jpeg"),
        ("https://example.com/page.html", "image/jpeg"),
        ("https://example.com/cat.webp", "image/jpeg"),
        ("https://[", "image/jpeg"),
    ],
)
def test_what_a_file_counts_as_that_was_not_fetched(url: str, kind: str) -> None:
    """By the ending of its path, where that is taken on the channel; else a JPEG."""
    assert type_by_ending(url, "mms") == kind
    assert type_by_ending("https://example.com/cat.webp", "whatsapp") == "image/webp"


@given(st.text())
def test_a_stand_in_always_goes_out(ending: str) -> None:
    """Nothing that a URL ends with makes a type that the channel does not take."""
    for channel in ("mms", "whatsapp"):
        assert accepted(type_by_ending(f"https://example.com/a.{ending}", channel), channel)


@pytest.mark.parametrize("kind", sorted(set(ENDINGS.values())))
def test_endings_stand_for_types_that_are_taken(kind: str) -> None:
    """On some channel at least."""
    assert accepted(kind, "whatsapp")


# -- file names ------------------------------------------------------------------------------------

URL = "https://example.com/pictures/my%20cat.png?x=1"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", "my_cat.png"),
        ("inline", "my_cat.png"),
        ('inline; filename="menu.pdf"', "menu.pdf"),
        ("attachment; filename=menu.pdf", "menu.pdf"),
        ('inline; filename="../../etc/passwd"', "passwd"),
        ('inline; filename="a b\\"c.png"', "a_b_c.png"),
        ("inline; filename*=UTF-8''caf%C3%A9.png", "caf_.png"),
        ('inline; filename=""', "my_cat.png"),
    ],
)
def test_the_name_for_the_receiver(disposition: str, name: str) -> None:
    """The one that the server gave, else the end of the path."""
    assert file_name(disposition, URL) == name


@given(st.text(), st.text())
def test_a_name_fits_into_a_header(disposition: str, path: str) -> None:
    """Whatever a server says: letters, digits and three signs, and not too many."""
    for said in (disposition, f'inline; filename="{disposition}"', f"inline; filename*={path}"):
        name = file_name(said, f"https://example.com/{path}")
        assert set(name) <= set(string.ascii_letters + string.digits + "._-")
        assert len(name) <= 100
