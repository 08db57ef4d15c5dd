"""Which addresses callbacks may go to."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.edge.outbound.policy import Policy, unwrap

OPEN = [
    "127.0.0.1",
    "127.255.255.255",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::",
]
CLOSED = [
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.2.1",
    "198.51.100.7",
    "255.255.255.255",
    "224.0.0.1",
    "2001:4860:4860::8888",
    "ff02::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "::ffff:0:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "::ffff:0.0.0.0",
]


@pytest.mark.parametrize("address", OPEN)
def test_loopback_and_private_addresses_are_called(address: str) -> None:
    """Without any setting, in every way of writing them."""
    assert Policy().judge("app.test", address) == ""


@pytest.mark.parametrize("address", CLOSED)
def test_other_addresses_need_the_flag(address: str) -> None:
    """The refusal names the flag with the host to be allowed; `*` allows every host."""
    assert "`--webhook-allow app.test`" in Policy().judge("app.test", address)
    assert Policy(["*"]).judge("app.test", address) == ""


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called(address: str) -> None:
    """Whatever is allowed: link-local, cloud metadata, unspecified; embedded in IPv6 too."""
    allowed = ["*", "app.test", address.partition("%")[0], "169.254.0.0/16", "::/0", "0.0.0.0/0"]
    verdict = Policy(allowed).judge("app.test", address)
    assert "never" in verdict
    assert "--webhook-allow" not in verdict


@pytest.mark.parametrize(
    "entry", ["app.example", "APP.example.", "203.0.113.9", "203.0.113.0/24", "203.0.113.77/24"]
)
def test_a_host_an_address_and_a_network_can_be_allowed(entry: str) -> None:
    """What is named is called, and nothing else is."""
    policy = Policy([entry])
    assert policy.judge("app.example", "203.0.113.9") == ""
    assert policy.judge("other.example", "198.51.100.1") != ""


def test_an_ipv6_network_can_be_allowed() -> None:
    """With or without brackets, as URLs write it."""
    assert Policy(["[2001:db8::7]"]).judge("a.example", "2001:db8::7") == ""
    assert Policy(["2001:db8::/32"]).judge("a.example", "2001:db8:1::7") == ""


def test_a_network_that_cannot_be_read_is_refused() -> None:
    """A slip in the flag is told at the start, not at the first callback."""
    with pytest.raises(ValueError, match=r"203\.0\.113\.0/99"):
        Policy(["203.0.113.0/99"])


def test_what_is_no_address_is_not_called() -> None:
    """A resolver may hand out anything."""
    assert "not an IP address" in Policy(["*"]).judge("app.test", "somewhere")


@given(st.ip_addresses(v=4))
def test_an_address_in_ipv6_clothing_is_judged_as_itself(address: IPv4Address) -> None:
    """Mapped, NAT64 and 6to4 forms get the verdict of the IPv4 address inside."""
    plain = Policy().judge("h", str(address)).replace(str(address), "…")
    for form in (0xFFFF << 32, 0x64FF9B << 96):
        dressed = str(IPv6Address(form | int(address)))
        assert Policy().judge("h", dressed).replace(dressed, "…") == plain
    assert unwrap(IPv6Address(0x2002 << 112 | int(address) << 80)) == address


@given(st.ip_addresses())
def test_nothing_is_both_open_and_unnamed(address: IPv4Address | IPv6Address) -> None:
    """The verdict of an address does not depend on how the host is called."""
    policy = Policy()
    assert bool(policy.judge("a", str(address))) == bool(policy.judge("b", str(address)))
    assert unwrap(unwrap(ip_address(str(address)))) == unwrap(address)


@pytest.mark.parametrize("address", [*OPEN, *CLOSED])
def test_most_addresses_could_be_allowed(address: str) -> None:
    """By a setting, where they are not open anyway."""
    assert not Policy().never(address)


@pytest.mark.parametrize("address", [*NEVER, "no address"])
def test_some_never_could(address: str) -> None:
    """Whatever is allowed."""
    assert Policy(["*"]).never(address)


def test_hosts_allowed_by_name() -> None:
    """In any case of letters, with the dot at the end or without; not by an address."""
    policy = Policy(["Images.Example.com", "203.0.113.9"])
    assert policy.names("images.example.COM.")
    assert not policy.names("example.com")
    assert not policy.names("203.0.113.9")
    assert Policy(["*"]).names("example.com")
