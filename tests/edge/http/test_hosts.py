"""Which product a Host or a path names."""

import pytest

from mockserver.edge.http.hosts import SHORT_NAMES, destination, product_of


@pytest.mark.parametrize("product", SHORT_NAMES)
def test_products_by_host_and_by_prefix(product: str) -> None:
    """The same place either way; the host wins over the path."""
    by_host = destination(f"{product}.twilio.com", "/v1/Things")
    assert by_host == destination("localhost:2010", f"/{product}/v1/Things")
    assert (by_host.product, by_host.path) == (product, "/v1/Things")
    assert by_host.domain == f"{product}.twilio.com"
    assert destination("lookups.twilio.com", f"/{product}/v1").product == "lookups"


@pytest.mark.parametrize(
    ("host", "product"),
    [
        ("api.twilio.com", "api"),
        ("Api.Twilio.Com:8443", "api"),
        ("api.us1.twilio.com", "api"),
        ("messaging.sydney.au1.twilio.com.", "messaging"),
        ("www.twilio.com", "www"),
        ("twilio.com", ""),
        ("a.b.c.d.twilio.com", ""),
        ("api.twilio.com.evil.test", ""),
        ("eviltwilio.com", ""),
        ("api.twilio.com\n", ""),
        ("", ""),
    ],
)
def test_the_product_of_a_host(host: str, product: str) -> None:
    """`product[.edge][.region].twilio.com`, in any case, with a port or a final dot."""
    assert product_of(host) == product


@pytest.mark.parametrize("path", ["/", "", "/v1/Services", "/api", "/2010-04-01", "/lookups/v1"])
def test_nothing_is_guessed(path: str) -> None:
    """Without host and prefix a request is for no product."""
    assert destination("localhost", path).product == ""
