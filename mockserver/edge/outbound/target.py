"""From a callback URL to the place that is connected to, checked on the way."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin

from yarl import URL

from mockserver.domain.overrides import parse
from mockserver.edge.http.place import Place, is_literal, refuse, take_apart
from mockserver.edge.http.webhook_map import WebhookMap
from mockserver.edge.outbound.policy import Policy
from mockserver.world.ports import Outlying

NOWHERE_ELSE: Final = WebhookMap()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request says it goes, and where it really goes."""

    place: Place
    called: Place
    """The very same as `place`, unless the webhook map leads elsewhere."""
    url: URL
    """`called`, for the session."""
    spare: tuple[Place, ...] = ()
    """Where it is called instead, one after the other, should `called` refuse the connection."""
    sni: bool = True
    """Whether TLS begins with the server's name."""
    certified: str = ""
    """The name that a certificate must have; "" for the host that is called."""

    @property
    def mapped(self) -> bool:
        """Whether it goes elsewhere than it says."""
        return self.called is not self.place


def aim(url: str, policy: Policy, routes: WebhookMap = NOWHERE_ELSE) -> Target:
    """Find out where a URL leads, and check what can be checked before a name is looked up.

    Raises `Unreachable` with code 11100 (not an http URL), 21609 (`_` in the host name, as Twilio
    refuses it) or 11200 (an address that the policy refuses; `Outlying` where it could be allowed).
    """
    place = take_apart(url)
    if "_" in place.host:
        refuse(21609, f"Twilio makes no callbacks to a host name with an underscore: {place.host}")
    called = routes.lead(place)
    _check(called, policy)
    address = URL(called.text(), encoded=True)
    return Target(place, called, address, routes.spare(called), parse(url).sni)


def detour(target: Target, place: Place, policy: Policy) -> Target:
    """The same target, called at one of its spare places; raises as `aim`."""
    _check(place, policy)
    address = URL(place.text(), encoded=True)
    return replace(target, called=place, url=address, spare=(), certified=target.called.host)


def with_query(target: Target, query: str) -> Target:
    """The same target with `query` (encoded) after what is there."""
    place = _extended(target.place, query)
    called = _extended(target.called, query) if target.mapped else place
    spare = tuple(_extended(each, query) for each in target.spare)
    address = URL(called.text(), encoded=True)
    return replace(target, place=place, called=called, url=address, spare=spare)


def redirected(target: Target, location: str) -> str:
    """The absolute URL that a `Location` means, seen from `target`; raises as `take_apart`."""
    try:
        return urljoin(target.place.text(), location)
    except ValueError:
        refuse(11100, "A redirect leads to what is no URL.")


def _check(place: Place, policy: Policy) -> None:
    """Judge an address; a name is judged once it is looked up."""
    if is_literal(place.host) and (verdict := policy.judge(place.host, place.host)):
        if not policy.never(place.host):
            raise Outlying(verdict, place.host)
        refuse(11200, verdict)


def _extended(place: Place, query: str) -> Place:
    return replace(place, query=f"{place.query}&{query}" if place.query else query)
