"""A target has one reading, or none."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.edge.http.hosts import is_twilios
from mockserver.edge.proxy.target import Refused, Target, read_target


@pytest.mark.parametrize(
    ("authority", "host", "port"),
    [
        ("example.com:443", "example.com", 443),
        ("EXAMPLE.com.:1", "example.com", 1),
        ("127.0.0.1:65535", "127.0.0.1", 65_535),
        ("[::1]:80", "::1", 80),
        ("[FE80::1]:80", "fe80::1", 80),
        ("my_host-1:8080", "my_host-1", 8_080),
    ],
)
def test_it_is_read(authority: str, host: str, port: int) -> None:
    """Lower case, without brackets and the dot at the end."""
    assert read_target(authority) == Target(host, port)


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        ("example.com", "not a host and a port"),
        ("example.com:", "not a host and a port"),
        ("example.com:99999", "not a host and a port"),
        ("a\r\nb:1", "not a host and a port"),
        ("[fe80::1%eth0]:1", "not a host and a port"),
        ("0x7f.1:1", "four numbers"),
        ("-a:1", "not a host name"),
        ("x" * 300 + ":1", "not a host name"),
    ],
)
def test_it_is_refused(authority: str, said: str) -> None:
    """With a sentence on one line, which becomes part of the status line."""
    with pytest.raises(Refused, match=said) as refused:
        read_target(authority)
    assert refused.value.status == 400
    assert "\r" not in refused.value.said
    assert "\n" not in refused.value.said


def test_a_usual_port_stands_in() -> None:
    """A URL need not name it."""
    assert read_target("example.com", 80) == Target("example.com", 80)
    assert read_target("example.com:81", 80).port == 81


@pytest.mark.parametrize("text", ["example.com:443", "[::1]:80", "10.0.0.1:3128"])
def test_it_is_written_as_it_is_read(text: str) -> None:
    """As the next proxy wants it."""
    assert read_target(text).authority == text


@pytest.mark.parametrize(
    ("host", "literal"), [("10.0.0.1", True), ("::1", True), ("a.b", False), ("localhost", False)]
)
def test_an_address_is_no_name(host: str, literal: bool) -> None:
    """It is judged without a look-up."""
    assert Target(host, 1).literal is literal


@given(st.text(string.printable + "äß。．ⓐ", max_size=30))
def test_whatever_is_taken_is_plain(text: str) -> None:
    """Nothing that a look-up could read as another name: no dots that are none, no escapes."""
    try:
        target = read_target(text, 443)
    except Refused:
        return
    assert set(target.host) <= set(string.ascii_lowercase + string.digits + "-_.:")
    assert not target.host.endswith(".")
    assert 0 < target.port < 65_536


@given(st.lists(st.sampled_from(["api", "x", "a-b", "A"]), max_size=4), st.booleans())
def test_whatever_is_below_twilio_is_twilios(labels: list[str], dot: bool) -> None:
    """Served or not: it never leaves."""
    authority = ".".join([*labels, "tWilio.Com"]) + "." * dot
    assert is_twilios(read_target(authority, 443).host)


@pytest.mark.parametrize("host", ["nottwilio.com", "twilio.com.evil.example", "twilio.co", "com"])
def test_what_only_looks_like_it_is_not(host: str) -> None:
    """Another company's."""
    assert not is_twilios(host)
