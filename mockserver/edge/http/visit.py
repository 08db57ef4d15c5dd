"""What the front learns of a request on its way through, for the journal and the headers."""

import re
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from mockserver.edge.http.hosts import Destination
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes

_SID: Final = re.compile(r"(?:AC|SK)[0-9a-fA-F]{32}").search


@dataclass(slots=True)
class Visit:
    """One request, filled in as more is known."""

    request: web.BaseRequest
    host: str
    path: str
    query: str
    where: Destination
    started: float
    body: bytes = b""
    params: dict[str, str] = field(default_factory=dict)
    suffixed: bool = True
    allow: str = ""
    operation: str = ""
    account_sid: str = ""
    sandbox: Sandbox | None = None
    concurrent: int = 1
    fault: str = ""
    warnings: list[str] = field(default_factory=list)
    served: bool = True

    @property
    def wants_xml(self) -> bool:
        """The v2010 API answers XML where the path has no `.json`."""
        return not self.suffixed and self.where.product == "api"

    def guess(self, sandboxes: Sandboxes) -> Sandbox:
        """Whose journal a request that was not admitted belongs to: by any SID it names."""
        named = _SID(self.path)
        return (sandboxes.of_account(named[0]) if named else None) or sandboxes.home
