"""Countries, kinds of numbers, and the patterns by which they are searched for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.market import (
    KINDS,
    Pattern,
    capabilities,
    countries,
    kind_of,
    requirement,
)

DIGITS = st.text("0123456789", min_size=11, max_size=11)


def test_countries() -> None:
    """Each offers something, and is written as Twilio does."""
    found = countries()
    assert list(found)[:2] == ["US", "CA"]
    assert found["US"].kinds == ("Local", "TollFree")
    for code, country in found.items():
        assert len(code) == 2
        assert country.name
        assert country.kinds
        assert set(country.kinds) <= set(KINDS)
        assert country.requirement in ("none", "any", "local")


def test_what_numbers_can_do() -> None:
    """Everything in the US and Canada; elsewhere mobiles do texts."""
    assert capabilities("US", "Local").mms
    assert capabilities("CA", "TollFree").sms
    assert not capabilities("GB", "Local").sms
    assert (capabilities("GB", "Mobile").sms, capabilities("GB", "Mobile").mms) == (True, False)
    assert capabilities("AU", "Mobile").mms


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+14155550123", "Local"),
        ("+18885550123", "TollFree"),
        ("+447400123456", "Mobile"),
        ("+441212345678", "Local"),
        ("+448001234567", "TollFree"),
        ("+15005550006", "Local"),
    ],
)
def test_the_kind_of_a_number(number: str, kind: str) -> None:
    """By its numbering plan."""
    assert kind_of(number) == kind


def test_the_address_that_an_owner_needs() -> None:
    """By country; none where nothing is known."""
    numbers = ("+14155550123", "+441212345678", "+4930123456", "+6561234567")
    assert [requirement(number) for number in numbers] == ["none", "any", "local", "none"]


# Patterns


@pytest.mark.parametrize(
    ("text", "number", "matches"),
    [
        ("510555****", "+15105550123", True),
        ("510555****", "+14155105551", False),
        ("+1510", "+15105550123", True),
        ("+510", "+15105550123", False),
        ("0123$", "+15105550123", True),
        ("5550$", "+15105550123", False),
        ("+15105550123", "+15105550123", True),
        ("+1510%23$", "+15105550123", True),
        ("STORM", "+15107867601", True),
        ("storm", "+15107867601", True),
        ("(510) 555", "+15105550123", True),
        ("55*01", "+15105550123", True),
        ("510%0123", "+15105550123", True),
        ("0123%510", "+15105550123", False),
        ("%0123%", "+15105550123", True),
        ("", "+15105550123", True),
        ("+", "+15105550123", True),
        ("[", "+15105550123", False),
    ],
)
def test_patterns(text: str, number: str, matches: bool) -> None:
    """Anywhere in the number, unless anchored by `+` or `$`; letters are those of a keypad."""
    assert Pattern.parse(text).matches(number) is matches


@given(st.text(max_size=20), DIGITS)
def test_any_text_is_a_pattern(text: str, digits: str) -> None:
    """Whether it matches is all there is to know of it."""
    assert Pattern.parse(text).matches(f"+{digits}") in (True, False)


@given(
    st.from_regex(r"\+?[0-9A-Za-z*%]{1,12}\$?", fullmatch=True),
    DIGITS,
    st.binary(min_size=12, max_size=12),
)
def test_what_a_pattern_is_laid_on_matches_it(text: str, digits: str, chance: bytes) -> None:
    """It has as many digits as before, or there is no room."""
    pattern = Pattern.parse(text)
    laid = pattern.laid_on(digits, chance)
    assert not laid or (pattern.matches(f"+{laid}") and len(laid) == len(digits))
    room = len(digits) - sum(map(len, pattern.segments))
    if room >= 0 and not (pattern.at_start and pattern.at_end):
        assert laid


@given(DIGITS, st.binary(min_size=2, max_size=2))
def test_anchors_hold_a_pattern(digits: str, chance: bytes) -> None:
    """At either end; at both, it must be the whole number."""
    assert Pattern.parse("+77").laid_on(digits, chance).startswith("77")
    assert Pattern.parse("77$").laid_on(digits, chance).endswith("77")
    assert Pattern.parse("+77$").laid_on(digits, chance) == ""
    assert Pattern.parse("7" * 12).laid_on(digits, chance) == ""
