"""An API call and its answer, as values: what a handler gets and what it returns."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.errors import NOT_FOUND, TwilioError
from mockserver.edge.http.auth import Access, Admission
from mockserver.edge.http.forms import (
    FORM,
    FORM_DATA,
    check_charset,
    parse_form,
    parts_of,
    unpacked,
)
from mockserver.world.sandbox import Sandbox
from mockserver.world.schemas import Pairs, Reading, RequestSchema

if TYPE_CHECKING:
    from mockserver.world.gates import Unseen

JSON: Final = "application/json"
XML: Final = "application/xml"


class Asked(Protocol):
    """The request behind a call, for what few handlers want to know."""

    @property
    def origin(self) -> str: ...

    @property
    def base_url(self) -> str: ...

    @property
    def resource(self) -> str: ...

    @property
    def unseen(self) -> "Unseen | None": ...

    def authorize(self) -> None: ...

    def authorize_client(self, client_id: str, secret: str) -> Admission: ...


class Call(msgspec.Struct):
    """One API call, admitted to a sandbox."""

    method: str
    path: str
    """As sent, without the query."""
    query: str
    content_type: str
    content_encoding: str
    body: bytes
    sandbox: Sandbox
    account: Account
    """The account acted on: the path's, which a parent may act on as well."""
    params: dict[str, str]
    """What the path's placeholders stand for."""
    asked: Asked
    warnings: list[str] = []

    @property
    def origin(self) -> str:
        """Scheme and authority as the client knows them: `http://localhost:2010`.

        `https` where the Host is one of Twilio's.
        """
        return self.asked.origin

    @property
    def base_url(self) -> str:
        """What absolute URLs of the product's own resources begin with.

        The origin, and the product's short name where the request used that:
        `http://localhost:2010/messaging`, or `https://messaging.twilio.com`.
        """
        return self.asked.base_url

    def missing(self) -> TwilioError:
        """20404 for what the path names, in the words of its product."""
        return TwilioError(NOT_FOUND, path=self.asked.resource)

    def authorize(self) -> None:
        """For public routes: raise `TwilioError` 20003 unless the request may act on the account.

        That is, unless its credentials are those of the path's account or of its parent.
        """
        self.asked.authorize()

    def authorize_client(self, client_id: str, secret: str) -> Admission:
        """For public routes: who a client of OAuth acts for; raise `TwilioError` 20003 or 20005."""
        return self.asked.authorize_client(client_id, secret)

    def pairs(self) -> Pairs:
        """The parameters of the body; none, with a warning, when it is not a form.

        Raise `TwilioError` 20001 for a body that cannot be read.
        """
        return parse_form(self._form())

    def _form(self) -> bytes:
        if not self.body:
            return b""
        if self.content_type and self.content_type != FORM:
            kind = self.content_type.partition(";")[0].strip().lower()
            if kind == FORM_DATA:
                return self._parts()
            if kind != FORM:
                self.warnings.append(
                    f"the body is {kind!r}, which this API does not read: send {FORM}"
                )
                return b""
            check_charset(self.content_type)
        return unpacked(self.body, self.content_encoding) if self.content_encoding else self.body

    def _parts(self) -> bytes:
        """A body in parts as a form; none, with a warning, when it is broken."""
        from mockserver.edge.http.multipart import as_form  # few programs send such

        body = unpacked(self.body, self.content_encoding)
        try:
            return as_form(body, self.content_type)
        except ValueError as problem:
            self.warnings.append(f"the body cannot be read: {problem}; send {FORM}")
            return b""

    def read(self, schema: RequestSchema) -> Reading:
        """The body's parameters, typed and checked."""
        if self.query and not self.body:
            self.warnings.append(f"the query was not read: send parameters as {FORM}")
        return self._noted(schema.read(self.pairs()))

    async def read_large(self, schema: RequestSchema) -> Reading:
        """The same of a body that may be large: between its parts, others have their turn."""
        pairs: Pairs = []
        for part in parts_of(self._form()):
            pairs += parse_form(part)
            await asyncio.sleep(0)
        return self._noted(schema.read(pairs))

    def read_query(self, schema: RequestSchema) -> Reading:
        """The query's parameters, typed and checked."""
        if self.body and not self.query:
            self.warnings.append("the body was not read: send parameters in the query")
        return self._noted(
            schema.read(
                parse_form(self.query.encode("utf-8", "surrogateescape")) if self.query else []
            )
        )

    def _noted(self, reading: Reading) -> Reading:
        if reading.warnings:
            again = tuple(f"`{name}`" for name in self.params)  # harmless: the path has said so
            self.warnings += [said for said in reading.warnings if not said.startswith(again)]
        return reading


class Reply(msgspec.Struct):
    """An answer, before what all answers have in common is added."""

    status: int
    body: bytes = b""
    entropy: str = ""
    """The hex part of the SID that was made; the request id has it too."""
    release: str = ""
    """The message whose callbacks wait for this answer to be written."""
    error: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON
    secrets: tuple[str, ...] = ()
    """Values in the body that are kept out of the journal; "" counts for nothing."""
    kept: bool = False
    """Whether the handler waited until all that it changed was kept, and changed nothing since."""


Handler = Callable[[Call], Awaitable[Reply]]


class Route(msgspec.Struct, frozen=True):
    """One operation: `path` with `{Placeholders}` and without its `.json`."""

    method: str
    path: str
    operation: str
    """The operationId of the published description."""
    handler: Handler
    test_credentials: bool = False
    """Whether test credentials may use it."""
    schema: str = ""
    """What it answers with, in `schemas/`; of a list, each record.

    Its last part is the name of the element in XML.
    """
    access: Access = "any"
    """Which credentials may use it."""
    public: bool = False
    """Whether it needs no credentials, and heeds none: the account of the path decides.

    An account that is not known answers with 20404. Without one, it is the same for everybody.
    """
    version: str = ""
    """Of the API, as operations are named in the journal; "" for its product's."""
