"""An API call and its answer, as values: what a handler gets and what it returns."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.edge.http.forms import FORM, check_charset, parse_form, unpacked
from mockserver.world.sandbox import Sandbox
from mockserver.world.schemas import Pairs, Reading, RequestSchema

JSON: Final = "application/json"
XML: Final = "application/xml"


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
    warnings: list[str] = []

    def pairs(self) -> Pairs:
        """The parameters of the body; none, with a warning, when it is not a form.

        Raise `TwilioError` 20001 for a body that cannot be read.
        """
        if not self.body:
            return []
        if self.content_type and self.content_type != FORM:
            kind = self.content_type.partition(";")[0].strip().lower()
            if kind != FORM:
                self.warnings.append(
                    f"the body is {kind!r}, which this API does not read: send {FORM}"
                )
                return []
            check_charset(self.content_type)
        return parse_form(unpacked(self.body, self.content_encoding))

    def read(self, schema: RequestSchema) -> Reading:
        """The body's parameters, typed and checked."""
        return self._noted(schema.read(self.pairs()))

    def read_query(self, schema: RequestSchema) -> Reading:
        """The query's parameters, typed and checked."""
        return self._noted(
            schema.read(
                parse_form(self.query.encode("utf-8", "surrogateescape")) if self.query else []
            )
        )

    def _noted(self, reading: Reading) -> Reading:
        if reading.warnings:
            self.warnings.extend(reading.warnings)
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
    """What it answers with, in `schemas/`; of a list, each record."""
