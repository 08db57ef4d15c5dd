"""Which operation a path means: a tree of path segments, so that every route costs the same.

aiohttp's own router tries one after another all routes that share their literal beginning, and
nearly all of ours begin with `/2010-04-01/Accounts/`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar
from urllib.parse import unquote

import msgspec

from mockserver.domain.sids import is_sid


class Routed(Protocol):
    """An operation at a method and a path."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routed)

SUFFIX: Final = ".json"

ANY: Final = "/"
"""Stands for a placeholder among a node's children: no segment of a path is equal to it."""


@dataclass(slots=True)
class _Node(Generic[R]):
    children: dict[str, "_Node[R]"] = field(default_factory=dict)
    routes: dict[str, R] = field(default_factory=dict)
    """By method."""
    name: str = ""
    """The placeholder that the segment fills; "" for a literal one."""


class Found(msgspec.Struct, Generic[R], frozen=True):
    """What a path leads to."""

    routes: dict[str, R]
    params: dict[str, str]

    def route(self, method: str) -> R | None:
        """The route for a method; HEAD is GET without its body."""
        return self.routes.get("GET" if method == "HEAD" else method)

    @property
    def allow(self) -> str:
        """The methods there are, for `Allow`."""
        return ", ".join(sorted({*self.routes, *(("HEAD",) if "GET" in self.routes else ())}))


class Router(Generic[R]):
    """The routes of one product."""

    def __init__(
        self,
        routes: Iterable[R],
        suffix: str = SUFFIX,
        later: Callable[[], Iterable[R]] | None = None,
        *,
        any_case: bool = False,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """`suffix` may end a path and means nothing; "" where there is none.

        `later` loads the seldom asked of the routes, when a path leads to none of the others.
        With `any_case` the words of a path may be written in any; `aliases` are other names of
        first segments: `{"preview": "v1"}`.
        """
        self._root: _Node[R] = _Node()
        self._routes: list[R] = []
        self._suffix, self._later, self._any_case = suffix, later, any_case
        self._extend(routes)
        for other, segment in (aliases or {}).items():
            self._root.children[other] = self._root.children[segment]

    @property
    def routes(self) -> Sequence[R]:
        """All of them."""
        self._load()
        return self._routes

    def _load(self) -> bool:
        """Load what is left; whether there was anything."""
        if self._later is None:
            return False
        later, self._later = self._later, None
        self._extend(later())
        return True

    def _extend(self, routes: Iterable[R]) -> None:
        for route in routes:
            self._add(route)
            self._routes.append(route)

    def _add(self, route: R) -> None:
        node = self._root
        for segment in route.path.strip("/").split("/"):
            name = segment[1:-1] if segment.startswith("{") else ""
            segment = segment.lower() if self._any_case else segment
            node = node.children.setdefault(ANY if name else segment, _Node(name=name))
        node.routes[route.method] = route

    def find(self, path: str) -> Found[R] | None:
        """The routes at a raw path; `None` where there is nothing, or its account is no SID."""
        found = self._find(path)
        return self._find(path) if found is None and self._load() else found

    def _find(self, path: str) -> Found[R] | None:
        suffix = self._suffix
        if suffix and path.endswith(suffix):
            path = path[: -len(suffix)]
        node, params = self._root, {}
        for segment in path[1:].split("/"):
            child = node.children.get(segment)
            if child is None:
                child = node.children.get(segment.lower()) if self._any_case else None
                child = child or node.children.get(ANY)
                if child is None or not segment:
                    return None
                if child.name:
                    params[child.name] = unquote(segment) if "%" in segment else segment
            node = child
        account_sid = params.get("AccountSid")
        if not node.routes or (account_sid is not None and not is_sid(account_sid, "AC")):
            return None
        return Found(node.routes, params)
