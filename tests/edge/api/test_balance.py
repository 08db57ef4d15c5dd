"""`/Balance`: what an account has left."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.edge.api.balance import dollars

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

PATH = f"/2010-04-01/Accounts/{DEFAULT_SID}/Balance.json"


async def test_what_is_left(serve: "Serve") -> None:
    """A string of dollars: a thousand, less what was sent."""
    api = await serve(check_responses=True)
    start = {"account_sid": DEFAULT_SID, "balance": "1000.00", "currency": "USD"}
    assert (await api.get(PATH)).json == start
    await api.create()
    await api.settled()
    answer = await api.get(PATH)
    assert (answer.status, answer.json["balance"]) == (200, "999.9921")
    assert api.journal[-1].operation == "api.v2010.FetchBalance"
    assert api.journal[-1].warnings == []


async def test_a_trial(serve: "Serve") -> None:
    """It has 15.50 to begin with."""
    trial = Account("AC" + "5" * 32, "t" * 32, type="Trial")
    api = await serve(account=(trial,), check_responses=True)
    api.auth = f"{trial.sid}:{trial.auth_token}"
    answer = await api.get(PATH.replace(DEFAULT_SID, trial.sid))
    assert answer.json["balance"] == "15.50"


async def test_subaccounts_have_none(api: "Caller") -> None:
    """404: their parent pays."""
    child = (await api.post({}, "/2010-04-01/Accounts.json")).json
    path = PATH.replace(DEFAULT_SID, child["sid"])
    answer = await api.get(path)
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource {path} was not found"


async def test_xml(api: "Caller") -> None:
    """Without `.json`."""
    answer = await api.get(PATH.removesuffix(".json"))
    assert b"<Balance><AccountSid>" in answer.body
    assert b"<Balance>1000.00</Balance>" in answer.body


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (5_000, "0.05"),
        (0, "0.00"),
        (-550, "-0.0055"),
        (100_000, "1.00"),
        (123_456_789, "1234.56789"),
    ],
)
def test_dollars(amount: int, text: str) -> None:
    """At least cents, at most what a segment's price has; it may be negative."""
    assert dollars(amount) == text


@given(st.integers(-(10**12), 10**12))
def test_nothing_is_lost(amount: int) -> None:
    """The text is the amount."""
    whole, _, rest = dollars(amount).lstrip("-").partition(".")
    assert int(whole) * 100_000 + int(rest.ljust(5, "0")) == abs(amount)
    assert dollars(amount).startswith("-") == (amount < 0)
    assert 2 <= len(rest) <= 5
