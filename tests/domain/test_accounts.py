"""Accounts: what they are called, which tokens are theirs, and what refuses a new status."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.accounts import (
    OPENING_BALANCE,
    SUBACCOUNTS,
    Account,
    ApiKey,
    status_refusal,
    subaccount_name,
)
from mockserver.domain.message import SECOND

PARENT = Account("AC" + "1" * 32, "one")
CHILD = Account("AC" + "2" * 32, "two", owner_account_sid=PARENT.sid)


def test_names() -> None:
    """What it was called; an account without a name has the one that Twilio gives."""
    assert (PARENT.name, Account("AC1", friendly_name="Mine").name) == (
        "My first Twilio account",
        "Mine",
    )


def test_owners() -> None:
    """A parent is its own owner."""
    assert (PARENT.account_sid, CHILD.account_sid) == (PARENT.sid, PARENT.sid)


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2026-12-01T00:05:59", "SubAccount Created at 2026-12-01 12:05 am"),
        ("2026-12-01T11:59:00", "SubAccount Created at 2026-12-01 11:59 am"),
        ("2026-12-01T12:00:00", "SubAccount Created at 2026-12-01 12:00 pm"),
        ("2026-12-01T23:07:00", "SubAccount Created at 2026-12-01 11:07 pm"),
    ],
)
def test_the_name_of_a_nameless_subaccount(moment: str, name: str) -> None:
    """The minute in which it was made, in UTC, on a clock of twelve hours."""
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert subaccount_name(int(at.timestamp()) * SECOND) == name


TOKENS = st.text("ab", max_size=3)


@given(TOKENS, TOKENS, TOKENS)
def test_tokens(first: str, second: str, token: str) -> None:
    """The first and the second one are taken; anything is, while the first one is unknown."""
    account = Account("AC1", first, secondary_token=second)
    assert account.accepts(token) == (not first or token == first or (token == second != ""))


def test_what_signs() -> None:
    """The first token, while there is a second one too."""
    assert replace(PARENT, secondary_token="two").signing_token == "one"


def test_kinds_of_keys() -> None:
    """One that nobody made here may do everything."""
    assert not ApiKey("SK1", "secret", "AC1").standard
    assert ApiKey("SK1", "secret", "AC1", "standard").standard


ACTIVE, SUSPENDED, CLOSED = (
    replace(CHILD, status=status) for status in ("active", "suspended", "closed")
)
BARRED = replace(SUSPENDED, by_twilio=True)
IDLE = replace(PARENT, status="suspended")


@pytest.mark.parametrize(
    ("account", "parent", "status", "code"),
    [
        (ACTIVE, PARENT, "active", 0),
        (ACTIVE, PARENT, "suspended", 0),
        (ACTIVE, PARENT, "closed", 0),
        (SUSPENDED, PARENT, "active", 0),
        (SUSPENDED, PARENT, "closed", 0),
        (CLOSED, PARENT, "active", 21479),
        (CLOSED, PARENT, "suspended", 21479),
        (CLOSED, PARENT, "closed", 0),
        (BARRED, PARENT, "active", 21478),
        (BARRED, PARENT, "closed", 21478),
        (BARRED, PARENT, "suspended", 0),
        (ACTIVE, IDLE, "suspended", 21476),
        (SUSPENDED, IDLE, "active", 21476),
        (PARENT, None, "active", 21477),
        (PARENT, None, "closed", 21477),
    ],
)
def test_status_changes(account: Account, parent: Account | None, status: str, code: int) -> None:
    """Only a subaccount's can be changed; closed is for ever; what Twilio did, Twilio undoes."""
    refusal = status_refusal(account, parent, status)
    assert (refusal.code if refusal else 0) == code


def test_every_type_has_its_limits() -> None:
    """A thousand subaccounts, or one on trial; money to begin with."""
    assert SUBACCOUNTS == {"Full": 1_000, "Trial": 1}
    assert OPENING_BALANCE == {"Full": 100_000_000, "Trial": 1_550_000}
