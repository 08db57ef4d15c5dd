"""Senders and recipients: what is well-formed, and how Twilio renders it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.addresses import (
    Address,
    BadAddress,
    country,
    doubt,
    is_us_or_canada,
    normalise,
    parse_from,
    parse_to,
)

SERVICE = "MG" + "0a" * 16
digits = st.text("0123456789")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+14155552671", "+14155552671"),
        ("4155552671", "+14155552671"),
        ("14155552671", "+14155552671"),
        (" 14155552671", "+14155552671"),
        ("(415) 555-2671", "+14155552671"),
        ("+1 415-555.2671", "+14155552671"),
        ("447700900123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("+15558675310", "+15558675310"),
        ("+15005550006", "+15005550006"),
        ("+2345678", "+2345678"),
        ("+234567890123456", "+234567890123456"),
    ],
)
def test_numbers_are_rendered_in_e164(text: str, number: str) -> None:
    """Punctuation goes, a missing `+` or `+1` is added; the docs' and magic numbers are valid."""
    assert parse_to(text) == parse_from(text) == Address(number, "phone", "sms", number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+123",
        "1234567",
        "0044770090012",
        "+0447700900123",
        "+234567",
        "+2345678901234567",
        "+1234567890",
        "+141555526711",
        "+10155552671",
        "+14151552671",
        "+15555555555",
        "+14155552671\n",
        "+1415555267１",
        "whatsapp:14155552671",
        "WHATSAPP:+14155552671",
        "whatsapp:",
        "telegram:+14155552671",
        "rcs:+123",
    ],
)
def test_malformed_numbers_are_refused(text: str) -> None:
    """Too short or long, a wrong plan behind +1, foreign digits, unknown channels."""
    with pytest.raises(BadAddress):
        parse_to(text)


@pytest.mark.parametrize("text", ["ACME", SERVICE, "rcs:acme_agent"])
def test_a_name_is_no_recipient(text: str) -> None:
    """Alphanumeric ids, services and agents only send."""
    with pytest.raises(BadAddress):
        parse_to(text)


def test_ten_digits_are_national_at_home() -> None:
    """An account outside the US means a whole number with them."""
    assert parse_to("4155552671", "US").value == "+14155552671"
    assert parse_to("4155552671", "CH").value == "+4155552671"


@pytest.mark.parametrize("text", ["12345", "123456", "00123"])
def test_five_or_six_digits_are_a_short_code(text: str) -> None:
    """They have no country and no E.164 form."""
    assert parse_to(text) == parse_from(text) == Address(text, "short_code")


@pytest.mark.parametrize("text", ["A", "ACME", "My Shop 24", "a+b-c_d&e", "12345678a"])
def test_alphanumeric_senders_keep_their_spelling(text: str) -> None:
    """1 to 11 letters, digits, spaces and `+-_&`, of which one is a letter."""
    assert parse_from(text) == Address(text, "alphanumeric")


@pytest.mark.parametrize("text", ["ACMECORP1234", "    ", "ACME!", "Ünal", "", "&&&", "ACME\n"])
def test_malformed_names_are_refused(text: str) -> None:
    """Too long, without a letter, or with other characters."""
    with pytest.raises(BadAddress):
        parse_from(text)


def test_a_service_may_send() -> None:
    """`From` may hold a Messaging Service's SID."""
    assert parse_from(SERVICE) == Address(SERVICE, "service")


def test_channel_addresses() -> None:
    """Number and channel are told apart; pages and agents have names instead of numbers."""
    whatsapp = Address("whatsapp:+14155552671", "channel", "whatsapp", "+14155552671")
    assert parse_to("whatsapp:+14155552671") == whatsapp
    assert parse_from("whatsapp:+1 (415) 555-2671") == whatsapp
    assert parse_to("rcs:+14155552671").channel == "rcs"
    assert parse_to("messenger:1234567") == Address("messenger:1234567", "channel", "messenger")
    assert parse_from("rcs:acme_agent") == Address("rcs:acme_agent", "channel", "rcs")


def test_a_bad_address_names_its_channel() -> None:
    """A sender such as `whatsapp:1415…` is answered with 63007 instead of 21212."""
    with pytest.raises(BadAddress) as caught:
        parse_from("whatsapp:14155552671")
    assert (caught.value.channel, caught.value.text) == ("whatsapp", "whatsapp:14155552671")


@given(st.one_of(st.text(), digits, digits.map("+".__add__), digits.map("whatsapp:+".__add__)))
def test_normalising_twice_changes_nothing(text: str) -> None:
    """Anything may be handed in, and what comes out is stable."""
    once = normalise(text)
    assert normalise(once) == once


@given(digits.map("+".__add__))
def test_a_number_with_plus_is_never_changed(text: str) -> None:
    """E.164 is used as it is, or refused."""
    try:
        address = parse_to(text)
    except BadAddress:
        return
    assert address.value == address.number == text
    assert 7 <= len(text) - 1 <= 15


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(415) 555-2671", "+14155552671"),
        ("whatsapp:+1 415 555 2671", "whatsapp:+14155552671"),
        ("ACME", "ACME"),
        ("+1415*", "+1415*"),
        ("no such address!", "no such address!"),
    ],
)
def test_matchers_see_normalised_addresses(text: str, value: str) -> None:
    """A filter may be written as one likes; patterns stay as they are."""
    assert normalise(text) == value


@pytest.mark.parametrize(
    ("number", "iso"),
    [
        ("+14155552671", "US"),
        ("+18005550199", "US"),
        ("+16045550100", "CA"),
        ("+18765550100", "JM"),
        ("+17875550100", "PR"),
        ("+447700900123", "GB"),
        ("+4915112345678", "DE"),
        ("+79161234567", "RU"),
        ("+77011234567", "KZ"),
        ("+35316710000", "IE"),
        ("+8801712345678", "BD"),
        ("+2105551234", ""),
        ("12345", ""),
        ("", ""),
    ],
)
def test_countries(number: str, iso: str) -> None:
    """The longest calling code decides; behind +1 it is the area code."""
    assert country(number) == iso


def test_the_us_and_canada_are_apart_from_their_neighbours() -> None:
    """Alphanumeric senders work in other countries behind +1, not in these two."""
    assert is_us_or_canada("+14155552671")
    assert is_us_or_canada("+16045550100")
    assert not is_us_or_canada("+18765550100")
    assert not is_us_or_canada("+447700900123")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+15558675310", "555 is no area code"),
        ("+14115552671", "411 is no area code"),
        ("+12915552671", "291 is no area code"),
        ("+14159112671", "911 is no exchange"),
        ("+14155552671", ""),
        ("+15005550006", ""),
        ("+442079460000", ""),
        ("+9999999999", "no country has its calling code"),
        ("+881612345678", ""),
        ("12345", ""),
        ("whatsapp:+15558675310", ""),
    ],
)
def test_numbers_that_cannot_be(number: str, why: str) -> None:
    """What the North American plan has no room for is doubted, and passes all the same.

    So is a calling code that nobody has; satellites have one without a country.
    """
    assert doubt(number) == why
