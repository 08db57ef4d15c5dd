"""The form of an inbound webhook."""

import pytest

from mockserver.domain.inbound import params
from mockserver.domain.message import Message

HANDSET, NUMBER = "+442071838750", "+15017122661"


def text(*media: str, channel: str = "sms", prefix: str = "", number: str = NUMBER) -> Message:
    """An inbound message as the world makes it."""
    return Message(
        sid="SM1",
        ordinal=0,
        account_sid="AC1",
        direction="inbound",
        channel=channel,
        origin="inbound",
        to=prefix + number,
        from_=prefix + HANDSET,
        body="Hi",
        encoding="GSM-7",
        num_segments=1,
        num_media=len(media),
        created_at=0,
        media_urls=media,
    )


def test_countries_are_those_of_the_numbers() -> None:
    """The rest of the geography is there, and empty; a short code has no country."""
    form = dict(params(text()))
    assert (form["FromCountry"], form["ToCountry"]) == ("GB", "US")
    empty = {f"{end}{what}" for end in ("From", "To") for what in ("City", "State", "Zip")}
    assert {name for name, value in form.items() if not value} == empty
    assert dict(params(text(number="12345")))["ToCountry"] == ""


def test_the_sid_has_three_names() -> None:
    """As programs of all ages read it."""
    form = dict(params(text()))
    assert {form[name] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {"SM1"}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://a/b.png", "image/png"),
        ("http://a/b.JPEG?size=1.mp4#x.gif", "image/jpeg"),
        ("http://a/b.vcf", "text/vcard"),
        ("http://a/b", "application/octet-stream"),
        ("png", "application/octet-stream"),
        ("http://[/b.mp4", "video/mp4"),
    ],
)
def test_media_types_are_told_by_the_name(url: str, kind: str) -> None:
    """Nothing is fetched; what the name does not tell is just bytes."""
    form = dict(params(text(url)))
    assert (form["NumMedia"], form["MediaUrl0"], form["MediaContentType0"]) == ("1", url, kind)


@pytest.mark.parametrize(
    ("media", "kind"),
    [((), "text"), (("a.ogg",), "audio"), (("a.gif", "b.mp3"), "image"), (("a.pdf",), "document")],
)
def test_whatsapp_says_what_kind_of_message_it_is(media: tuple[str, ...], kind: str) -> None:
    """By its first file; without a plus in the id, and without geography."""
    form = dict(params(text(*media, channel="whatsapp", prefix="whatsapp:")))
    assert (form["MessageType"], form["WaId"], form["ProfileName"]) == (kind, HANDSET[1:], HANDSET)
    assert (form["From"], form["To"]) == (f"whatsapp:{HANDSET}", f"whatsapp:{NUMBER}")
    assert "FromCountry" not in form
