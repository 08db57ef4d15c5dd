"""Three applications that believe only what Twilio signed, each a process of its own."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mockserver import MockTwilio

HERE = Path(__file__).parent
NODE = HERE.parents[1] / "node"
ANSWERS = HERE / "answers.json"
TOKEN = secrets.token_hex(16)
"""What the applications take for their account's Auth Token."""

PATIENCE = 30
"""Seconds of wall time until an application that says nothing is given up."""

Missing = Callable[[str, str], NoReturn]


@dataclass(frozen=True)
class Kept:
    """A request that an application got, as it understood it."""

    method: str
    path: str
    params: Mapping[str, tuple[str, ...]]
    """Of query and form together."""
    status: int
    """What it answered."""

    @property
    def believed(self) -> bool:
        return self.status not in (400, 403)


@dataclass(frozen=True)
class Receiver:
    """A running application."""

    name: str
    port: int
    token: str = TOKEN

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"

    def kept(self) -> list[Kept]:
        """What it got since it was asked last."""
        _, body = self.ask("DELETE", "/kept")
        return [_read(each) for each in json.loads(body)]

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of its answer; in the names of headers, `_` is a dash."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _read(document: Mapping[str, Any]) -> Kept:
    params = {
        name: (value,) if isinstance(value, str) else tuple(value)
        for name, value in document["params"].items()
    }
    return Kept(document["method"], document["path"], params, document["status"])


def _command(name: str, missing: Missing) -> Sequence[str | Path]:
    if name != "express":
        return sys.executable, HERE / f"{name}_app.py", ANSWERS
    node, log = shutil.which("node"), NODE / "npm.log"
    if node is None:
        missing("node", "it is not installed")
    if not (NODE / "node_modules" / "twilio").is_dir():
        said = log.read_text("utf-8")[:300].strip() if log.exists() else "`make test` does it"
        missing("node", f"its packages are not installed: {said}")
    return node, NODE / "express_app.js", ANSWERS


@pytest.fixture(scope="session", params=["flask", "aiohttp", "express"])
def running_receiver(request: pytest.FixtureRequest, missing: Missing) -> Iterator[Receiver]:
    """One of them, for as long as the tests that want it."""
    process = subprocess.Popen(
        _command(request.param, missing),
        env={**os.environ, "TWILIO_AUTH_TOKEN": TOKEN},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline()
        assert port, f"{request.param} did not start: status {process.wait()}"
        yield Receiver(request.param, int(port))
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def receiver(running_receiver: Receiver) -> Receiver:
    """The same, and it has got nothing yet."""
    running_receiver.kept()
    return running_receiver


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A Twilio whose account has the token of the applications."""
    sid = f"AC{secrets.token_hex(16)}"
    with MockTwilio(account_sid=sid, auth_token=TOKEN) as twilio:
        yield twilio
