"""Routes that need no credentials, and what absolute URLs in answers are built from."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.edge.front import Front
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router
from mockserver.edge.listener import Listener
from mockserver.world.journal import RequestEntry
from mockserver.world.sandboxes import Order, Sandboxes
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve

STRANGER = "AC" + "5" * 32
CHILD = "AC" + "6" * 32
KEY = "SK" + "7" * 32


async def show(call: Call) -> Reply:
    """Where the call came to, and whose account it is about; `locked` wants credentials."""
    if call.params.get("Name") == "locked":
        call.authorize()
    if call.params.get("Name") == "gone":
        raise call.missing()
    seen = {"account": call.account.sid, "origin": call.origin, "base_url": call.base_url}
    return Reply(200, json.dumps(seen).encode())


API = Product(
    "api",
    "v2010",
    Router(
        (
            Route(
                "GET", "/2010-04-01/Accounts/{AccountSid}/Open/{Name}", "Open", show, public=True
            ),
            Route("GET", "/twiliocdn/{AccountSid}/{Name}", "Content", show, public=True),
        )
    ),
    names_version=True,
)
MESSAGING = Product("messaging", "v1", Router((Route("GET", "/v1/Where", "Where", show),), ""))


class Small:
    """A server of these few routes."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self.sandboxes, self.loaded, self.port = sandboxes, list[str](), 0

    def later(self) -> Product:
        self.loaded.append("messaging")
        return MESSAGING

    async def control(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="control")

    async def listen(self, stack: AsyncExitStack) -> None:
        front = Front(self.sandboxes, (API,), {"messaging": self.later}, self.control)
        listener = Listener(front)
        server = await asyncio.get_running_loop().create_server(listener, "127.0.0.1", 0)
        stack.push_async_callback(listener.finish, 1)
        stack.callback(server.close)
        self.port = server.sockets[0].getsockname()[1]


@pytest.fixture
async def small(serve: "Serve", stack: AsyncExitStack) -> "Caller":
    """A caller to the few routes above, which sends no credentials."""
    caller = await serve()
    few = Small(caller.server.sandboxes)
    await few.listen(stack)
    caller.server = few  # type: ignore[assignment]  # as far as a caller needs one
    caller.auth = None
    return caller


def content(name: str, account: str = DEFAULT_SID) -> str:
    return f"/twiliocdn/{account}/{name}"


def last(caller: "Caller") -> RequestEntry:
    return caller.journal[-1]


# -- without credentials ---------------------------------------------------------------------------


@pytest.mark.parametrize("auth", [None, f"{DEFAULT_SID}:wrong", "me:you", f"{STRANGER}:token"])
@pytest.mark.parametrize(
    "path", [content("a.png"), f"/2010-04-01/Accounts/{DEFAULT_SID}/Open/a.json"]
)
async def test_credentials_are_not_heeded(small: "Caller", auth: str | None, path: str) -> None:
    """The account of the path counts, whoever asks; nothing is learnt of him."""
    small.auth = auth
    answer = await small.get(path)
    assert (answer.status, answer.json["account"]) == (200, DEFAULT_SID)
    assert last(small).account_sid == DEFAULT_SID
    assert small.server.sandboxes.of_account(STRANGER) is None


async def test_the_sandbox_is_that_of_the_account(small: "Caller") -> None:
    """Its journal has the request, and no other."""
    box = small.server.sandboxes.make(Order())
    answer = await small.get(content("a", box.accounts.first_sid))
    assert answer.json["account"] == box.accounts.first_sid
    assert [entry.operation for entry in box.journal.requests] == ["api.v2010.Content"]
    assert small.journal == []


async def test_an_account_that_nobody_knows(small: "Caller") -> None:
    """404 with 20404; it does not come into being."""
    path = content("a", STRANGER)
    answer = await small.get(path)
    assert (answer.status, answer.code) == (404, 20404)
    assert answer.json["message"] == f"The requested resource {path} was not found"
    assert small.server.sandboxes.of_account(STRANGER) is None


async def test_an_account_of_test_credentials(small: "Caller") -> None:
    """Credentials make the difference elsewhere; here are none."""
    small.sandbox.accounts.set_up(Account(DEFAULT_SID, mode="test"), Unit())
    assert (await small.get(content("a"))).status == 200


async def test_what_a_handler_misses(small: "Caller") -> None:
    """20404 with the path as it was sent."""
    answer = await small.get(content("gone"))
    assert answer.json["message"] == f"The requested resource {content('gone')} was not found"


