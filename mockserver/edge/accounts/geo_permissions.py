"""`/v1/Messaging/GeoPermissions`: the countries that an account may write to."""

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.errors import MALFORMED, TwilioError
from mockserver.domain.geo_permissions import decide, permissions
from mockserver.edge.http.call import JSON, Call, Reply, Route
from mockserver.edge.http.forms import unpacked
from mockserver.edge.http.resource import schema
from mockserver.world.tables import Unit

FOLDER: Final = "accounts/v1"


async def fetch(call: Call) -> Reply:
    """All countries, or those of `CountryCode`: one or more, also with commas between them."""
    asked = call.read_query(schema(f"{FOLDER}/FetchMessagingGeopermissions")).values
    codes = ",".join(asked.get("CountryCode", ())).upper().split(",")
    wanted = [code.strip() for code in codes if code.strip()]
    own, inherited = _closed(call)
    found = permissions(wanted, own | inherited)
    if not found:
        raise call.missing()
    return _shown(found)


async def update(call: Call) -> Reply:
    """Open and close countries. One that cannot be is told of in its place, and the others are."""
    wishes = list(_wishes(call))
    if not wishes:
        raise TwilioError(MALFORMED, said="Permissions is missing")
    own, inherited = _closed(call)
    closed, results = decide(wishes, own, inherited)
    unit, sandbox = Unit(), call.sandbox
    sandbox.accounts.change(replace(call.account, geo_permissions_off=tuple(sorted(closed))), unit)
    await sandbox.engine.commit(unit)
    return _shown(results)


PATH: Final = "/v1/Messaging/GeoPermissions"
SCHEMA: Final = f"{FOLDER}/MessagingGeopermissions"

ROUTES: Final = (
    Route("GET", PATH, "FetchMessagingGeopermissions", fetch, schema=SCHEMA),
    Route("PATCH", PATH, "UpdateMessagingGeopermissions", update, schema=SCHEMA),
)


def _closed(call: Call) -> tuple[frozenset[str], frozenset[str]]:
    """The countries that the account has closed itself, and those that its parent has."""
    account = call.account
    parent = call.sandbox.accounts.find(account.owner_account_sid)
    inherited = parent.geo_permissions_off if parent is not None else ()
    return frozenset(account.geo_permissions_off), frozenset(inherited)


def _wishes(call: Call) -> Iterator[dict[str, Any]]:
    """The objects of `Permissions`, in a form (JSON in each, as the libraries send it) or as JSON.

    Raise `TwilioError` 20001 for anything else.
    """
    if call.content_type.partition(";")[0].strip().lower() == JSON:
        document = _decoded(unpacked(call.body, call.content_encoding))
        parts = [document.get("Permissions") if isinstance(document, dict) else document]
    else:
        values = call.read(schema(f"{FOLDER}/UpdateMessagingGeopermissions")).values
        parts = [
            _decoded(text.encode("utf-8", "replace")) for text in values.get("Permissions", ())
        ]
    for part in parts:
        for wish in part if isinstance(part, list) else [part]:
            if not isinstance(wish, dict):
                raise TwilioError(MALFORMED, said="Permissions holds what is no JSON object")
            yield wish


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise TwilioError(MALFORMED, said="Permissions is not JSON") from None


def _shown(rows: list[dict[str, Any]]) -> Reply:
    return Reply(200, json.dumps({"permissions": rows}).encode())
