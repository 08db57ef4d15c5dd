"""How a product names what is not there."""

import pytest

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


def test_as_sent() -> None:
    """The v2010 API gives the whole path back."""
    product = Product("api", "v2010", Router(()), names_version=True)
    assert product.resource("/api/2010-04-01/x", "/2010-04-01/x") == "/api/2010-04-01/x"
