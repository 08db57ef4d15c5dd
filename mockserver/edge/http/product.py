"""One Twilio host as the front knows it: its operations, and how it speaks of them."""

from collections.abc import Callable, Mapping

import msgspec

from mockserver.domain.errors import METHOD_NOT_ALLOWED, NOT_FOUND, Problem, TwilioError
from mockserver.edge.http.call import Reply, Route
from mockserver.edge.http.refusals import refusal
from mockserver.edge.http.routing import Router


def _not_allowed(_: str) -> Problem:
    return METHOD_NOT_ALLOWED


def _not_found(_: str) -> Problem:
    return NOT_FOUND


Login = Callable[[bytes, Mapping[str, str]], str]
"""Who a body, with its headers, says that it is from, as an `Authorization`.

"" where it says nothing. May raise `TwilioError`.
"""


def _as_sent(body: bytes, _: Mapping[str, str]) -> bytes:
    return body


class Product(msgspec.Struct, frozen=True):
    """What is served of `{name}.twilio.com`."""

    name: str
    version: str
    """As operations are named in the journal: `v2010`, `v1`; "" where there is none."""
    router: Router[Route]
    names_version: bool = False
    """Whether the text of a 404 gives a path as it was sent.

    Else it begins behind the version: `/Services/MG…`.
    """

    refusal: Callable[[TwilioError, bool], Reply] = refusal
    """A `TwilioError` as its answer, and whether an operation was found."""
    json: bool = False
    """Whether bodies are JSON, not forms."""
    not_allowed: Callable[[str], Problem] = _not_allowed
    """What a path answers whose method is not served."""
    unserved: Callable[[str], Problem] = _not_found
    """What a path answers that is not served at all."""
    login: Login | None = None
    """Reads credentials from bodies. With it, whoever brings none is the first account there is,
    but for a server with strict accounts."""
    kept: Callable[[bytes, Mapping[str, str]], bytes] = _as_sent
    """The beginning of a body, and headers, as the journal may keep it: without secrets."""

    def called(self, route: Route) -> str:
        """An operation as the journal names it: `api.v2010.CreateMessage`."""
        version = route.version or self.version
        named = f"{self.name}.{version}" if version else self.name
        return f"{named}.{route.operation}"

    def resource(self, sent: str, path: str) -> str:
        """What the text of a 404 calls the path that was `sent`; `path` is the product's own."""
        if self.names_version:
            return sent
        version = f"/{self.version}"
        return path[len(version) :] if path.startswith(f"{version}/") else path


Loader = Callable[[], Product]
"""Imports a product when somebody first asks for it."""
