"""Access tokens of OAuth apps: JWTs that a client gets for its credentials, and shows as `Bearer`.

Signed with the client's secret, so nothing has to be kept of them: a token is good for an hour of
the sandbox's clock, after a restart too, and for as long as its client has that secret. Of the
claims Twilio publishes none; that `act.sub` is the account is what its own samples read.
"""

from typing import TYPE_CHECKING, Annotated, Final

import jwt
import msgspec

from mockserver.domain.message import SECOND

if TYPE_CHECKING:
    from jwt.types import Options

LIFETIME: Final = 3_600
"""Seconds. Source: Twilio's "OAuth Token API"."""

_ALGORITHM: Final = "HS256"

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Of the epoch, up to the year 9999, behind which there are no dates."""

_TIMELESS: "Final[Options]" = {"verify_exp": False, "verify_iat": False}
"""The library would ask the wall clock."""


class Claims(msgspec.Struct, frozen=True, array_like=True):
    """What a token says of itself, true or not."""

    client_id: str
    account_sid: str
    until: int
    """Microseconds."""


def issue(client_id: str, account_sid: str, secret: str, now: int) -> str:
    """A token for an account, from `now` (microseconds) on."""
    seconds = now // SECOND
    claims = {
        "iss": "https://oauth.twilio.com",
        "sub": client_id,
        "act": {"sub": account_sid},
        "iat": seconds,
        "exp": seconds + LIFETIME,
    }
    return jwt.encode(claims, _key(secret), _ALGORITHM)


def claims_of(token: str) -> Claims | None:
    """What an access token claims; nothing for what is none."""
    try:
        said = jwt.decode(token, options={"verify_signature": False})
        until = msgspec.convert(said["exp"], _Seconds) * SECOND
        return msgspec.convert((said["sub"], said["act"]["sub"], until), Claims)
    except (jwt.InvalidTokenError, LookupError, TypeError, ValueError):
        return None


def is_signed(token: str, secret: str) -> bool:
    """Whether who holds the secret has issued the token; how old it is, is not asked."""
    try:
        jwt.decode(token, _key(secret), [_ALGORITHM], options=_TIMELESS)
    except jwt.InvalidTokenError:
        return False
    return True


def _key(secret: str) -> bytes:
    """Of the length that the algorithm wants, however short the secret is."""
    return secret.encode().ljust(32, b"\0")
