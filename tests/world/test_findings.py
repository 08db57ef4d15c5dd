"""One-time codes and links in a message's body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.findings import codes, links


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Your code is 123456", ["123456"]),
        ("123456 is your Acme verification code.", ["123456"]),
        ("G-123456 is your Google verification code", ["123456"]),
        ("Your login code: 123 456. Do not share it", ["123456"]),
        ("PIN:9876", ["9876"]),
        ("code=445566", ["445566"]),
        ("Ihr Kode lautet 4455", ["4455"]),
        ("验证码123456，5分钟内有效", ["123456"]),
        ("1234567", ["1234567"]),
        (
            "Backup codes: 12345678, 87654321 and 11112222. Order 9999",
            ["12345678", "87654321", "11112222"],
        ),
        ("Order 48213 shipped: code 991144", ["991144"]),
        ("© 2026 Acme. Code 123456", ["123456"]),
        ("Your code is 2024", ["2024"]),
        ("Your code is 123456. Again: 123456", ["123456"]),
    ],
)
def test_codes(body: str, found: list[str]) -> None:
    """The number that the word announces, in any of the usual spellings."""
    assert codes(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no code here",
        "code 123",
        "code 123456789",
        "call +14155552671 or 415-555-0100",
        "pay $1234 or 1234€ or 1,234.50",
        "on 2026-12-01 at 12:30",
        "https://acme.example/123456?code=654321",
        "ABC1234 #4321 you@1234",
    ],
)
def test_no_codes(body: str) -> None:
    """Too short, too long, phone numbers, prices, dates, parts of links and words."""
    assert codes(body) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("See https://acme.example/a.", ["https://acme.example/a"]),
        (
            "(https://a.example/x_(y)) HTTP://B.example!",
            ["https://a.example/x_(y)", "HTTP://B.example"],
        ),
        ("<https://a.example?q=1&r=2,3>", ["https://a.example?q=1&r=2,3"]),
        ("ftp://a.example www.example.com", []),
    ],
)
def test_links(body: str, found: list[str]) -> None:
    """Without the punctuation of the sentence around them."""
    assert links(body) == found


@given(st.text())
def test_any_body_will_do(body: str) -> None:
    """Codes are 4 to 8 digits, links begin as links do, whatever the text."""
    assert all(4 <= len(code) <= 8 and code.isdigit() for code in codes(body))
    assert all(link.lower().startswith("http") for link in links(body))


@given(st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_every_code_is_found(code: str) -> None:
    """Where the word is beside it."""
    assert codes(f"Your Acme code is {code}.") == [code]
