"""`/Accounts`: the account itself and its subaccounts; routes, handlers and rendering."""

import json
from functools import partial
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.domain.dates import rfc2822
from mockserver.domain.errors import PAGE_TOKEN_REQUIRED_ACCOUNTS, problem
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import listed, no_room, read_ask, read_form
from mockserver.world import subaccounts
from mockserver.world.accounts import ServerFull

FOLDER: Final = "api/2010-04-01"


async def create(call: Call) -> Reply:
    """Make a subaccount, with an Auth Token of its own."""
    form = read_form(call, f"{FOLDER}/CreateAccount")
    try:
        name = form.get("FriendlyName", "")
        account = await subaccounts.create(call.sandbox, call.account, name)
    except ServerFull as full:
        raise no_room(call, full, problem(21480)) from None
    return _shown(201, call, account)


async def fetch(call: Call) -> Reply:
    """The account, or one of its subaccounts, suspended and closed ones too."""
    return _shown(200, call, call.account)


async def update(call: Call) -> Reply:
    """Rename; suspend, reactivate or close a subaccount."""
    form = read_form(call, f"{FOLDER}/UpdateAccount")
    return _shown(200, call, await subaccounts.update(call.sandbox, call.account, form))


async def list_(call: Call) -> Reply:
    """The account and its subaccounts, newest first, a page at a time.

    `FriendlyName` and `Status` are compared exactly.
    """
    ask = read_ask(call, f"{FOLDER}/ListAccount", PAGE_TOKEN_REQUIRED_ACCOUNTS)
    found = subaccounts.page(call.sandbox, call.account, ask.page, ask.filters)
    reply = listed(call, "accounts", ask, found, partial(render, start=_start(call)))
    reply.secrets = tuple(each.auth_token for each in found[0])
    return reply


ROOT: Final = "/2010-04-01/Accounts"
SCHEMA: Final = f"{FOLDER}/Account"

ROUTES: Final = (
    Route("GET", ROOT, "ListAccount", list_, schema=SCHEMA, access="main"),
    Route("POST", ROOT, "CreateAccount", create, schema=SCHEMA, access="main"),
    Route("GET", ACCOUNT, "FetchAccount", fetch, schema=SCHEMA, access="owner"),
    Route("POST", ACCOUNT, "UpdateAccount", update, schema=SCHEMA, access="owner"),
)


# Rendering

SUBRESOURCES: Final = {
    "available_phone_numbers": "AvailablePhoneNumbers",
    "calls": "Calls",
    "conferences": "Conferences",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "notifications": "Notifications",
    "outgoing_caller_ids": "OutgoingCallerIds",
    "recordings": "Recordings",
    "transcriptions": "Transcriptions",
    "addresses": "Addresses",
    "signing_keys": "SigningKeys",
    "connect_apps": "ConnectApps",
    "sip": "SIP",
    "authorized_connect_apps": "AuthorizedConnectApps",
    "usage": "Usage",
    "keys": "Keys",
    "applications": "Applications",
    "short_codes": "SMS/ShortCodes",
    "queues": "Queues",
    "messages": "Messages",
    "balance": "Balance",
}
"""What an account has, as captured; not all of it is served here."""


def _shown(status: int, call: Call, account: Account) -> Reply:
    return Reply(status, render(account, _start(call)), secrets=(account.auth_token,))


def _start(call: Call) -> int:
    """Since when there are accounts that nobody has made yet."""
    return call.sandbox.accounts.first.created_at


def render(account: Account, start: int) -> bytes:
    """An account as Twilio renders it."""
    uri = f"{ROOT}/{account.sid}"
    made = account.created_at or start
    document = {
        "auth_token": account.auth_token or None,
        "date_created": rfc2822(made),
        "date_updated": rfc2822(account.updated_at or made),
        "friendly_name": account.name,
        "owner_account_sid": account.account_sid,
        "sid": account.sid,
        "status": account.status,
        "subresource_uris": {name: f"{uri}/{path}.json" for name, path in SUBRESOURCES.items()},
        "type": account.type,
        "uri": f"{uri}.json",
    }
    return json.dumps(document).encode()
