"""`/v1/Services/{IS}/Users`: whom identities stand for. Left out of the description since 2018."""

from typing import Final

from mockserver.domain.notify.users import User
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify.shared import (
    FOLDER,
    SERVICE,
    SERVICES,
    USER,
    Document,
    answers_again,
    ask,
    date,
    find_service,
    find_user,
    listed,
    read,
    reply,
    user_path,
)
from mockserver.world.notify.bindings import Bindings
from mockserver.world.notify.users import Users

KIND: Final = "User"


async def create(call: Call) -> Reply:
    """Make a user; 52304 for an identity that has one, and its first binding made one."""
    users = Users(call.sandbox, find_service(call))
    form = read(call, "CreateUser", KIND)
    known = users.table.named(form["Identity"])
    if known is not None and answers_again(call):
        return reply(200, render(call, known))
    return reply(201, render(call, await users.create(form["Identity"], form.get("Segment", ()))))


async def list_(call: Call) -> Reply:
    """The service's users, newest first, a page at a time."""
    service = find_service(call)
    asked = ask(call, "ListUser", KIND)
    identities, segments = (asked.filters.get(name, ()) for name in ("Identity", "Segment"))
    found = Users(call.sandbox, service).page(asked.page, identities, segments)
    return listed(call, f"{SERVICES}/{service.sid}/Users", "users", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One user, by identity or SID."""
    return reply(200, render(call, find_user(call, Users(call.sandbox, find_service(call)))))


async def delete(call: Call) -> Reply:
    """Forget a user; 52306 for one with bindings."""
    service = find_service(call)
    users = Users(call.sandbox, service)
    await users.delete(find_user(call, users), Bindings(call.sandbox, service).table)
    return Reply(204)


ROOT: Final = f"{SERVICE}/Users"
SCHEMA: Final = f"{FOLDER}/User"

ROUTES: Final = (
    Route("POST", ROOT, "CreateUser", create, schema=SCHEMA),
    Route("GET", ROOT, "ListUser", list_, schema=SCHEMA),
    Route("GET", USER, "FetchUser", fetch, schema=SCHEMA),
    Route("DELETE", USER, "DeleteUser", delete),
)


# Rendering


def render(call: Call, user: User) -> Document:
    """A user as the official Python library of early 2018 has it in its tests."""
    url = f"{call.base_url}{user_path(user.service_sid, user.identity)}"
    return {
        "sid": user.sid,
        "account_sid": user.account_sid,
        "service_sid": user.service_sid,
        "identity": user.identity,
        "date_created": date(user.created_at),
        "date_updated": date(user.updated_at),
        "segments": list(user.segments),
        "url": url,
        "links": {
            "bindings": f"{url}/Bindings",
            "segment_memberships": f"{url}/SegmentMemberships",
        },
    }
