"""A server of this test alone, and a client of its control API that checks every answer's form."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import jsonschema
import pytest
from aiohttp import ClientSession, ClientTimeout
from multidict import CIMultiDictProxy

from mockserver.config import Settings
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.edge.control.routes import SERVED
from mockserver.edge.http.routing import Router
from mockserver.server import Server
from mockserver.world.sandbox import Sandbox
from mockserver.world.scenarios.checking import schema

ROUTER: Final = Router(SERVED, suffix="")
TO: Final = "+14155552671"
FROM: Final = "+15017122661"


@dataclass(frozen=True)
class Said:
    """One answer; its document fits the schema that the OpenAPI document promises."""

    status: int
    document: Any
    headers: CIMultiDictProxy[str]
    body: bytes

    def __getitem__(self, key: str) -> Any:
        return self.document[key]

    @property
    def type(self) -> str:
        """The word of a refusal."""
        return str(self.document["error"]["type"])

    @property
    def message(self) -> str:
        return str(self.document["error"]["message"])


@dataclass
class Desk:
    """Talks to one server, as one account, about one sandbox."""

    server: Server
    session: ClientSession
    prefix: str = "/_mock"
    sid: str = DEFAULT_SID
    token: str = DEFAULT_TOKEN
    made: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def sandbox(self) -> Sandbox:
        found = self.server.sandboxes.of_account(self.sid)
        assert found is not None
        return found

    async def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Said:
        """One call, whatever the answer."""
        if isinstance(data, dict):
            options["json"] = data
        else:
            options["data"] = data
        where = self.prefix + path
        async with self.session.request(method, self.url + where, **options) as answer:
            body = await answer.read()
            document = await answer.json() if body else None
        said = Said(answer.status, document, answer.headers, body)
        _check(method, where, said)
        return said

    async def get(self, path: str, /, **query: Any) -> Said:
        """A call that succeeds."""
        said = await self.ask("GET", path, params=query)
        assert said.status == 200, said.document
        return said

    async def post(self, path: str, data: Any = None) -> Said:
        """A call that succeeds."""
        said = await self.ask("POST", path, data)
        assert said.status < 300, said.document
        return said

    async def put(self, path: str, data: Any) -> Said:
        """A call that succeeds."""
        said = await self.ask("PUT", path, data)
        assert said.status == 200, said.document
        return said

    async def rest(self, method: str, path: str, **form: str) -> Any:
        """One call of Twilio's API: status and document."""
        login = b64encode(f"{self.sid}:{self.token}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        where = f"{self.url}/2010-04-01/Accounts/{self.sid}{path}"
        async with self.session.request(method, where, data=form, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text[:1] == "{" else {}

    async def create(self, **form: str) -> str:
        """A message's SID."""
        usual = {"To": TO, "From": FROM, "Body": "Ahoy"}
        status, document = await self.rest("POST", "/Messages.json", **{**usual, **form})
        assert status == 201, document
        self.made.append(document["sid"])
        return self.made[-1]

    async def operation(self, *to: str, **fields: Any) -> str:
        """A send of the Communications API to these numbers; the id of its operation."""
        document = {
            "from": {"address": FROM, "channel": "SMS"},
            "to": [{"address": each, "channel": "PHONE"} for each in to],
            "content": {"text": "Ahoy"},
            **fields,
        }
        login = b64encode(f"{self.sid}:{self.token}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        where = f"{self.url}/comms/v1/Messages"
        async with self.session.post(where, json=document, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
            return str((await answer.json())["operationId"])

    async def in_sandbox(self, **order: Any) -> "Desk":
        """A desk for a new sandbox."""
        made = await self.ask("POST", "/sandboxes", order)
        assert made.status == 201, made.document
        prefix = f"/_mock/sandboxes/{made['id']}"
        return Desk(self.server, self.session, prefix, made["account_sid"], made["auth_token"])


def _check(method: str, where: str, said: Said) -> None:
    if said.document is None:
        return
    name = "Error"
    if said.status < 400:
        found = ROUTER.find(where.rstrip("/"))
        assert found is not None
        route = found.route(method)
        assert route is not None
        name = route.answer if said.status == route.status else ""
    if name:
        jsonschema.validate(said.document, schema(f"control/{name}"))


Open = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """`await opened(clock="manual")`: a desk at a server with these settings."""
    async with AsyncExitStack() as stack:

        async def opened(**settings: Any) -> Desk:
            chosen = Settings(port=0, **{"clock": "instant", "callback_grace": 0, **settings})
            server = await stack.enter_async_context(Server(chosen))
            session = await stack.enter_async_context(ClientSession(timeout=ClientTimeout(30)))
            return Desk(server, session)

        yield opened


@pytest.fixture
async def desk(opened: Open) -> Desk:
    """At a server whose clock is instant."""
    return await opened()


@pytest.fixture
async def still(opened: Open) -> Desk:
    """At a server whose clock is manual."""
    return await opened(clock="manual")
