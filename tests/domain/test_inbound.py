"""The form of an inbound webhook."""

import json
from typing import Any

import pytest

from mockserver.domain.inbound import Facts, Place, params
from mockserver.domain.message import Message

HANDSET, NUMBER = "+19515550100", "+19735550123"
AT = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media"
NEWARK = Place("NEWARK", "NJ", "07105", "US")
RIVERSIDE = Place("RIVERSIDE", "CA", "92506", "US")


def text(channel: str = "sms", **changes: Any) -> Message:
    """An inbound message as the world makes it."""
    prefix = f"{channel}:" if channel in ("whatsapp", "rcs", "messenger") else ""
    usual: dict[str, Any] = {
        "sid": "SM1",
        "ordinal": 0,
        "account_sid": "AC1",
        "direction": "inbound",
        "channel": channel,
        "origin": "inbound",
        "to": prefix + NUMBER,
        "from_": prefix + HANDSET,
        "body": "Hello",
        "encoding": "GSM-7",
        "num_segments": 1,
        "num_media": 0,
        "created_at": 0,
    }
    return Message(**{**usual, **changes})


def form(message: Message, **facts: Any) -> dict[str, str]:
    return dict(params(message, Facts(**facts)))


def test_an_sms_as_captured() -> None:
    """A webhook of 2022, to the last parameter, in its order."""
    found = params(text(), Facts(from_place=RIVERSIDE, to_place=NEWARK))
    assert "&".join(f"{name}={value}" for name, value in found) == (
        "ToCountry=US&ToState=NJ&SmsMessageSid=SM1&NumMedia=0&ToCity=NEWARK&FromZip=92506"
        "&SmsSid=SM1&FromState=CA&SmsStatus=received&FromCity=RIVERSIDE&Body=Hello&FromCountry=US"
        f"&To={NUMBER}&ToZip=07105&NumSegments=1&MessageSid=SM1&AccountSid=AC1&From={HANDSET}"
        "&ApiVersion=2010-04-01"
    )


def test_a_service_is_named_behind_the_recipient() -> None:
    """Where the number that was written to is in one."""
    names = list(form(text(messaging_service_sid="MG1")))
    assert names[names.index("To") : names.index("NumSegments")] == [
        "To",
        "MessagingServiceSid",
        "ToZip",
    ]
    assert "MessagingServiceSid" not in form(text())


def test_what_is_not_known_of_a_place_is_sent_empty() -> None:
    """Not left out: a toll-free number has a country only."""
    found = form(text(), to_place=Place(country="US"))
    assert [found[f"To{part}"] for part in ("City", "State", "Zip", "Country")] == [
        "",
        "",
        "",
        "US",
    ]
    assert found["FromCountry"] == ""


def test_an_mms_as_captured() -> None:
    """The type of each file with the places, its address behind the sender."""
    mms = text("mms", sid="MM1", num_media=1, body="")
    found = form(mms, media=(("image/jpeg", f"{AT}/ME1"),))
    names = list(found)
    assert names[:3] == ["ToCountry", "MediaContentType0", "ToState"]
    assert names[-3:] == ["From", "MediaUrl0", "ApiVersion"]
    assert (found["NumMedia"], found["MediaContentType0"], found["Body"]) == ("1", "image/jpeg", "")
    assert found["MediaUrl0"] == f"{AT}/ME1"


def test_each_file_has_its_number() -> None:
    """From 0, in the order in which they are attached."""
    media = tuple((f"image/{kind}", f"{AT}/{kind}") for kind in ("png", "gif", "jpeg"))
    found = form(text("mms", num_media=3), media=media)
    told = tuple((found[f"MediaContentType{n}"], found[f"MediaUrl{n}"]) for n in range(3))
    assert (told, found["NumMedia"]) == (media, "3")


