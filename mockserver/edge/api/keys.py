"""`/Keys` and `/SigningKeys`: two names of one thing, an API key; routes, handlers, rendering."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Final

from mockserver.domain.accounts import ApiKey
from mockserver.domain.dates import rfc2822
from mockserver.domain.errors import FORBIDDEN, KEY_NAME_TOO_LONG, TwilioError
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import listed, no_room, read_ask, schema
from mockserver.world.accounts import ServerFull
from mockserver.world.keys import Keys

FOLDER: Final = "api/2010-04-01"


async def create(call: Call) -> Reply:
    """Make a Standard key. Its secret is told here and never again."""
    name = _name(call, "CreateNewKey")
    try:
        key = await Keys(call.sandbox).create(call.account, name)
    except ServerFull as full:
        raise no_room(call, full, FORBIDDEN) from None
    document = {**_document(key, _start(call)), "secret": key.secret}
    return Reply(201, json.dumps(document).encode(), secrets=(key.secret,))


async def fetch(call: Call) -> Reply:
    """One key, without its secret."""
    return Reply(200, render(_find(call), _start(call)))


async def update(call: Call) -> Reply:
    """Rename."""
    key = _find(call)
    key = await Keys(call.sandbox).rename(key, _name(call, "UpdateKey"))
    return Reply(200, render(key, _start(call)))


async def delete(call: Call) -> Reply:
    """Requests with it are refused from now on."""
    await Keys(call.sandbox).delete(_find(call))
    return Reply(204)


async def _list(call: Call, *, key: str) -> Reply:
    """The account's keys, newest first, a page at a time; `key` is what the list is called."""
    ask = read_ask(call, f"{FOLDER}/ListKey")
    found = Keys(call.sandbox).page(call.account, ask.page)
    return listed(call, key, ask, found, partial(render, start=_start(call)))


def _routes(name: str, list_key: str) -> Iterator[Route]:
    """The operations of `Key`, or of `SigningKey`."""
    path, shown = f"{ACCOUNT}/{name}s", f"{FOLDER}/{name}"
    one, list_ = f"{path}/{{Sid}}", partial(_list, key=list_key)
    yield Route("POST", path, f"CreateNew{name}", create, schema=shown, access="main")
    yield Route("GET", path, f"List{name}", list_, schema=shown, access="main")
    yield Route("GET", one, f"Fetch{name}", fetch, schema=shown, access="main")
    yield Route("POST", one, f"Update{name}", update, schema=shown, access="main")
    yield Route("DELETE", one, f"Delete{name}", delete, access="main")


ROUTES: Final = (*_routes("Key", "keys"), *_routes("SigningKey", "signing_keys"))


def _name(call: Call, operation: str) -> str:
    """The `FriendlyName`, "" where there is none; raise 70001."""
    reading = call.read(schema(f"{FOLDER}/{operation}"))
    if reading.breaches:
        raise TwilioError(KEY_NAME_TOO_LONG)
    name: str = reading.values.get("FriendlyName", "")
    return name


def _find(call: Call) -> ApiKey:
    """The key that the path names, or 20404."""
    key = Keys(call.sandbox).find(call.account, call.params["Sid"])
    if key is None:
        raise call.missing()
    return key


def _start(call: Call) -> int:
    """Since when there are keys that nobody has made."""
    return call.sandbox.accounts.first.created_at


# Rendering


def render(key: ApiKey, start: int) -> bytes:
    """A key as Twilio renders it, but when it is made."""
    return json.dumps(_document(key, start)).encode()


def _document(key: ApiKey, start: int) -> dict[str, str | None]:
    made = key.created_at or start
    return {
        "sid": key.sid,
        "friendly_name": key.friendly_name or None,
        "date_created": rfc2822(made),
        "date_updated": rfc2822(key.updated_at or made),
    }
