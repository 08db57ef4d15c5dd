"""The control API beside Twilio's: what sets a sandbox up, and shows what became of it."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

Control = Callable[..., Awaitable[Any]]
Put = Callable[..., Awaitable[None]]

LOCAL = {"Host": "localhost", "Authorization": None, "Content-Type": "application/json"}


@pytest.fixture
def control() -> Control:
    """`await control(api, "POST", "/inbound", {…})`: the document of a call that succeeds."""

    async def control(api: "Caller", method: str, path: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        answer = await api.call(method, f"/_mock{path}", body, LOCAL)
        assert answer.status < 300, answer.body
        return answer.json if answer.body else None

    return control


@pytest.fixture
def put(control: Control) -> Put:
    """`await put(api, senders="strict", options={…})`: the scenario with these keys is in force."""

    async def put(api: "Caller", **document: Any) -> None:
        await control(api, "PUT", "/scenario", {"scenario": {"name": "tested", **document}})

    return put
