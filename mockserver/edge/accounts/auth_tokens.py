"""`/v1/AuthTokens`: a second Auth Token beside the first, and in its place."""

import json
from datetime import UTC, datetime
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.errors import CONFLICT, TwilioError
from mockserver.domain.message import SECOND
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import read_form
from mockserver.world import tokens

FOLDER: Final = "accounts/v1"
SECONDARY: Final = "/v1/AuthTokens/Secondary"
PROMOTE: Final = "/v1/AuthTokens/Promote"


async def create(call: Call) -> Reply:
    """Make a second token; both authenticate. Where there is one already: 20409, our choice."""
    read_form(call, f"{FOLDER}/CreateSecondaryAuthToken")
    if call.account.secondary_token:
        raise TwilioError(CONFLICT)
    account = await tokens.create(call.sandbox, call.account)
    return _shown(201, call, account, "secondary_auth_token", account.secondary_token, SECONDARY)


async def promote(call: Call) -> Reply:
    """The second token takes the first one's place, which authenticates no longer."""
    read_form(call, f"{FOLDER}/UpdateAuthTokenPromotion")
    made = _with_secondary(call).secondary_at
    account = await tokens.promote(call.sandbox, call.account)
    return _shown(200, call, account, "auth_token", account.auth_token, PROMOTE, made)


async def delete(call: Call) -> Reply:
    """Drop the second token."""
    await tokens.delete(call.sandbox, _with_secondary(call))
    return Reply(204)


ROUTES: Final = (
    Route(
        *("POST", SECONDARY, "CreateSecondaryAuthToken", create),
        schema=f"{FOLDER}/SecondaryAuthToken",
        access="main",
    ),
    Route("DELETE", SECONDARY, "DeleteSecondaryAuthToken", delete, access="main"),
    Route(
        *("POST", PROMOTE, "UpdateAuthTokenPromotion", promote),
        schema=f"{FOLDER}/AuthTokenPromotion",
        access="main",
    ),
)


def _with_secondary(call: Call) -> Account:
    """The account, or 20404 where it has no second token."""
    if not call.account.secondary_token:
        raise call.missing()
    return call.account


def _shown(
    status: int, call: Call, account: Account, name: str, token: str, path: str, made: int = 0
) -> Reply:
    """A token by its `name`, which was made at the time `made`, else with the account's second."""
    document = {
        "account_sid": account.sid,
        name: token,
        "date_created": _date(made or account.secondary_at),
        "date_updated": _date(account.updated_at),
        "url": call.base_url + path,
    }
    return Reply(status, json.dumps(document).encode(), secrets=(token,))


def _date(at: int) -> str:
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"
