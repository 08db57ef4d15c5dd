"""`/v1/Services/{IS}/Users/{identity}/SegmentMemberships`: users in segments."""

from typing import Final

from mockserver.domain.notify.users import User
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify.shared import (
    FOLDER,
    USER,
    Document,
    answers_again,
    find_service,
    find_user,
    quoted,
    read,
    reply,
    user_path,
)
from mockserver.world.notify.users import Users

KIND: Final = "SegmentMembership"


async def create(call: Call) -> Reply:
    """Put a user into a segment, which is made where there is none; 52305 for one who is in it."""
    users = Users(call.sandbox, find_service(call))
    user = find_user(call, users)
    segment = read(call, "CreateSegmentMembership", KIND)["Segment"]
    if segment in user.segments and answers_again(call):
        return reply(200, render(call, user, segment))
    await users.join(user, segment)
    return reply(201, render(call, user, segment))


async def fetch(call: Call) -> Reply:
    """A user's membership, or 20404."""
    user, segment = _find(call, Users(call.sandbox, find_service(call)))
    return reply(200, render(call, user, segment))


async def delete(call: Call) -> Reply:
    """Take a user out of a segment; the segment stays."""
    users = Users(call.sandbox, find_service(call))
    await users.leave(*_find(call, users))
    return Reply(204)


ROOT: Final = f"{USER}/SegmentMemberships"
ONE: Final = f"{ROOT}/{{Segment}}"
SCHEMA: Final = f"{FOLDER}/SegmentMembership"

ROUTES: Final = (
    Route("POST", ROOT, "CreateSegmentMembership", create, schema=SCHEMA),
    Route("GET", ONE, "FetchSegmentMembership", fetch, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteSegmentMembership", delete),
)


def _find(call: Call, users: Users) -> tuple[User, str]:
    """The user that the path names, who is in the segment that it names; or 20404."""
    user, segment = find_user(call, users), call.params["Segment"]
    if segment not in user.segments:
        raise call.missing()
    return user, segment


def render(call: Call, user: User, segment: str) -> Document:
    """A membership as the official Python library of early 2018 has it in its tests."""
    path = f"{user_path(user.service_sid, user.identity)}/SegmentMemberships/{quoted(segment)}"
    return {
        "account_sid": user.account_sid,
        "service_sid": user.service_sid,
        "identity": user.identity,
        "segment": segment,
        "url": f"{call.base_url}{path}",
    }
