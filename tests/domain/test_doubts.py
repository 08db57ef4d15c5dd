"""What the journal says of messages that the hosted service would refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.addresses import country, doubt, is_ordinary, parse_to
from mockserver.domain.creation.doubts import doubts

ME, YOU = "+15017122661", "+14155552671"


@pytest.mark.parametrize(
    ("sender", "to", "mms"),
    [
        (ME, YOU, False),
        (ME, YOU, True),
        (ME, "+16475550123", True),
        ("", YOU, False),
        (ME, "+447700900123", False),
        ("+18005550199", YOU, False),
        ("12345", YOU, False),
        ("ACME", "+447700900123", False),
        ("+447700900000", "+4915112345678", False),
        (f"whatsapp:{ME}", "whatsapp:+15558675310", False),
    ],
)
def test_nothing_speaks_against_it(sender: str, to: str, mms: bool) -> None:
    """Between the US and Canada, from a long code abroad, and on channels."""
    assert list(doubts(sender, to, mms=mms)) == []


@pytest.mark.parametrize(
    ("sender", "to", "mms", "said"),
    [
        (ME, "+15558675310", False, "To +15558675310 (21211): 555 is no area code"),
        (ME, "+9990001111", False, "To +9990001111 (21211): no country has its calling code"),
        (ME, "+14159112671", False, "To +14159112671 (21211): 911 is no exchange"),
        ("+15558675310", YOU, False, "From +15558675310 (21212): 555 is no area code"),
        ("+447700900123", YOU, False, "SMS does not get from +447700900123 to US"),
        ("+18765550123", YOU, False, "SMS does not get from +18765550123 to US"),
        ("+18005550199", "+447700900123", False, "SMS does not get from +18005550199 to GB"),
        (ME, "+447700900123", True, "MMS does not get from +15017122661 to GB"),
        ("12345", "+447700900123", False, "+447700900123 is not in the US, as 12345 is"),
    ],
)
def test_what_the_hosted_service_would_refuse(sender: str, to: str, mms: bool, said: str) -> None:
    """One sentence, which names the code."""
    [sentence] = doubts(sender, to, mms=mms)
    assert sentence.startswith("the hosted service would refuse ")
    assert sentence.endswith(said)


@given(st.from_regex(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_the_quick_look_agrees_with_the_long_one(number: str) -> None:
    """An ordinary number is one of the US or Canada that there is no doubt of, and all such are."""
    ordinary = not doubt(number) and country(number) in ("US", "CA")
    assert is_ordinary(number) is ordinary
    assert not ordinary or parse_to(number).value == number
