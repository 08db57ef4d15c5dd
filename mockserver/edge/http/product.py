"""One Twilio host as the front knows it: its operations, and how it speaks of them."""

from collections.abc import Callable

import msgspec

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.call import Reply, Route
from mockserver.edge.http.refusals import refusal
from mockserver.edge.http.routing import Router


class Product(msgspec.Struct, frozen=True):
    """What is served of `{name}.twilio.com`."""

    name: str
    version: str
    """As operations are named in the journal: `v2010`, `v1`."""
    router: Router[Route]
    names_version: bool = False
    """Whether the text of a 404 gives a path as it was sent.

    Else it begins behind the version: `/Services/MG…`.
    """

    refusal: Callable[[TwilioError, bool], Reply] = refusal
    """A `TwilioError` as its answer, and whether an operation was found."""
    json: bool = False
    """Whether bodies are JSON, not forms."""

    def resource(self, sent: str, path: str) -> str:
        """What the text of a 404 calls the path that was `sent`; `path` is the product's own."""
        if self.names_version:
            return sent
        version = f"/{self.version}"
        return path[len(version) :] if path.startswith(f"{version}/") else path


Loader = Callable[[], Product]
"""Imports a product when somebody first asks for it."""
