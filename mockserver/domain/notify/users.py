"""Users of a Notify Service: whom identities stand for, and the segments they are in."""

import msgspec
from msgspec.structs import replace


class User(msgspec.Struct, frozen=True, gc=False):
    """One user; the first binding of an identity makes it, or a request of its own."""

    sid: str
    account_sid: str
    service_sid: str
    identity: str
    segments: tuple[str, ...] = ()
    """Names, in the order in which the user joined."""
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0


def joined(user: User, segment: str, at: int) -> User:
    """The user as a member of one more segment."""
    return replace(user, segments=(*user.segments, segment), updated_at=at)


def left(user: User, segment: str, at: int) -> User:
    """The user without a segment."""
    kept = tuple(name for name in user.segments if name != segment)
    return replace(user, segments=kept, updated_at=at)
