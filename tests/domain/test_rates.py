"""Rates by kind of sender, and how much may wait."""

import pytest

from mockserver.domain.rates import Rates, kind_of

KINDS = {
    "+14155550123": ("long_code_us_ca", 1),
    "+16045550123": ("long_code_us_ca", 1),
    "+447700900123": ("long_code", 10),
    "+18765550123": ("long_code", 10),
    "+18885550123": ("toll_free", 3),
    "12345": ("short_code", 100),
    "ACME": ("alphanumeric", 10),
    "whatsapp:+14155238886": ("whatsapp", 80),
    "rcs:brand": ("rcs", 0),
    "messenger:page": ("messenger", 0),
}


@pytest.mark.parametrize(("sender", "kind", "rate"), [(s, k, r) for s, (k, r) in KINDS.items()])
def test_each_kind_has_its_rate(sender: str, kind: str, rate: int) -> None:
    """In segments a second; no rate is published for RCS and Messenger."""
    assert kind_of(sender) == kind
    assert Rates().rate(kind) == rate * 1_000


@pytest.mark.parametrize(("hours", "segments", "refuses"), [(4, 14_400, False), (10, 36_000, True)])
def test_a_queue_lasts_hours(hours: float, segments: int, refuses: bool) -> None:
    """Four, as it was, or ten; WhatsApp's never more than four."""
    rates = Rates(queue_hours=hours)
    assert rates.capacity("long_code_us_ca") == segments
    assert rates.capacity("toll_free") == 3 * segments
    assert rates.capacity("whatsapp") == 80 * 14_400
    assert rates.refuses is refuses


def test_other_rates() -> None:
    """As a registered campaign has them, also with a fraction; 0 takes the limit away."""
    rates = Rates(per_second={"long_code_us_ca": 3.75, "short_code": 0})
    assert rates.rate("long_code_us_ca") == 3_750
    assert rates.capacity("long_code_us_ca") == 135_000
    assert rates.rate("short_code") == 0
    assert rates.rate("toll_free") == 3_000


def test_a_rate_is_never_taken_for_none() -> None:
    """However slow: 0 alone takes the limit away."""
    assert Rates(per_second={"long_code": 0.0001}).rate("long_code") == 1
