"""What the front learns of a request on its way through, for the journal and the headers."""

import re
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from aiohttp import web

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.auth import Admission, admit, admit_client, credentials
from mockserver.edge.http.call import Reply, Route
from mockserver.edge.http.hosts import API_ROOT, Destination, product_of
from mockserver.edge.http.product import Product
from mockserver.edge.http.refusals import refusal
from mockserver.edge.http.reply import Written
from mockserver.edge.http.routing import SUFFIX, Found
from mockserver.world.journal import BODY_KEPT, RequestEntry
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes

if TYPE_CHECKING:
    from mockserver.world.gates import Unseen

_SID: Final = re.compile(r"(?:AC|SK)[0-9a-fA-F]{32}").search
_VERSION: Final = re.compile(r"^/v\d+(?=/)")


class Spoiled(Protocol):
    """What a fault does to an answer; see `edge.misbehaving`."""

    unseen: "Unseen | None"

    def dress(self, reply: Reply) -> None: ...

    def told(self, entry: RequestEntry) -> RequestEntry: ...

    def written(self, head: str, body: bytes, status: int, keep_alive: bool) -> Written: ...


class Visit(msgspec.Struct):
    """One request, filled in as more is known."""

    sandboxes: Sandboxes
    request: web.BaseRequest
    host: str
    path: str
    query: str
    where: Destination
    started: float
    body: bytes = b""
    params: dict[str, str] = {}
    product: Product | None = None
    """What serves it; nothing for what is not served."""
    found: Found[Route] | None = None
    """What the path leads to; with it but without an operation, the method is not served."""
    operation: str = ""
    account_sid: str = ""
    sandbox: Sandbox | None = None
    login: str = ""
    """What a body gave in place of an `Authorization`."""
    authorized: Admission | None = None
    """What the credentials of a public route gave, once somebody asked."""
    newcomer: str = ""
    """The account or key whose secret this request fixed."""
    concurrent: int = 1
    fault: str = ""
    """The rule that fired."""
    as_told: bool = False
    """Whether the body is a fault's own, and stays what it is."""
    spoiled: Spoiled | None = None
    """What a fault does to the answer on its way."""
    warnings: list[str] = []
    served: bool = True

    @property
    def wants_xml(self) -> bool:
        """The v2010 API answers XML where the path has no `.json`."""
        if self.path.endswith(SUFFIX):
            return False
        return self.where.product == "api" and self.where.path.startswith(API_ROOT)

    @property
    def element(self) -> str:
        """The XML element around a single record: what its schema is called."""
        route = self.found.route(self.request.method) if self.found is not None else None
        return route.schema.rpartition("/")[2] if route is not None else ""

    @property
    def header(self) -> str | None:
        """The credentials."""
        return self.request.headers.get("Authorization") or self.login or None

    @property
    def kept_body(self) -> bytes:
        """What the journal keeps of the body."""
        beginning = self.body[:BODY_KEPT]
        if self.product is None:
            return beginning
        return self.product.kept(beginning, self.request.headers)

    @property
    def resource(self) -> str:
        """The path as the text of a 404 names it."""
        if self.product is not None:
            return self.product.resource(self.path, self.where.path)
        return _VERSION.sub("", self.where.path) if self.where.product else self.path

    @property
    def origin(self) -> str:
        """Scheme and authority as the client knows them; `https` for Twilio's own hosts."""
        scheme = "https" if product_of(self.host) else self.request.scheme
        host = self.host.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return f"{scheme}://{host or self._address}"

    @property
    def base_url(self) -> str:
        """The origin, and the product's short name where the request used that."""
        own = self.where.path
        return self.origin + (self.path[: -len(own)] if self.path.endswith(own) else "")

    @property
    def _address(self) -> str:
        """Where a request without a Host came in."""
        transport = self.request.transport
        name = transport.get_extra_info("sockname") if transport is not None else None
        host, port = name[:2] if name else ("localhost", 0)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def unseen(self) -> "Unseen | None":
        """What a list must not show, by a fault."""
        return self.spoiled.unseen if self.spoiled is not None else None

    def authorize(self) -> None:
        """Raise `TwilioError` 20003 unless the credentials may act on the path's account."""
        self.authorized = admit(self.sandboxes, self.header, self.params.get("AccountSid"))

    def authorize_client(self, client_id: str, secret: str) -> Admission:
        """Admit a client of OAuth; raise `TwilioError` 20003, or 20005."""
        admission = self.authorized = admit_client(self.sandboxes, client_id, secret)
        self.sandbox, self.account_sid = admission.sandbox, admission.account.sid
        return admission

    async def settled(self) -> None:
        """Return once everything that the request did is kept; raise `NotKept`."""
        if self.sandbox is not None and (ledger := self.sandbox.ledger) is not None:
            await ledger.settled()

    def refused(self, error: TwilioError) -> Reply:
        """A refusal as the product words it, where one was found."""
        if self.product is None:
            return refusal(error)
        return self.product.refusal(error, bool(self.found))

    def guess(self) -> Sandbox:
        """Whose journal a request that was not admitted belongs to.

        That of any account or key that its path names, else of the one in its credentials.
        """
        named = _SID(self.path)
        sandbox = self.sandboxes.of_account(named[0]) if named else None
        return sandbox or self._senders() or self.sandboxes.home

    def _senders(self) -> Sandbox | None:
        try:
            user, _ = credentials(self.header)
        except TwilioError:
            return None  # what is wrong with them was said in the answer
        return self.sandboxes.of_account(user)
