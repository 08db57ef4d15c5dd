"""Recipients that say themselves how their messages end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.addresses import parse_to
from mockserver.domain.built_in import BLOCK, CODES, built_in
from mockserver.domain.faults import FINAL_STATUS
from mockserver.domain.lifecycle import DELIVERED, OUTCOMES, plan
from mockserver.domain.titles import TITLES

SECOND = 1_000_000

UNDELIVERED = """
    30003 30004 30005 30006 30007 30008 30011 30017 30019 30022 30023 30024 30027 30032 30033 30034
    30035 30040 30041 30042 30043 30046
    63003 63005 63013 63014 63015 63016 63018 63021 63024 63032 63033 63036 63049
"""
FAILED = """
    11200 11751 12300 14107 21610 21612 21703 21704
    30001 30002 30009 30010 30012 30013 30014 30015 30016 30020 30021 30036 30037 30038 30039 30044
    30410 30450 30453 30454 30485 30500 30610 30615 30620 30630 30640
    63009 63010 63012 63017 63019 63020 63027 63028 63031 63034 63040 63041 63042
"""
WARNED = "30018 30025 30026 30045 63037"

ENDS = [
    (int(code), status)
    for status, codes in (("undelivered", UNDELIVERED), ("failed", FAILED), ("delivered", WARNED))
    for code in codes.split()
]
"""What ends a message, and how: what came after the hand-over, before it, and what only warns."""


def test_every_code_that_ends_a_message_is_there() -> None:
    """Each in one list, each with a title for `error_message`, each with four digits of its own."""
    assert dict(ENDS) == FINAL_STATUS
    assert len(ENDS) == len(FINAL_STATUS) == len(CODES)
    assert set(FINAL_STATUS) - set(TITLES) == set()


@pytest.mark.parametrize("channel", ["", "whatsapp:", "rcs:", "messenger:"])
@pytest.mark.parametrize(("code", "status"), ENDS)
def test_four_digits_of_a_code(code: int, status: str, channel: str) -> None:
    """They end a message with it, on whatever channel; the number is a well-formed one."""
    to = f"{channel}{BLOCK}{code % 10_000:04d}"
    assert parse_to(to).value == to
    fate = built_in(to)
    assert (fate.outcome, fate.error_code) == (status, code)


@pytest.mark.parametrize(
    ("digits", "outcome"),
    [("8000", "sent"), ("8001", "read"), ("0000", "delivered"), ("7777", "delivered")],
)
def test_ends_without_a_code(digits: str, outcome: str) -> None:
    """No receipt, a receipt of reading, and what has no meaning: it is delivered as any other."""
    fate = built_in(BLOCK + digits)
    assert (fate.outcome, fate.error_code) == (outcome, 0)
    assert (fate is DELIVERED) == (outcome == "delivered")


@pytest.mark.parametrize("seconds", [1, 2, 60, 999])
def test_slow_ones(seconds: int) -> None:
    """Nine and three digits: delivered after so many seconds, sent halfway."""
    steps = plan("queued", 0, "sms", built_in(f"{BLOCK}9{seconds:03d}"))
    assert steps[::3] == ("sending", "sent", "delivered")
    assert steps[4::3] == (seconds * SECOND // 2, seconds * SECOND)
    assert 0 < steps[1] <= steps[4]


def test_nine_and_nothing_is_as_usual() -> None:
    """No second is no delay that anybody could have meant."""
    assert built_in(f"{BLOCK}9000") is DELIVERED


@given(st.integers(0, 9999).map("{:04d}".format))
def test_every_number_of_the_block_has_an_end(digits: str) -> None:
    """One of the outcomes that a rule may ask for; a code only where its digits say it."""
    fate = built_in(BLOCK + digits)
    assert fate.outcome in OUTCOMES
    assert fate.error_code == 0 or f"{fate.error_code}".endswith(digits)


@pytest.mark.parametrize(
    "to", ["+14155552671", "+15005550003", "+15005570003", "+447700900123", "whatsapp:+14155552671"]
)
def test_all_others_are_delivered(to: str) -> None:
    """Twilio's magic numbers among them, which decide what the create answers and no more."""
    assert built_in(to) is DELIVERED