@pytest.mark.parametrize("channel", ["sms", "mms", "whatsapp", "rcs", "messenger"])
def test_the_sid_has_three_names(channel: str) -> None:
    """As programs of all ages read it."""
    found = form(text(channel))
    assert {found[name] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {"SM1"}


def test_whatsapp_as_captured() -> None:
    """A profile and no geography; a webhook of 2025."""
    message = text("whatsapp", messaging_service_sid="MG1")
    found = form(message, profile_name="David Ríos", from_place=RIVERSIDE)
    assert list(found) == [
        *("SmsMessageSid", "NumMedia", "ProfileName", "MessageType", "SmsSid", "WaId"),
        *("SmsStatus", "Body", "To", "MessagingServiceSid", "NumSegments", "ReferralNumMedia"),
        *("MessageSid", "AccountSid", "ChannelMetadata", "From", "ApiVersion"),
    ]
    assert (found["ProfileName"], found["WaId"]) == ("David Ríos", HANDSET[1:])
    assert found["ChannelMetadata"] == (
        '{"type":"whatsapp","data":{"context":{"ProfileName":"David Ríos","WaId":"19515550100"}}}'
    )


def test_a_button_as_captured() -> None:
    """With the message that it answers."""
    extras = {
        "ButtonText": "Yes",
        "ButtonPayload": "yes_1",
        "Forwarded": "false",
        "FrequentlyForwarded": "false",
        "OriginalRepliedMessageSid": "MM2",
        "OriginalRepliedMessageSender": f"whatsapp:{NUMBER}",
    }
    found = form(text("whatsapp"), extras=tuple(extras.items()))
    assert list(found) == [
        *("OriginalRepliedMessageSender", "SmsMessageSid", "FrequentlyForwarded", "NumMedia"),
        *("ProfileName", "MessageType", "SmsSid", "WaId", "SmsStatus", "Body", "Forwarded"),
        *("ButtonText", "To", "ButtonPayload", "NumSegments", "ReferralNumMedia", "MessageSid"),
        *("AccountSid", "OriginalRepliedMessageSid", "ChannelMetadata", "From", "ApiVersion"),
    ]
    assert found["MessageType"] == "button"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ((), "text"),
        (("audio/ogg",), "audio"),
        (("image/gif", "audio/mpeg"), "image"),
        (("video/mp4",), "video"),
        (("application/pdf",), "document"),
        (("text/csv",), "document"),
        (("image/webp",), "sticker"),
        (("text/vcard",), "contacts"),
        (("text/x-vcard",), "contacts"),
    ],
)
def test_whatsapp_says_what_kind_of_message_it_is(types: tuple[str, ...], kind: str) -> None:
    """By its first file."""
    media = tuple((each, AT) for each in types)
    assert form(text("whatsapp"), media=media)["MessageType"] == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Latitude", "location"),
        ("ButtonText", "button"),
        ("ButtonPayload", "button"),
        ("ListId", "interactive"),
        ("Forwarded", "text"),
    ],
)
def test_what_comes_with_a_message_says_its_kind(name: str, kind: str) -> None:
    """Whatever is attached; unless it is said in so many words."""
    extras = ((name, "1"),)
    assert form(text("whatsapp"), extras=extras)["MessageType"] == kind
    told = (*extras, ("MessageType", "reaction"))
    assert form(text("whatsapp"), extras=told)["MessageType"] == "reaction"


def test_a_given_profile_is_in_the_metadata_too() -> None:
    """A name among the further parameters counts for both."""
    found = form(text("whatsapp"), profile_name="A", extras=(("ProfileName", "B"),))
    context = json.loads(found["ChannelMetadata"])["data"]["context"]
    assert (found["ProfileName"], context["ProfileName"]) == ("B", "B")


@pytest.mark.parametrize("channel", ["rcs", "messenger"])
def test_other_channels_have_the_bare_message(channel: str) -> None:
    """As captured from Messenger: no geography, no profile."""
    assert list(form(text(channel), profile_name="A", from_place=RIVERSIDE)) == [
        *("SmsMessageSid", "NumMedia", "SmsSid", "SmsStatus", "Body", "To", "NumSegments"),
        *("MessageSid", "AccountSid", "From", "ApiVersion"),
    ]


def test_further_parameters_replace_and_add() -> None:
    """One of a name that is there already takes its place; the others find theirs."""
    found = form(text(), extras=(("FromCity", "ROME"), ("AddOns", "{}")))
    assert (found["FromCity"], found["AddOns"]) == ("ROME", "{}")
    assert len(found) == len(form(text())) + 1


def test_the_fallback_is_told_what_failed() -> None:
    """Code and URL, and all that the first one was told."""
    found = form(text(), error=("11200", "http://localhost:5000/sms"))
    assert (found["ErrorCode"], found["ErrorUrl"]) == ("11200", "http://localhost:5000/sms")
    assert found.items() >= form(text()).items()


def test_a_keyword_of_advanced_opt_out_is_named() -> None:
    """Only where it was one."""
    assert form(text(), opt_out_type="STOP")["OptOutType"] == "STOP"
    assert "OptOutType" not in form(text())
