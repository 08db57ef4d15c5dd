"""What all kinds of members of a service's pool have in common: routes and handlers."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import msgspec

from mockserver.domain.pools import Member
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.messaging import services
from mockserver.edge.messaging.shared import FOLDER, ask, date, listed, reply
from mockserver.world.pools import Pool

SERVICE: Final = f"{services.ROOT}/{{Sid}}"

Document = dict[str, Any]


class Resource(msgspec.Struct, frozen=True):
    """One kind of member, as the API has it."""

    name: str
    """As in operations: `PhoneNumber`; with an s behind it in paths."""
    key: str
    """Of its list."""
    fits: Callable[[Member], bool]
    """Whether a member is of this kind."""
    add: Callable[[Call, Pool], Awaitable[Member]]
    """Puts one into the pool, as the request says."""
    render: Callable[[Call, Member], Document]

    def url(self, call: Call, member: Member) -> str:
        return f"{call.base_url}{self.path(member.service_sid)}/{member.sid}"

    def path(self, service_sid: str) -> str:
        return f"{services.ROOT}/{service_sid}/{self.name}s"


def routes(resource: Resource) -> tuple[Route, ...]:
    """Its four operations."""
    name, schema = resource.name, f"{FOLDER}/{resource.name}"
    every, one = f"{SERVICE}/{name}s", f"{SERVICE}/{name}s/{{Member}}"
    create, list_, fetch, delete = (partial(h, resource) for h in (_create, _list, _fetch, _delete))
    return (
        Route("POST", every, f"Create{name}", create, schema=schema),
        Route("GET", every, f"List{name}", list_, schema=schema),
        Route("GET", one, f"Fetch{name}", fetch, schema=schema),
        Route("DELETE", one, f"Delete{name}", delete),
    )


async def _create(resource: Resource, call: Call) -> Reply:
    member = await resource.add(call, _pool(call))
    return reply(201, resource.render(call, member))


async def _list(resource: Resource, call: Call) -> Reply:
    pool, asked = _pool(call), ask(call, f"List{resource.name}")
    only = asked.filters.get("IsoCountryCode", "").upper()
    found = pool.page(
        call.account,
        asked.page,
        lambda each: resource.fits(each) and only in ("", each.country),
    )
    path = resource.path(pool.service.sid)
    return listed(call, path, resource.key, asked, found, resource.render)


async def _fetch(resource: Resource, call: Call) -> Reply:
    return reply(200, resource.render(call, _find(resource, call, _pool(call))))


async def _delete(resource: Resource, call: Call) -> Reply:
    pool = _pool(call)
    await pool.leave(_find(resource, call, pool))
    return Reply(204)


def _pool(call: Call) -> Pool:
    """Of the service that the path names, or 20404."""
    return Pool(call.sandbox, services.find(call))


def _find(resource: Resource, call: Call, pool: Pool) -> Member:
    """The member that the path names, or 20404."""
    member = pool.find(call.account, call.params["Member"])
    if member is None or not resource.fits(member):
        raise call.missing()
    return member


def common(call: Call, member: Member) -> Document:
    """The first fields of all but channel senders. Key order: captured answers."""
    return {
        "sid": member.sid,
        "account_sid": member.account_sid,
        "service_sid": member.service_sid,
        "date_created": date(call, member.created_at),
        "date_updated": date(call, member.updated_at),
    }
