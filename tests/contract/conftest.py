"""The official helper library, unmodified, against a real server on a real socket."""

import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from flask import Flask, request
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from mockserver.config import Settings
from mockserver.server import Server, ServerThread

TWILIO = "https://api.twilio.com"


@dataclass
class Exchange:
    """What was asked and answered, as the library had it on the wire."""

    method: str
    url: str
    """As the library meant it: at Twilio's own host."""
    status_code: int
    text: str


class ToMock(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """Sends what is meant for Twilio's hosts to another address, and keeps every answer."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=20)
        self.session.trust_env = False  # neither a proxy nor a .netrc is meant for it
        self.base_url, self.answers = base_url, list[Any]()
        self.exchanges: list[Exchange] = []

    def request(self, method: str, url: str, **options: Any) -> Any:
        host = urlsplit(url).netloc
        options["headers"] = {**(options.get("headers") or {}), "Host": host}
        answer = super().request(method, url.replace(f"https://{host}", self.base_url), **options)
        self.answers.append(answer)
        self.exchanges.append(Exchange(method, url, answer.status_code, answer.text))
        return answer


class AsyncToMock(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """The same for the asynchronous client."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url

    async def request(self, method: str, url: str, **options: Any) -> Any:
        login = aiohttp.encode_basic_auth(*options.pop("auth")) if _new_aiohttp() else None
        headers = {**options.pop("headers", {}), "Host": "api.twilio.com"}
        if login:
            headers["Authorization"] = login
        url = url.replace(TWILIO, self.base_url, 1)
        return await super().request(method, url, headers=headers, **options)


def _new_aiohttp() -> bool:
    """Whether aiohttp warns of its own `BasicAuth`, which the library uses (3.14 on)."""
    return hasattr(aiohttp, "encode_basic_auth")


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """A server for synchronous clients."""
    thread = ServerThread(Settings(port=0, clock="instant", callback_grace=0))
    thread.start()
    yield thread.url
    thread.stop()


@pytest.fixture
def http(base_url: str) -> Iterator[ToMock]:
    http = ToMock(base_url)
    yield http
    http.session.close()


@pytest.fixture
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def client(http: ToMock, token: str) -> Client:
    """A client of an account that nobody has seen before."""
    return Client(f"AC{secrets.token_hex(16)}", token, http_client=http)


@dataclass
class Stage:
    """A sandbox of its own: an official client in front, the control API behind."""

    http: ToMock
    id: str
    account_sid: str
    client: Client

    @property
    def messages_url(self) -> str:
        """Where the library creates and lists messages."""
        return f"{TWILIO}/2010-04-01/Accounts/{self.account_sid}/Messages.json"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the control API answers about this sandbox; fails unless it is content."""
        answer = _controlled(self.http, method, f"/sandboxes/{self.id}{path}", body)
        return answer.json() if answer.content else None

    def create(self, form: Mapping[str, Any]) -> Any:
        """The answer to a create with raw parameters, which the library itself might not send."""
        return self.client.request("POST", self.messages_url, data=dict(form))

    def advance(self, **how: Any) -> None:
        """Let time pass: `seconds=60`, or `until="idle"`."""
        self.control("POST", "/clock/advance", how)


def _controlled(http: ToMock, method: str, path: str, body: Any) -> Any:
    answer = http.session.request(method, f"{http.base_url}/_mock{path}", json=body, timeout=20)
    assert answer.status_code < 400, answer.text
    return answer


MakeStage = Callable[..., Stage]


@pytest.fixture
def stage(http: ToMock) -> Iterator[MakeStage]:
    """`stage(scenario, clock="manual")` makes a sandbox; a scenario as in the control API."""
    made: list[Stage] = []

    def stage(scenario: Mapping[str, Any] | None = None, **order: Any) -> Stage:
        document = {"name": "test", **(scenario or {})}
        order = {"clock": "manual", "scenario": document, **order}
        found = _controlled(http, "POST", "/sandboxes", order).json()
        sid, token = found["account_sid"], found["auth_token"]
        made.append(Stage(http, found["id"], sid, Client(sid, token, http_client=http)))
        return made[-1]

    yield stage
    for each in made:
        _controlled(http, "DELETE", f"/sandboxes/{each.id}", None)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server for asynchronous clients, of this test alone."""
    async with Server(Settings(port=0, clock="instant", callback_grace=0)) as server:
        yield server


@pytest.fixture
async def async_client(server: Server) -> AsyncIterator[Client]:
    http = AsyncToMock(server.url)
    async with http:
        yield Client(f"AC{secrets.token_hex(16)}", "token", http_client=http)


@dataclass
class Application:
    """Somebody's Flask application, which believes only what Twilio signed."""

    token: str
    url: str = ""
    told: list[dict[str, str]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def status(self) -> tuple[str, int]:
        signature = request.headers.get("X-Twilio-Signature", "")
        genuine = RequestValidator(self.token).validate(request.url, request.form, signature)
        with self.changed:
            self.told.append(dict(request.form) if genuine else {"forged": request.url})
            self.changed.notify_all()
        return "", 204 if genuine else 403

    def wait_for(self, count: int) -> list[dict[str, str]]:
        """What it was told, once there is so much of it."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) >= count, timeout=20)
            return list(self.told)


@pytest.fixture
def application(token: str, served: Callable[[Flask], str]) -> Application:
    application, flask = Application(token), Flask("application")
    flask.add_url_rule("/status", view_func=application.status, methods=["POST"])
    application.url = f"{served(flask)}/status"
    return application
