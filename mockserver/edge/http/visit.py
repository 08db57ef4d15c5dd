"""What the front learns of a request on its way through, for the journal and the headers."""

import re
from typing import Final

import msgspec
from aiohttp import web

from mockserver.edge.http.call import Route
from mockserver.edge.http.hosts import API_ROOT, Destination
from mockserver.edge.http.routing import SUFFIX, Found
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes

_SID: Final = re.compile(r"(?:AC|SK)[0-9a-fA-F]{32}").search


class Visit(msgspec.Struct):
    """One request, filled in as more is known."""

    request: web.BaseRequest
    host: str
    path: str
    query: str
    where: Destination
    started: float
    body: bytes = b""
    params: dict[str, str] = {}
    found: Found[Route] | None = None
    """What the path leads to; with it but without an operation, the method is not served."""
    operation: str = ""
    account_sid: str = ""
    sandbox: Sandbox | None = None
    newcomer: str = ""
    """The account or key whose secret this request fixed."""
    concurrent: int = 1
    fault: str = ""
    warnings: list[str] = []
    served: bool = True

    @property
    def wants_xml(self) -> bool:
        """The v2010 API answers XML where the path has no `.json`."""
        if self.path.endswith(SUFFIX):
            return False
        return self.where.product == "api" and self.where.path.startswith(API_ROOT)

    def guess(self, sandboxes: Sandboxes) -> Sandbox:
        """Whose journal a request that was not admitted belongs to: by any SID it names."""
        named = _SID(self.path)
        return (sandboxes.of_account(named[0]) if named else None) or sandboxes.home
