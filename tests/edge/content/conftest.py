"""A caller to content.twilio.com, whose server checks its own answers and stands still."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

CONTENT = "/v1/Content"
JSON = {"Content-Type": "application/json"}


@dataclass
class Editor:
    """Makes templates, by a caller."""

    caller: "Caller"

    async def ask(self, method: str, path: str, document: Any = None) -> "Answer":
        """One call with a JSON body, if there is one."""
        body = None if document is None else json.dumps(document).encode()
        return await self.caller.call(method, path, body, JSON)

    async def made(self, **changes: Any) -> dict[str, Any]:
        """What the create of a template answers."""
        asked = {"language": "en", "types": {"twilio/text": {"body": "Hi {{1}}!"}}, **changes}
        answer = await self.ask("POST", CONTENT, asked)
        assert answer.status == 201, answer.body
        self.sound()
        document: dict[str, Any] = answer.json
        return document

    async def submit(self, sid: str, **changes: Any) -> "Answer":
        """Hand a template in."""
        asked = {"name": "invitation", "category": "UTILITY", **changes}
        return await self.ask("POST", f"{CONTENT}/{sid}/ApprovalRequests/whatsapp", asked)

    async def listed(self, path: str = CONTENT, query: str = "") -> dict[str, Any]:
        answer = await self.ask("GET", f"{path}?{query}")
        assert answer.status == 200, answer.body
        self.sound()
        document: dict[str, Any] = answer.json
        return document

    async def advance(self, seconds: float) -> None:
        clock = self.caller.sandbox.clock
        await self.caller.sandbox.engine.advance(clock.now() + round(seconds * 1_000_000))

    def sound(self) -> None:
        """Fail where an answer broke its schema, or a field was ignored."""
        assert self.caller.journal[-1].warnings == []


AtContent = Callable[..., Awaitable[Editor]]


@pytest.fixture
def at_content(serve: "Serve") -> AtContent:
    """`await at_content(strict_accounts=True)`: the editor, on such a server."""

    async def at_content(**settings: Any) -> Editor:
        caller = await serve(**{"check_responses": True, "clock": "manual", "seed": 7, **settings})
        caller.host = "content.twilio.com"
        return Editor(caller)

    return at_content


@pytest.fixture
async def editor(at_content: AtContent) -> Editor:
    """The same with the usual settings."""
    return await at_content()
