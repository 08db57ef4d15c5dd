"""A URL taken apart; more of it in the tests of what is aimed at."""

import pytest

from mockserver.edge.http.place import is_literal, is_loopback, take_apart


@pytest.mark.parametrize(
    ("host", "literal", "loopback"),
    [
        ("localhost", False, True),
        ("localhost.", False, True),
        ("app.localhost", False, True),
        ("notlocalhost", False, False),
        ("127.0.0.1", True, True),
        ("127.9.9.9", True, True),
        ("::1", True, True),
        ("::ffff:127.0.0.1", True, True),
        ("10.0.0.1", True, False),
        ("::ffff:10.0.0.1", True, False),
        ("fd00::1", True, False),
        ("127.0.0.1.example", False, False),
    ],
)
def test_what_is_this_machine(host: str, literal: bool, loopback: bool) -> None:
    """Names and addresses; what a name stands for is not looked up."""
    assert (is_literal(host), is_loopback(host)) == (literal, loopback)


def test_a_place_is_written_as_it_was_read() -> None:
    """Host and port as in the URL for the `Host` header; scheme and default port make an origin."""
    place = take_apart("https://u:p%40@APP.test:443/a%20b?q=1#rc=2")
    assert (place.written, place.host, place.login) == ("APP.test:443", "app.test", "u:p@")
    assert place.origin == take_apart("https://app.test").origin
    assert place.text() == "https://app.test:443/a%20b?q=1"
