"""`/v1/SafeList/Numbers`: numbers that no fraud guard holds up. Kept and shown; here none does."""

import json
from typing import Final

from msgspec.structs import replace

from mockserver.domain.accounts import SafeNumber
from mockserver.domain.errors import INVALID_PARAMETER, TwilioError
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import schema
from mockserver.world import safe_list
from mockserver.world.schemas import Reading

FOLDER: Final = "accounts/v1"
INVALID: Final = replace(INVALID_PARAMETER, text=f"{INVALID_PARAMETER.text}: PhoneNumber")


async def create(call: Call) -> Reply:
    """Put a number on the list; again, it stays as it is."""
    number = _number(call.read(schema(f"{FOLDER}/CreateSafelist")))
    return Reply(201, render(await safe_list.add(call.sandbox, call.account, number)))


async def fetch(call: Call) -> Reply:
    """Whether a number is on the list."""
    return Reply(200, render(_find(call, "FetchSafelist")))


async def delete(call: Call) -> Reply:
    """Take a number off the list."""
    await safe_list.remove(call.sandbox, _find(call, "DeleteSafelist"))
    return Reply(204)


PATH: Final = "/v1/SafeList/Numbers"
SCHEMA: Final = f"{FOLDER}/Safelist"

ROUTES: Final = (
    Route("POST", PATH, "CreateSafelist", create, schema=SCHEMA),
    Route("GET", PATH, "FetchSafelist", fetch, schema=SCHEMA),
    Route("DELETE", PATH, "DeleteSafelist", delete),
)


def _number(reading: Reading) -> str:
    """`PhoneNumber`, or 20422 where it is missing or none."""
    if reading.breaches or "PhoneNumber" not in reading.values:
        raise TwilioError(INVALID)
    number: str = reading.values["PhoneNumber"]
    return number


def _find(call: Call, operation: str) -> SafeNumber:
    number = _number(call.read_query(schema(f"{FOLDER}/{operation}")))
    found = safe_list.find(call.sandbox, call.account, number)
    if found is None:
        raise call.missing()
    return found


def render(number: SafeNumber) -> bytes:
    """An entry as Twilio renders it."""
    return json.dumps({"sid": number.sid, "phone_number": number.phone_number}).encode()
