"""How a product names what is not there."""

import pytest

from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.product import Product
from mockserver.edge.http.routing import Router

SENT = "/messaging/v1/Services/MG1"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/Services/MG1", "/Services/MG1"),
        ("/v1/", "/"),
        ("/v1", "/v1"),
        ("/v10/Services", "/v10/Services"),
        ("/Services", "/Services"),
    ],
)
def test_without_the_version(path: str, named: str) -> None:
    """What stands behind it, and nothing of the prefix."""
    assert Product("messaging", "v1", Router(())).resource(SENT, path) == named


def test_methods_that_are_not_served() -> None:
    """The same everywhere, unless a product knows better."""
    assert Product("messaging", "v1", Router(())).not_allowed("/v1/Services").code == 20004


def test_paths_that_are_not_served() -> None:
    """The same everywhere, unless a product knows better."""
    assert Product("messaging", "v1", Router(())).unserved("/v1/Nowhere").code == 20404


def test_operations_in_the_journal() -> None:
    """By product, version and name; a product or a route may have none, or another."""

    async def handler(_: Call) -> Reply:
        return Reply(204)

    first = Route("GET", "/v1/Things", "ListThing", handler)
    second = Route("GET", "/v2/Things", "ListThing", handler, version="v2")
    things = Product("things", "v1", Router(()))
    assert [things.called(each) for each in (first, second)] == [
        "things.v1.ListThing",
        "things.v2.ListThing",
    ]
    assert Product("things", "", Router(())).called(first) == "things.ListThing"


def test_as_sent() -> None:
    """The v2010 API gives the whole path back."""
    product = Product("api", "v2010", Router(()), names_version=True)
    assert product.resource("/api/2010-04-01/x", "/2010-04-01/x") == "/api/2010-04-01/x"