# -- a handler asks for them -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        (None, 401),
        ("me:you", 401),
        (f"{DEFAULT_SID}:wrong", 401),
        (f"{STRANGER}:token", 401),
        (f"{DEFAULT_SID}:{DEFAULT_TOKEN}", 200),
    ],
)
async def test_credentials_that_a_handler_asks_for(
    small: "Caller", auth: str | None, status: int
) -> None:
    """Those of the account pass; all others get 20003."""
    small.auth = auth
    answer = await small.get(content("locked"))
    assert answer.status == status
    if status == 401:
        assert answer.code == 20003
        assert answer.header("WWW-Authenticate") == 'Basic realm="Twilio API"'


async def test_a_parent_may(small: "Caller") -> None:
    """A subaccount's content, with the parent's credentials; not the other way round."""
    child = Account(CHILD, "token", owner_account_sid=DEFAULT_SID)
    small.sandbox.accounts.set_up(child, Unit())
    small.server.sandboxes.holders.claim(CHILD, small.sandbox)
    small.auth = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    assert (await small.get(content("locked", CHILD))).status == 200
    small.auth = f"{CHILD}:token"
    assert (await small.get(content("locked", CHILD))).status == 200
    assert (await small.get(content("locked"))).status == 401


async def test_a_new_key_is_learnt(small: "Caller") -> None:
    """As anywhere else: its first secret wins, once the request has succeeded."""
    small.auth = f"{KEY}:secret"
    assert (await small.get(content("locked"))).status == 200
    assert last(small).warnings == [f"this request fixed the secret of API key {KEY}"]
    small.auth = f"{KEY}:other"
    assert (await small.get(content("locked"))).status == 401
    assert (await small.get(content("open"))).status == 200


# -- absolute URLs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "path", "origin", "prefix"),
    [
        ("localhost:2010", content("a"), "http://localhost:2010", ""),
        ("localhost:2010", f"/api/twiliocdn/{DEFAULT_SID}/a", "http://localhost:2010", "/api"),
        ("api.twilio.com", content("a"), "https://api.twilio.com", ""),
        ("api.dublin.ie1.twilio.com", content("a"), "https://api.dublin.ie1.twilio.com", ""),
        ("mms.twiliocdn.com", f"/{DEFAULT_SID}/a", "https://mms.twiliocdn.com", ""),
        ("my-app.test", content("a"), "http://my-app.test", ""),
    ],
)
async def test_origin_and_base(
    small: "Caller", host: str, path: str, origin: str, prefix: str
) -> None:
    """Scheme and authority of the request, and the prefix where it used one."""
    small.host = host
    seen = (await small.get(path)).json
    assert (seen["origin"], seen["base_url"]) == (origin, origin + prefix)


async def test_a_request_line_with_a_whole_url(small: "Caller") -> None:
    """As a proxy gets it: that URL's host counts."""
    small.host = "localhost"
    seen = (await small.get(f"http://api.twilio.com{content('a')}")).json
    assert seen["origin"] == "https://api.twilio.com"


async def test_a_request_without_a_host(small: "Caller") -> None:
    """The address it came in by."""
    line = await small.line()
    await line.send(f"GET {content('a')} HTTP/1.0\r\n\r\n".encode())
    assert (await line.answer()).json["origin"] == f"http://127.0.0.1:{small.server.port}"


async def test_a_host_of_any_bytes(small: "Caller") -> None:
    """The answer stays JSON that can be read."""
    line = await small.line()
    await line.send(f"GET {content('a')} HTTP/1.1\r\nHost: \u00e9\r\n\r\n".encode("latin-1"))
    assert (await line.answer()).json["origin"] == "http://\ufffd"


# -- products --------------------------------------------------------------------------------------


async def test_a_product_is_loaded_when_it_is_asked_for(small: "Caller") -> None:
    """Once; its operations carry its name and version."""
    few = small.server
    assert isinstance(few, Small)
    await small.get(content("a"))
    assert few.loaded == []
    small.auth = f"{DEFAULT_SID}:{DEFAULT_TOKEN}"
    for host, path in (("messaging.twilio.com", "/v1/Where"), ("localhost", "/messaging/v1/Where")):
        small.host = host
        assert (await small.get(path)).status == 200
        assert last(small).operation == "messaging.v1.Where"
        assert last(small).domain == "messaging.twilio.com"
    assert few.loaded == ["messaging"]
