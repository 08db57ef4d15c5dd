"""Numbers as records: what kind of sender one is, and what it is called."""

import pytest

from mockserver.domain.numbers import Number, as_written

OWNER = "AC" + "a" * 32


@pytest.mark.parametrize(
    ("number", "phone", "short"),
    [
        ("+14155550123", True, False),
        ("12345", False, True),
        ("ACME", False, False),
        ("whatsapp:+14155550123", False, False),
    ],
)
def test_the_kind_of_a_sender(number: str, phone: bool, short: bool) -> None:
    """Phone numbers and short codes are two resources; other senders are neither."""
    record = Number(number, OWNER)
    assert (record.is_phone, record.is_short_code) == (phone, short)


@pytest.mark.parametrize(
    ("number", "name"),
    [("+18089255327", "(808) 925-5327"), ("+4759440374", "+4759440374"), ("12345", "12345")],
)
def test_a_number_is_called_as_it_is_written(number: str, name: str) -> None:
    """Unless it was given a name."""
    assert as_written(number) == Number(number, OWNER).name == name
    assert Number(number, OWNER, friendly_name="Desk").name == "Desk"


def test_a_short_codes_home() -> None:
    """The US, unless another country is said."""
    assert Number("12345", OWNER).home == "US"
    assert Number("12345", OWNER, country="GB").home == "GB"
