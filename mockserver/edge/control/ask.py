"""A call of the control API and its answer, as values: what a handler gets and what it returns."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson
from aiohttp import web

from mockserver.domain.errors import TwilioError
from mockserver.domain.matching import near
from mockserver.domain.version import __version__
from mockserver.edge.control.refusals import Refusal
from mockserver.edge.http.forms import BODY_LIMIT, parse_form, unpacked
from mockserver.world.ports import Routes
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes
from mockserver.world.scenarios import Library
from mockserver.world.scenarios.checking import complaints, whole
from mockserver.world.scenarios.faults import dotted

if TYPE_CHECKING:
    from mockserver.domain.audiences.rows import Rows

Query = dict[str, list[str]]

Probe = Callable[[Mapping[str, Any], Routes], Awaitable[dict[str, Any]]]
"""Tries a webhook: `control/Probe` with account and token in, `control/ProbeReport` out.

By the sandbox's webhook map, and then the server's.
"""


class Roots(Protocol):
    """Gives the certificate of the mock's CA as PEM, behind the system's roots or alone."""

    def __call__(self, *, system: bool) -> Awaitable[bytes]: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One call."""

    request: web.BaseRequest
    sandboxes: Sandboxes
    library: Library
    sandbox: Sandbox
    """The one that the path names; `default` where it names none."""
    params: Mapping[str, str]
    """What the path's placeholders stand for."""
    query: Query
    body: Any
    """The JSON, checked against the route's schema; {} where there is none."""
    uptime: float
    """Seconds since the server started."""
    later: Callable[[Coroutine[Any, Any, None]], None]
    """Has something done after the answer."""
    probe: Probe
    roots: Roots

    def parameter(self, name: str, usual: str = "") -> str:
        """A query parameter; the last one where it is repeated."""
        return self.query.get(name, [usual])[-1]


@dataclass(frozen=True, slots=True)
class Answer:
    """A document and its status; `body` in place of the document where it is written already."""

    status: int = 200
    document: object = None
    body: bytes | None = None


Handler = Callable[[Ask], Awaitable[Answer | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: `path` with `{placeholders}`, below `/_mock`."""

    method: str
    path: str
    handler: Handler
    summary: str
    body: str = ""
    """The schema of its body: a file in `schemas/`, or `given`, `delivery`, `faults`."""
    answer: str = ""
    """The schema of its answer, where there is one."""
    query: tuple[str, ...] = ()
    status: int = 200
    """Of its answer when all is well."""
    shared: bool = False
    """Whether it is the server's and not a sandbox's."""
    rows: bool = False
    """Whether its body may be rows of a table instead, which it reads by itself: `rows_of`."""
    streamed: bool = False
    """Whether it reads its body by itself, in pieces."""


# Reading


async def read_body(request: web.BaseRequest) -> bytes:
    """The body, unpacked; refuse what is too large or broken."""
    too_large = Refusal("too_large", f"the body is larger than {BODY_LIMIT} bytes")
    if (request.content_length or 0) > BODY_LIMIT:
        raise too_large
    try:
        body = await request.read() if request.body_exists else b""
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    except web.RequestPayloadError as broken:
        raise Refusal("bad_json", f"the body could not be read: {broken}") from None
    try:
        return unpacked(body, request.headers.get("Content-Encoding", "").lower())
    except TwilioError as wrong:
        if wrong.status == too_large.status:
            raise too_large from None
        raise Refusal("bad_json", "the body's compression is broken or unknown") from None


def rows_of(request: web.BaseRequest) -> "Rows | None":
    """What reads the body where that is CSV or JSON Lines, by its content type."""
    from mockserver.domain.audiences.rows import KINDS  # few send any

    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return KINDS[kind]() if kind in KINDS else None


async def read_document(request: web.BaseRequest, route: Route) -> Any:
    """The body as the route wants it; {} where it has none, or reads it by itself."""
    if not route.body or route.streamed or (route.rows and rows_of(request) is not None):
        return {}
    meant = "; rows are sent as text/csv or application/x-ndjson" if route.rows else ""
    return read_json(await read_body(request), route.body, meant)


def read_json(data: bytes, schema: str, meant: str = "") -> Any:
    """The document in a body, whatever its content type says; refuse what does not fit `schema`.

    `meant` is said of what is not JSON.
    """
    try:
        document = orjson.loads(data) if data.strip() else {}
    except orjson.JSONDecodeError as wrong:
        raise Refusal("bad_json", f"the body is not JSON: {wrong}{meant}") from None
    refuse_misfit(document, schema)
    return whole(document, schema)


def refuse_misfit(document: object, schema: str) -> None:
    """Raise `Refusal` for a document that does not fit a schema."""
    found = complaints(document, schema)
    if not found:
        return
    faults = [
        {"path": dotted(each.path), "message": each.message, "hint": each.hint} for each in found
    ]
    raise Refusal("bad_body", "; ".join(map(_said, faults)), {"faults": faults})


def _said(fault: Mapping[str, str]) -> str:
    meant = f"; did you mean {fault['hint']!r}?" if fault["hint"] else ""
    return ": ".join(part for part in (fault["path"], fault["message"] + meant) if part)


def read_query(text: str, known: Sequence[str]) -> Query:
    """Parameters by name; refuse those that the call does not know."""
    found: Query = {}
    for name, value in parse_form(text.encode("utf-8", "replace")):
        found.setdefault(name, []).append(value)
    for name in found:
        if name not in known:
            raise Refusal(
                "bad_parameter", _unknown(name, known), {"parameter": name, "known": list(known)}
            )
    return found


def _unknown(name: str, known: Sequence[str]) -> str:
    if not known:
        return f"{name}: this call takes no parameters in its query"
    hint = near(name, known)
    return f"{name}: there is no such parameter" + (f"; did you mean {hint!r}?" if hint else "")


# Writing

JSON: Final = "application/json"
SERVER: Final = f"twilio-mockserver/{__version__}"


@dataclass(frozen=True, slots=True)
class Written:
    """What becomes an HTTP answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        """As aiohttp has it."""
        headers = {"Server": SERVER, **self.headers}
        kind = JSON if self.body else None
        return web.Response(status=self.status, body=self.body, headers=headers, content_type=kind)


def encoded(document: object) -> bytes:
    """A document as JSON; what is no UTF-8, say out of a path, is escaped."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        import json

        return json.dumps(document).encode()
