"""Which product a Host or a path names."""

import pytest

from mockserver.edge.http.hosts import (
    CDN,
    SHORT_NAMES,
    Destination,
    destination,
    names,
    product_of,
)


@pytest.mark.parametrize("product", SHORT_NAMES)
def test_products_by_host_and_by_prefix(product: str) -> None:
    """The same place either way; the host wins over the path."""
    by_host = destination(f"{product}.twilio.com", "/v1/Things")
    assert by_host == destination("localhost:2010", f"/{product}/v1/Things")
    assert (by_host.product, by_host.path) == (product, "/v1/Things")
    assert by_host.domain == f"{product}.twilio.com"
    assert destination("lookups.twilio.com", f"/{product}/v1").product == "lookups"


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("//2010-04-01/Accounts.json", "/2010-04-01/Accounts.json"),
        ("///2010-04-01/Accounts.json", "/2010-04-01/Accounts.json"),
        ("//", "/"),
        ("/2010-04-01/Accounts//Messages.json", "/2010-04-01/Accounts//Messages.json"),
    ],
)
def test_slashes_before_a_path_are_one_on_the_api_host(path: str, seen: str) -> None:
    """So that a host with a slash at its end may be put before a `next_page_uri`; none within."""
    assert destination("api.twilio.com", path).path == seen
    assert destination("localhost:2010", "//2010-04-01/Accounts.json").product == ""


@pytest.mark.parametrize(
    ("host", "product"),
    [
        ("api.twilio.com", "api"),
        ("Api.Twilio.Com:8443", "api"),
        ("api.us1.twilio.com", "api"),
        ("messaging.sydney.au1.twilio.com.", "messaging"),
        ("mms.twiliocdn.com", CDN),
        ("Media.TwilioCDN.com:443", CDN),
        ("other.twiliocdn.com", ""),
        ("mms.dublin.twiliocdn.com", ""),
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


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("localhost:2010", "/twiliocdn/AC1/hash"),
        ("api.twilio.com", "/twiliocdn/AC1/hash"),
        ("messaging.twilio.com", "/twiliocdn/AC1/hash"),
        ("mms.twiliocdn.com", "/twiliocdn/AC1/hash"),
        ("mms.twiliocdn.com", "/AC1/hash"),
        ("media.twiliocdn.com", "/AC1/hash"),
    ],
)
def test_media_content(host: str, path: str) -> None:
    """The CDN's hosts, and its short name at any host, lead to the api product."""
    assert destination(host, path) == Destination("api", "/twiliocdn/AC1/hash", "api.twilio.com")


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("events-schemas.twilio.com", "/ErrorLogs.Error/2"),
        ("localhost:2010", "/events-schemas/ErrorLogs.Error/2"),
    ],
)
def test_schemas_of_events(host: str, path: str) -> None:
    """Their host, and its short name at no host of Twilio's, lead to the events product."""
    assert destination(host, path) == Destination(
        "events", "/events-schemas/ErrorLogs.Error/2", "events-schemas.twilio.com"
    )
    assert destination("lookups.twilio.com", path).product == "lookups"
    assert destination("localhost:2010", "/events-schemas").product == ""


def test_products_that_are_not_served_are_named() -> None:
    """A base URL with the short name of one leads to where Twilio has it; to no other."""
    found = Destination("verify", "/v2/Services", "verify.twilio.com")
    assert destination("localhost:2010", "/verify/v2/Services") == found
    assert destination("verify.twilio.com", "/v2/Services") == found


def test_the_module_that_calls_notify() -> None:
    """It has a path at no host of Twilio's, and none of them is its own."""
    found = Destination("twilionotify", "/send", "twilionotify")
    assert destination("localhost:2010", "/twilionotify/send") == found
    assert destination("notify.twilio.com", "/twilionotify/send").product == "notify"
    assert destination("twilionotify.twilio.com", "/send").product == ""
    assert destination("localhost:2010", "/twilionotify").product == ""


@pytest.mark.parametrize(
    "path", ["/", "", "/v1/Services", "/twiliocdn", "/api", "/2010-04-01", "/lookup/v1", "/verify"]
)
def test_nothing_is_guessed(path: str) -> None:
    """Without host and prefix a request is for no product."""
    assert destination("localhost", path).product == ""


@pytest.mark.parametrize(
    ("host", "path", "hosts", "paths"),
    [
        (
            "localhost:2010",
            "/notify/v1/Services",
            ("localhost:2010", "notify.twilio.com"),
            ("/notify/v1/Services", "/v1/Services"),
        ),
        ("notify.twilio.com", "/v1/Services", ("notify.twilio.com",), ("/v1/Services",)),
        ("api.ie1.twilio.com", "/2010-04-01/x", ("api.ie1.twilio.com",), ("/2010-04-01/x",)),
        ("localhost", "/v1/Services", ("localhost",), ("/v1/Services",)),
    ],
)
def test_what_a_request_may_be_called_by(
    host: str, path: str, hosts: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    """As it was sent, and as Twilio has it; a host of Twilio's is no other one."""
    assert names(host, path, destination(host, path)) == (hosts, paths)
