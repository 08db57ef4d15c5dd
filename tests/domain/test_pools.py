"""What belongs to a pool, and who may join."""

from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.errors import TwilioError
from mockserver.domain.numbers import Number, Service
from mockserver.domain.pools import (
    POOL_LIMIT,
    Member,
    capabilities,
    check_alpha,
    check_number,
    is_pool,
    joined,
    kind_of,
    left,
    members,
)

AC: Final = "AC" + "a" * 32
SERVICE: Final = Service("MG" + "a" * 32, AC)
OTHER: Final = Service("MG" + "b" * 32, AC)
NUMBER: Final = Number("+14155550123", AC)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+14155550123", "phone"),
        ("12345", "short_code"),
        ("ACME 1", "alphanumeric"),
        ("whatsapp:+14155550123", "channel"),
        ("rcs:agent", "channel"),
    ],
)
def test_kinds(sender: str, kind: str) -> None:
    """By the form of the address."""
    assert kind_of(sender) == Member(SERVICE.sid, sender, "PN1", AC).kind == kind


def test_what_is_no_pool() -> None:
    """One with something that is no sender."""
    assert is_pool(replace(SERVICE, senders=("+14155550123", "ACME")))
    assert not is_pool(replace(SERVICE, senders=("ACME", "x:y")))


@pytest.mark.parametrize(
    ("sender", "home"),
    [
        ("+442071838750", "GB"),
        ("whatsapp:+491711234567", "DE"),
        ("12345", "US"),
        ("rcs:agent", "US"),
    ],
)
def test_where_a_member_is_from(sender: str, home: str) -> None:
    """The country of its number; the US where it has none."""
    assert Member(SERVICE.sid, sender, "PN1", AC).home == home


def test_capabilities() -> None:
    """In the order of Twilio's answers; short codes take no calls."""
    assert capabilities(NUMBER) == ["MMS", "SMS", "Voice"]
    assert capabilities(replace(NUMBER, mms=False, voice=False)) == ["SMS"]
    assert capabilities(replace(NUMBER, phone_number="12345")) == ["MMS", "SMS"]


# -- joining and leaving ---------------------------------------------------------------------------


def test_one_name_for_several_countries() -> None:
    """Is one sender, which leaves with the last of them."""
    service = joined(joined(joined(SERVICE, "ACME", "FR"), "+14155550123"), "ACME", "DE")
    assert service.senders == ("ACME", "+14155550123")
    assert list(members(service)) == [("ACME", "FR"), ("ACME", "DE"), ("+14155550123", "")]
    service = left(service, "ACME", "FR")
    assert list(members(service)) == [("ACME", "DE"), ("+14155550123", "")]
    assert left(service, "ACME", "DE") == replace(SERVICE, senders=("+14155550123",))


def test_one_that_was_set_up_for_all() -> None:
    """Stays that when it gets a country, too, and loses it again."""
    seeded = replace(SERVICE, senders=("ACME",))
    service = joined(seeded, "ACME", "FR")
    assert service.countries("ACME") == ("", "FR")
    assert left(service, "ACME", "FR").countries("ACME") == ("",)
    assert left(service, "ACME").countries("ACME") == ("FR",)
    assert left(seeded, "ACME").senders == ()


@dataclass
class Book:
    """What a pool should hold: pairs of sender and country."""

    pairs: set[tuple[str, str]]


SENDERS: Final = st.sampled_from(["ACME", "Other", "+14155550123", "12345", "rcs:agent"])
MOVES: Final = st.lists(
    st.tuples(st.booleans(), SENDERS, st.sampled_from(["", "FR", "DE"])), max_size=20
)


@given(MOVES)
def test_any_moves(moves: list[tuple[bool, str, str]]) -> None:
    """The pool holds exactly who joined and did not leave, nobody twice."""
    service, book = SERVICE, Book(set())
    for joins, sender, country in moves:
        only = country if kind_of(sender) == "alphanumeric" else ""
        if joins and (sender, only) not in book.pairs:
            service = joined(service, sender, only)
            book.pairs.add((sender, only))
        elif not joins and (sender, only) in book.pairs:
            service = left(service, sender, only)
            book.pairs.remove((sender, only))
    found = list(members(service))
    assert set(found) == book.pairs
    assert len(found) == len(book.pairs)
    assert len(set(service.senders)) == len(service.senders)


# -- who may join ----------------------------------------------------------------------------------


def refused(code: int, status: int) -> "pytest.RaisesExc[TwilioError]":
    return pytest.raises(
        TwilioError, check=lambda error: (error.code, error.status) == (code, status)
    )


def test_a_number_that_may() -> None:
    """One that is in no pool, and can text or send media."""
    check_number(SERVICE, NUMBER, None)
    check_number(SERVICE, replace(NUMBER, sms=False), None)
    check_number(SERVICE, replace(NUMBER, mms=False), None)


def test_numbers_that_may_not() -> None:
    """Where it is comes first, then what it can do, then whether there is room."""
    full = replace(SERVICE, senders=tuple(f"{place:05d}" for place in range(POOL_LIMIT)))
    useless = replace(NUMBER, sms=False, mms=False)
    with refused(21710, 409):
        check_number(full, useless, full)
    with refused(21712, 409):
        check_number(full, useless, OTHER)
    with refused(21715, 400):
        check_number(full, useless, None)
    with refused(21714, 412):
        check_number(full, NUMBER, None)
    check_number(full, replace(NUMBER, phone_number="whatsapp:+14155550123"), None)
    crowd = (*full.senders[1:], "ACME", "rcs:agent")
    check_number(replace(SERVICE, senders=crowd), NUMBER, None)


def test_alpha_senders_that_may_not() -> None:
    """What is no name; any on a trial; a second one for a country."""
    service = joined(joined(SERVICE, "ACME"), "ACME", "FR")
    for name in ("12345", "+14155550123", "", "x" * 12, "MG" + "a" * 32, "rcs:agent", "a!"):
        with refused(21709, 400):
            check_alpha(SERVICE, name, "", trial=False)
    with refused(21709, 400):
        check_alpha(SERVICE, "ACME", "", trial=True)
    for country in ("", "FR"):
        with refused(21710, 409):
            check_alpha(service, "ACME", country, trial=False)
        with refused(21714, 412):
            check_alpha(service, "Other", country, trial=False)
    check_alpha(service, "ACME", "DE", trial=False)
