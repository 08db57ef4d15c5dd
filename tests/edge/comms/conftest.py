"""A caller to comms.twilio.com, whose server checks its own answers and stands still."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.numbers import Number
from mockserver.world.bulk.operation import Operation
from mockserver.world.scenarios import from_document
from mockserver.world.seed import sid_of
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve

FIRST, SECOND, RCS, WHATSAPP = (
    *("+14155550101", "+14155550102"),
    *("rcs:brand_agent", "whatsapp:+14155550103"),
)


@dataclass
class Comms:
    """Sends JSON, as the default account of a sandbox with four senders."""

    caller: "Caller"
    root: str = "/v1"

    async def get(self, path: str, **query: str) -> "Answer":
        return await self.caller.get(self.root + path, **query)

    async def send(self, method: str, path: str, document: object = None) -> "Answer":
        body = None if document is None else json.dumps(document).encode()
        return await self.raw(method, path, body, "application/json")

    async def raw(
        self, method: str, path: str, body: bytes | None, kind: str | None, **headers: str
    ) -> "Answer":
        return await self.caller.call(
            method, self.root + path, body, {"Content-Type": kind, **headers}
        )

    async def post(self, path: str, document: object) -> "Answer":
        return await self.send("POST", path, document)

    async def senders(self, **query: str) -> dict[str, str]:
        """Ids by address."""
        found = (await self.get("/Senders", **query)).json["senders"]
        return {each["address"]: each["id"] for each in found}

    async def pool(self, *senders: str, **fields: Any) -> dict[str, Any]:
        """A pool that was made with these senders, and was looked up by its operation."""
        named = [{"senderId": each} for each in senders]
        made = await self.post("/SenderPools", {"senders": named, **fields})
        assert made.status == 202, made.body
        listed = await self.get("/SenderPools", operationId=made.json["operationId"])
        [pool] = listed.json["senderPools"]
        assert isinstance(pool, dict)
        return pool

    async def later(self, seconds: int = 1) -> None:
        """Move the clock on."""
        engine = self.caller.sandbox.engine
        await engine.advance(engine.clock.now() + seconds * 1_000_000)

    @property
    def warnings(self) -> list[str]:
        """Of the last request."""
        return self.caller.journal[-1].warnings

    def other_account(self, digit: str = "b") -> str:
        """Credentials of a second account of the sandbox."""
        sid, token = "AC" + digit * 32, "t" * 32
        self.caller.sandbox.accounts.set_up(Account(sid, token), Unit())
        return f"{sid}:{token}"

    @staticmethod
    def sending(drop: str = "", **fields: Any) -> dict[str, Any]:
        """A send request that nothing is wrong with, but for `fields`; `from_` is `from`."""
        whole: dict[str, Any] = {
            "from": {"address": FIRST, "channel": "SMS"},
            "to": [{"address": "+14155552671", "channel": "PHONE"}],
            "content": {"text": "Ahoy"},
        }
        whole |= {name.rstrip("_"): value for name, value in fields.items()}
        whole.pop(drop, None)
        return whole

    def operation(self, answer: "Answer") -> Operation:
        """What a send request began."""
        assert answer.status == 202, answer.body
        return self.caller.sandbox.tables.operations[answer.json["operationId"]]

    def kept(self) -> bytes:
        """Everything that is in the sandbox."""
        return msgspec.json.encode(self.caller.sandbox.snapshot())

    def put(self, **scenario: Any) -> None:
        """Put a scenario in force."""
        self.caller.sandbox.regime.put(from_document(scenario), Unit())

    @staticmethod
    def faults(answer: "Answer") -> list[tuple[int, str]]:
        """Code and context of each; the envelope has nothing else."""
        document = answer.json
        assert list(document) == ["errors"]
        for each in document["errors"]:
            assert list(each) == ["code", "message", "infoUrl", "context"]
            assert each["infoUrl"] == f"https://www.twilio.com/docs/api/errors/{each['code']}"
            assert each["message"]
        assert answer.header("X-Twilio-Error-Code") == str(document["errors"][0]["code"])
        return [(each["code"], each["context"]) for each in document["errors"]]


AtComms = Callable[..., Awaitable[Comms]]

Between = Callable[[str], Awaitable[None]]


@pytest.fixture
def between() -> Between:
    """`await between("in_turns")`: until somebody waits in that coroutine."""

    def met(name: str) -> bool:
        return any(name in _awaited(task.get_coro()) for task in asyncio.all_tasks())

    async def between(name: str) -> None:
        async with asyncio.timeout(20):
            for _ in iter(lambda: met(name), True):
                await asyncio.sleep(0)

    return between


def _awaited(coroutine: Any) -> list[str]:
    """The names of a coroutine and of those that it waits for, one in another."""
    names = []
    while hasattr(coroutine, "cr_await"):
        names.append(coroutine.__name__)
        coroutine = coroutine.cr_await
    return names


@pytest.fixture
def at_comms(serve: "Serve") -> AtComms:
    """`await at_comms(strict_senders=True)`: the caller, on such a server."""

    async def at_comms(**settings: Any) -> Comms:
        caller = await serve(check_responses=True, **{"clock": "manual", "seed": 7, **settings})
        caller.host = "comms.twilio.com"
        tables = caller.sandbox.tables
        for address in (FIRST, SECOND, RCS, WHATSAPP):
            sid = sid_of(address, caller.sandbox.dice)
            tables.numbers[address] = Number(address, DEFAULT_SID, sid=sid)
        return Comms(caller)

    return at_comms


@pytest.fixture
async def comms(at_comms: AtComms) -> AsyncIterator[Comms]:
    """The same with the usual settings; no answer broke its schema, or any by accident."""
    comms = await at_comms()
    yield comms
    said = [each for entry in comms.caller.journal for each in entry.warnings]
    assert not [each for each in said if "breaks" in each]
    assert all(entry.status < 500 for entry in comms.caller.journal)
