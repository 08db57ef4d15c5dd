"""`/Balance`: what an account has left. Subaccounts have none: their parent pays."""

import json
from typing import Final

from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.subaccounts import balance

DOLLAR: Final = 100_000
"""Hundred-thousandths."""


async def fetch(call: Call) -> Reply:
    """What the account had to begin with, less the prices of what was sent."""
    account = call.account
    if account.owner_account_sid:
        raise call.missing()
    left = await balance(call.sandbox.tables, account)
    document = {"account_sid": account.sid, "balance": dollars(left), "currency": "USD"}
    return Reply(200, json.dumps(document).encode())


ROUTES: Final = (
    Route("GET", f"{ACCOUNT}/Balance", "FetchBalance", fetch, schema="api/2010-04-01/Balance"),
)


def dollars(amount: int) -> str:
    """`15.4921` of hundred-thousandths of a dollar: two to five decimals."""
    whole, rest = divmod(abs(amount), DOLLAR)
    cents = f"{rest:05d}"
    decimals = cents[:2] + cents[2:].rstrip("0")
    return f"{'-' if amount < 0 else ''}{whole}.{decimals}"
