"""The order of webhook parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.map_order import place

CAPTURES = {
    "an SMS to a service": """
        ToCountry ToState SmsMessageSid NumMedia ToCity FromZip SmsSid FromState SmsStatus FromCity
        Body FromCountry To MessagingServiceSid ToZip NumSegments MessageSid AccountSid From
        ApiVersion""",
    "an SMS of 2022": """
        ToCountry ToState SmsMessageSid NumMedia ToCity FromZip SmsSid FromState SmsStatus FromCity
        Body FromCountry To ToZip NumSegments ReferralNumMedia MessageSid AccountSid From
        ApiVersion""",
    "an MMS": """
        ToCountry MediaContentType0 ToState SmsMessageSid NumMedia ToCity FromZip SmsSid FromState
        SmsStatus FromCity Body FromCountry To ToZip NumSegments MessageSid AccountSid From
        MediaUrl0 ApiVersion""",
    "a WhatsApp picture": """
        MediaContentType0 SmsMessageSid NumMedia ProfileName SmsSid WaId SmsStatus Body To
        NumSegments ReferralNumMedia MessageSid AccountSid From MediaUrl0 ApiVersion""",
    "a WhatsApp text of 2025": """
        ExternalUserId SmsMessageSid NumMedia ProfileName MessageType SmsSid WaId SmsStatus Body To
        MessagingServiceSid NumSegments ReferralNumMedia MessageSid AccountSid ChannelMetadata From
        ApiVersion""",
    "a WhatsApp button": """
        OriginalRepliedMessageSender ExternalUserId SmsMessageSid FrequentlyForwarded NumMedia
        ProfileName MessageType SmsSid WaId SmsStatus Body Forwarded ButtonText To ButtonPayload
        NumSegments ReferralNumMedia MessageSid AccountSid OriginalRepliedMessageSid
        ChannelMetadata From ApiVersion""",
    "a Messenger text": """
        SmsMessageSid NumMedia SmsSid SmsStatus Body To NumSegments MessageSid AccountSid From
        ApiVersion""",
}


@pytest.mark.parametrize("capture", CAPTURES)
def test_captured_webhooks_have_this_order(capture: str) -> None:
    """Each to the last parameter."""
    names = CAPTURES[capture].split()
    assert sorted(names, key=place) == names


@given(st.text(), st.text())
def test_names_have_places_of_their_own(one: str, other: str) -> None:
    """The order is a total one: names fall together only where Java hashes them alike."""
    assert 0 <= place(one) < 1 << 35
    assert place(one) == place(one)
    if len(one) < 2 and len(other) < 2 and one != other and max(one + other) < "\U00010000":
        assert place(one) != place(other)


def test_names_that_hash_alike_fall_together() -> None:
    """As `Aa` and `BB` do in Java; Python's sort then leaves them as they are."""
    assert place("Aa") == place("BB")
