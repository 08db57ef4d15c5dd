"""Numbers that can exist, and those that cost whom they reach."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.numbering import is_premium, is_valid


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("+14155552671", True),
        ("+15017122661", True),
        ("+4915112345678", True),
        ("+442079460000", True),
        ("+15558675310", False),
        ("+14151112671", False),
        ("+49151123", False),
        ("+2101234567", False),
    ],
)
def test_what_a_plan_has(number: str, valid: bool) -> None:
    """Area codes, exchanges, lengths and calling codes that were given out."""
    assert is_valid(number) is valid


@given(st.sampled_from(["+1500555", "+1500556"]), st.integers(0, 9999))
def test_numbers_with_a_meaning_pass(block: str, line: int) -> None:
    """Twilio's magic numbers, and those with an outcome of their own."""
    assert is_valid(f"{block}{line:04d}")


@pytest.mark.parametrize(
    ("number", "usual", "strict"),
    [
        ("+19005551234", True, True),
        ("+448712345678", True, True),
        ("+33899123456", False, True),
        ("+14155552671", False, False),
        ("+2101234567", False, False),
    ],
)
def test_premium_numbers(number: str, usual: bool, strict: bool) -> None:
    """The known prefixes in either mode; every country's where the plan is asked."""
    assert (is_premium(number, False), is_premium(number, True)) == (usual, strict)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_every_number_has_an_answer(number: str) -> None:
    """Nothing is raised, also for calling codes that no country has."""
    assert is_valid(number) in (True, False)
    assert is_premium(number, True) in (True, False)


def test_the_plans_are_loaded_when_asked() -> None:
    """A server whose numbers are not strict does not wait for Google's metadata."""
    code = (
        "import sys; from mockserver.domain.numbering import is_premium, is_valid;"
        "is_valid('+15005550006'); is_premium('+14155552671', False);"
        "print('phonenumbers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
