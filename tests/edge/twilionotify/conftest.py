"""A caller to the module, whose server checks its own answers and stands still."""

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.world.notify.services import NotifyServices

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

FORM = "application/x-www-form-urlencoded"


def basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


@dataclass
class Module:
    """The module as a program has it: its operations, by name; one service, which all are about."""

    caller: "Caller"
    service: str

    async def ask(self, operation: str, body: bytes, **headers: str | None) -> "Answer":
        """The answer to a body, without credentials unless a header has some."""
        common = {"Host": "localhost", "Authorization": None, "Content-Type": "application/json"}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/twilionotify/{operation}"
        return await self.caller.call("POST", path, body, {**common, **sent})

    async def __call__(self, operation: str, **arguments: Any) -> "Answer":
        """The answer to arguments as JSON; the service is among them unless they say otherwise."""
        asked = {"ServiceSid": self.service, **arguments}
        return await self.ask(operation, json.dumps(asked).encode())

    async def done(self, operation: str, **arguments: Any) -> Any:
        """What an operation that succeeds returns."""
        answer = await self(operation, **arguments)
        assert answer.status == 200, answer.body
        assert self.caller.journal[-1].warnings == []
        return answer.json

    async def bind(self, identity: str = "dev00001", **arguments: Any) -> Any:
        """What making a binding returns."""
        asked = {"BindingType": "apn", "Address": "token", **arguments}
        return await self.done("createBinding", Identity=identity, **asked)

    async def options(self, **options: Any) -> None:
        """Put these in force."""
        document = json.dumps({"scenario": {"name": "tested", "options": options}}).encode()
        local = {"Host": "localhost", "Content-Type": "application/json"}
        answer = await self.caller.call("PUT", "/_mock/scenario", document, local)
        assert answer.status == 200, answer.body


def failed(answer: "Answer", kind: str, status: int, error: str = "") -> None:
    """Fail unless an answer is an error of this type; no text stands for any."""
    assert list(answer.json) == ["type", "error", "status"]
    assert (answer.status, answer.json["type"], answer.json["status"]) == (status, kind, status)
    assert answer.json["error"]
    if error:
        assert answer.json["error"] == error


Failed = Callable[..., None]
AtModule = Callable[..., Awaitable[Module]]


@pytest.fixture(name="failed")
def _failed() -> Failed:
    """`failed(answer, "ArgumentError", 400)`."""
    return failed


@pytest.fixture(name="basic")
def _basic() -> Callable[[str, str], str]:
    """`basic("AC…", token)`: an `Authorization`."""
    return basic


@pytest.fixture
def at_module(serve: "Serve") -> AtModule:
    """`await at_module(strict_accounts=True)`: the module on such a server."""

    async def at_module(**settings: Any) -> Module:
        caller = await serve(check_responses=True, clock="manual", seed=7, **settings)
        account = caller.sandbox.accounts.find(DEFAULT_SID)
        assert account is not None
        service = await NotifyServices(caller.sandbox).create(account, {})
        return Module(caller, service.sid)

    return at_module


@pytest.fixture
async def module(at_module: AtModule) -> Module:
    """The same with the usual settings."""
    return await at_module()
