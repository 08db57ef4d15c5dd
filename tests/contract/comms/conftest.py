"""Programs that call comms.twilio.com by themselves, since Twilio's libraries have no client."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage


@dataclass
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Program:
    """Somebody's program on one connection that it keeps, with `http.client` alone."""

    stage: "Stage"
    line: HTTPConnection
    root: str
    """What it was configured with: `http://127.0.0.1:…/comms`."""

    @property
    def login(self) -> str:
        pair = f"{self.stage.account_sid}:{self.stage.client.password}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    def ask(
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Told:
        """`url` may be a whole one, as an answer gave it, or a path behind `/v1`."""
        if url.startswith("/"):
            url = f"{self.root}/v1{url}"
        said = {"Authorization": self.login, "Content-Type": "application/json", **(headers or {})}
        split = urlsplit(url)
        target = f"{split.path}?{split.query}" if split.query else split.path
        self.line.request(method, target, body, said)
        answer = self.line.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Told(answer.status, told, answer.read())

    def post(self, document: Any, url: str = "/Messages") -> Told:
        return self.ask("POST", url, json.dumps(document).encode())

    def get(self, url: str) -> Told:
        return self.ask("GET", url)


MakeProgram = Callable[..., Program]


@pytest.fixture
def program(stage: "MakeStage", base_url: str) -> Iterator[MakeProgram]:
    """`program(scenario, clock="instant")`: in a sandbox of its own."""
    lines: list[HTTPConnection] = []
    port = urlsplit(base_url).port
    assert port is not None

    def program(scenario: Mapping[str, Any] | None = None, **order: Any) -> Program:
        lines.append(HTTPConnection("127.0.0.1", port, timeout=20))
        return Program(stage(scenario, **order), lines[-1], f"http://127.0.0.1:{port}/comms")

    yield program
    for each in lines:
        each.close()
