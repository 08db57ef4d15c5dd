"""Where callbacks are called instead of where they are addressed to.

Two kinds of entries. A URL leads what is below it to another URL. A host stands in for another, at
the same port and path, where that refuses the connection: a server in a container does not find on
`localhost` what listens outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from mockserver.edge.http.place import Place, is_loopback, read_host, take_apart
from mockserver.world.ports import Unreachable

FORM: Final = (
    "https://app.example.com=http://localhost:3000 leads one address to another, "
    "localhost=host.docker.internal names a host to try where a connection is refused"
)

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WebhookMap:
    """Its entries; the first that fits decides."""

    urls: tuple[tuple[Place, Place], ...] = ()
    """What is under the first is called under the second."""
    hosts: tuple[tuple[str, str], ...] = ()

    def before(self, other: "WebhookMap") -> "WebhookMap":
        """These, and then the other ones."""
        return WebhookMap(self.urls + other.urls, self.hosts + other.hosts)

    def lead(self, place: Place) -> Place:
        """Where a place is called; the very same where no entry fits."""
        for start, goal in self.urls:
            base = start.path.rstrip("/")
            rest = place.path.removeprefix(base)
            if start.origin == place.origin and place.path == base + rest and rest[:1] in ("", "/"):
                path = goal.path.rstrip("/") + rest or "/"
                return replace(goal, path=path, query=place.query, login=place.login)
        return place

    def spare(self, place: Place) -> tuple[Place, ...]:
        """Where else it is looked for, in this order."""
        return tuple(replace(place, host=goal) for start, goal in self.hosts if _is(place, start))


def _is(place: Place, host: str) -> bool:
    same = place.host.rstrip(".") == host.rstrip(".")
    return same or (host == "localhost" and is_loopback(place.host))


def read_map(pairs: Pairs) -> WebhookMap:
    """Pairs of http URLs, or of hosts; raises ValueError for others.

    A URL covers itself and what is below its path: `https://app.example/hooks` covers
    `https://app.example/hooks/sms?x=1`, not `https://app.example/hooks2`. Where several do, the
    longest path decides. The host `localhost` covers all of loopback.
    """
    urls, hosts = [], []
    for start, goal in pairs:
        if "://" in start and "://" in goal:
            urls.append((_read_url(start), _read_url(goal)))
        elif "://" in start + goal:
            raise ValueError(f"{start}={goal} is one of each; {FORM}")
        else:
            hosts.append((_read_host(start), _read_host(goal)))
    urls.sort(key=lambda pair: -len(pair[0].path.rstrip("/")))
    return WebhookMap(tuple(urls), tuple(hosts))


def _read_url(url: str) -> Place:
    try:
        place = take_apart(url)
    except Unreachable as problem:
        raise ValueError(f"{problem.reason} {FORM}") from problem
    if place.query or place.login or "#" in url:
        raise ValueError(
            f"{url!r} has more than scheme, host, port and path; those of a callback's own URL "
            "are kept"
        )
    return place


def _read_host(text: str) -> str:
    """A host name, or an address in brackets or not."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return read_host(inner.lower(), text)
    except Unreachable:
        raise ValueError(f"{text!r} is not a host name; {FORM}") from None
