"""The Communications API, comms.twilio.com, for tests: Twilio's libraries have no client for it.

PYTEST_DONT_REWRITE
"""

import json
from asyncio import to_thread
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

from mockserver.handles.connection import PATIENCE, Pool

VERSIONS: Final = ("v1", "preview")

OPERATION: Final = "comms_operation_"


class Headers(Mapping[str, str]):
    """Headers of an answer, whatever their case."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._values = {name.lower(): value for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({dict(self._pairs)!r})"


@dataclass(frozen=True, slots=True)
class CommsResponse:
    """What the API answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as a document; raise `ValueError` for an empty one."""
        return json.loads(self.content)

    @property
    def operation_id(self) -> str:
        """Of the operation that was accepted; raise `ValueError` where none was."""
        return operation_id(self)


class Comms:
    """Calls the API as the sandbox's account. A refusal is an answer like any other."""

    def __init__(self, pool: Pool, account_sid: str, auth_token: str) -> None:
        self._pool = pool
        secret = b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._authorization = f"Basic {secret}"

    def get(
        self, path: str, params: Mapping[str, object] | None = None, **options: Any
    ) -> CommsResponse:
        """`path` is below `/v1`, or a location that the API gave; `params` are its query."""
        return self.request("GET", path, params=params, **options)

    def post(self, path: str, json: object = None, **options: Any) -> CommsResponse:
        """`json` is the document to be sent."""
        return self.request("POST", path, json=json, **options)

    def patch(self, path: str, json: object = None, **options: Any) -> CommsResponse:
        """`json` is the document to be sent."""
        return self.request("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> CommsResponse:
        """Delete what is there."""
        return self.request("DELETE", path, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = PATIENCE,
    ) -> CommsResponse:
        """One call; `content` is a body as it is, instead of `json`. Raise `ServerGone`.

        `timeout` is in seconds of wall time; `headers` go before those that a call has anyway.
        """
        body = _encoded(json) if content is None else content
        kind = {"Content-Type": "application/json"} if body is not None else {}
        sent = {"Authorization": self._authorization, **kind, **(headers or {})}
        answer, said = self._pool.send(method, _target(path, params), body, sent, timeout)
        return CommsResponse(answer.status, Headers(answer.getheaders()), said)


class AsyncComms:
    """The Communications API; every call is a coroutine."""

    def __init__(self, comms: Comms) -> None:
        self._comms = comms

    async def get(
        self, path: str, params: Mapping[str, object] | None = None, **options: Any
    ) -> CommsResponse:
        """As `Comms.get`."""
        return await to_thread(self._comms.get, path, params, **options)

    async def post(self, path: str, json: object = None, **options: Any) -> CommsResponse:
        """As `Comms.post`."""
        return await to_thread(self._comms.post, path, json, **options)

    async def patch(self, path: str, json: object = None, **options: Any) -> CommsResponse:
        """As `Comms.patch`."""
        return await to_thread(self._comms.patch, path, json, **options)

    async def delete(self, path: str, **options: Any) -> CommsResponse:
        """As `Comms.delete`."""
        return await to_thread(self._comms.delete, path, **options)

    async def request(self, method: str, path: str, **options: Any) -> CommsResponse:
        """As `Comms.request`."""
        return await to_thread(self._comms.request, method, path, **options)


def _encoded(document: object) -> bytes | None:
    return None if document is None else json.dumps(document).encode()


def _target(path: str, params: Mapping[str, object] | None) -> str:
    """Where a path is on the server."""
    parts = urlsplit(path)
    segments = [part for part in parts.path.split("/") if part]
    if segments[:1] == ["comms"]:  # a location that was asked for so
        del segments[0]
    if segments[:1] and segments[0] not in VERSIONS:
        segments.insert(0, VERSIONS[0])
    query = [each for each in (parts.query, urlencode(params or {}, doseq=True)) if each]
    return "/comms/" + "/".join(segments) + (f"?{'&'.join(query)}" if query else "")


# Which operation


class Answered(Protocol):
    """An answer of any HTTP client."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def json(self) -> Any: ...


def operation_id(accepted: "str | Mapping[str, Any] | Answered") -> str:
    """The operation's id, out of itself, its location, or an answer of any client.

    Raise `ValueError` for what names none, such as the answer to a refused request.
    """
    if isinstance(accepted, str):
        found = accepted.rstrip("/").rpartition("/")[2]
    elif isinstance(accepted, Mapping):
        found = str(accepted.get("operationId") or accepted.get("id") or "")
    else:
        found = _of_answer(accepted) if hasattr(accepted, "headers") else ""
    if not found.startswith(OPERATION):
        raise ValueError(f"this names no operation: {_shown(accepted)}")
    return found


def _of_answer(answer: Answered) -> str:
    """Its headers or its body say it, or both."""
    for name, value in answer.headers.items():
        if name.lower() in ("operationid", "operation-id"):
            return str(value)
    try:
        document = answer.json()
    except ValueError:
        return ""
    return str(document.get("operationId", "")) if isinstance(document, Mapping) else ""


def _shown(accepted: object) -> str:
    """An answer with what it says: a refusal names its errors."""
    status = getattr(accepted, "status", None) or getattr(accepted, "status_code", None)
    text = getattr(accepted, "text", None)
    said = f"{status} {text}" if status and isinstance(text, str) else repr(accepted)
    return said[:2_000]
