"""How the module says that something is wrong: by a type, a sentence and a status."""

from collections.abc import Mapping
from typing import Final

from mockserver.domain.errors import (
    HALF_A_LOGIN,
    ILL_TYPED,
    MALFORMED,
    METHOD_NOT_ALLOWED,
    NO_CREDENTIALS,
    NO_SERVICE_SID,
    Problem,
    TwilioError,
)
from mockserver.edge.http.call import Reply
from mockserver.edge.http.refusals import reply

TYPES: Final[Mapping[Problem, str]] = {
    ILL_TYPED: "ArgumentError",
    MALFORMED: "ArgumentError",
    NO_SERVICE_SID: "ConfigurationError",
    HALF_A_LOGIN: "ConfigurationError",
    NO_CREDENTIALS: "ConfigurationError",
    METHOD_NOT_ALLOWED: "NotFound",
}
"""Of what the module itself refuses; the names are ours."""

NOT_FOUND: Final = "NotFound"
"""There is no such operation."""

TOO_MANY: Final = 429
"""Has a `Retry-After`, in seconds, as Notify's own has."""

BY_NOTIFY: Final = "TwilioError"
"""All else is what Notify refuses, in its own words."""


def refusal(error: TwilioError, found: bool) -> Reply:
    """The object that a call returns when it fails."""
    kind = TYPES.get(error.problem, BY_NOTIFY) if found else NOT_FOUND
    more = (("Retry-After", "1"),) if error.status == TOO_MANY else ()
    return reply(error, {"type": kind, "error": error.message, "status": error.status}, *more)
