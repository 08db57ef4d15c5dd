"""Which operation a path means: a tree of path segments, so that every route costs the same.

aiohttp's own router tries one after another all routes that share their literal beginning, and
nearly all of ours begin with `/2010-04-01/Accounts/`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import msgspec

from mockserver.domain.sids import is_sid
from mockserver.edge.http.call import Route

SUFFIX: Final = ".json"


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    """By method."""
    name: str = ""
    """The placeholder that the segment fills; "" for a literal one."""


class Found(msgspec.Struct, frozen=True):
    """What a path leads to."""

    routes: dict[str, Route]
    params: dict[str, str]

    def route(self, method: str) -> Route | None:
        """The route for a method; HEAD is GET without its body."""
        return self.routes.get("GET" if method == "HEAD" else method)

    @property
    def allow(self) -> str:
        """The methods there are, for `Allow`."""
        return ", ".join(sorted({*self.routes, *(("HEAD",) if "GET" in self.routes else ())}))


class Router:
    """The routes of one product."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.strip("/").split("/"):
            name = segment[1:-1] if segment.startswith("{") else ""
            node = node.children.setdefault("*" if name else segment, _Node(name=name))
        node.routes[route.method] = route

    def find(self, path: str) -> Found | None:
        """The routes at a raw path; `None` where there is nothing, or its account is no SID."""
        if path.endswith(SUFFIX):
            path = path[: -len(SUFFIX)]
        node, params = self._root, {}
        for segment in path[1:].split("/"):
            child = node.children.get(segment)
            if child is None:
                child = node.children.get("*")
                if child is None or not segment:
                    return None
                params[child.name] = unquote(segment) if "%" in segment else segment
            node = child
        if not node.routes or not is_sid(params.get("AccountSid", _NO_ACCOUNT), "AC"):
            return None
        return Found(node.routes, params)


_NO_ACCOUNT: Final = "AC" + "0" * 32
"""Stands in for the account of paths that name none."""
